"""What can go wrong, as exceptions whose text is shown to the user unchanged.

JmoError                 anything the user can act on; the command line prints it as one line and exits with status 1
├── TranscriptError      a transcript file cannot be read
├── CodebookError        a codebook file cannot be read, or contradicts itself
├── TableError           a table of texts or codings lacks what is needed
├── ModelError           an encoder or a trained model is missing, damaged or does not fit
├── CorpusError          a study folder or its database
└── ExchangeError        an export or an exchange file

A message names the thing, the place in it, and what to do. AgreementWarning is a warning, not an error: it says why a
coefficient is undefined. CodebookWarning says what of a codebook file was left out.
"""


class JmoError(Exception):
    """Something the user can act on."""


class TranscriptError(JmoError):
    """A transcript file cannot be read."""


class CodebookError(JmoError):
    """A codebook file cannot be read, or contradicts itself."""


class TableError(JmoError):
    """A table of texts or codings lacks what is needed."""


class ModelError(JmoError):
    """An encoder or a trained model is missing, damaged or does not fit."""


class CorpusError(JmoError):
    """A study folder or its database cannot be used."""


class ExchangeError(JmoError):
    """An export or an exchange file cannot be written or read."""


class AgreementWarning(UserWarning):
    """A coefficient is undefined; the text says why."""


class CodebookWarning(UserWarning):
    """Something in a codebook file was left out; the text says what."""
