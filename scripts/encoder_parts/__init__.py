"""Parts of build_encoder.py: the source format, the vocabulary, the graph, the model card."""
