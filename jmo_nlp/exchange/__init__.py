"""Files that other programs read and write: rows of suggestions, codings, wide tables."""
