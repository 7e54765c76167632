"""Parts of the classifier: what a codebook alone tells (`prior`), what labels tell (`learner`), their features."""
