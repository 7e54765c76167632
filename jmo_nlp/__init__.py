"""Codes for Indonesian interview transcripts: segments, suggestions with evidence, human review, agreement. Offline."""

__version__ = "0.1.0"
