"""Sentence ends as the whole program finds them: by signs and near words, in long unmarked stretches by the context.

The segmentation itself knows no encoder; here it is given the shipped one, which is loaded when the first long stretch
without punctuation turns up, and whatever encoder embeds the segments. So a text is cut the same way everywhere.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from jmo_nlp import segmentation
from jmo_nlp.sentences import context
from jmo_nlp.sentences.rules import Span

if TYPE_CHECKING:
    from jmo_nlp.encoders import OnnxEncoder


def split_sentences(text: str) -> list[Span]:
    """Return the sentences of `text` as [start, end) in code points, trimmed, in order.

    Every character that is not white space lies in exactly one sentence; a text of white space alone has none. Any
    string is accepted. Where punctuation is missing, ends are placed where the words make them likely.
    """
    return segmentation.split_sentences(text, judge=judge)


def judge(words: Sequence[str]) -> list[float]:
    """Return the log-odds of a sentence end after each of the normalised words but the last."""
    return context.log_odds(words, _reader().word_states)


@cache
def _reader() -> "OnnxEncoder":
    from jmo_nlp.encoders import OnnxEncoder, shipped_folder

    return OnnxEncoder(shipped_folder())
