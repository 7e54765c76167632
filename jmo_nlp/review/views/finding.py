"""Finding: a view of one code, search in the text, the list of transcripts."""

ROUTES = ()
