"""Strategies in the order of how many voice them, with what the order would be without any one transcript."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.shares import share_by_transcript, share_of_people
from jmo_nlp.triangulation.frame import Frame, Ints
from jmo_nlp.triangulation.records import Ranked


def ranked(frame: Frame, codes: Sequence[str], *, level: float = 0.95) -> tuple[Ranked, ...]:
    """Return the codes that were judged, first rank first; equals in the codebook's order.

    Rank: by informants who voice it at least once, then by segments. Besides: the rank by share of the judged segments
    (a talkative informant counts more there), and the best and worst rank when one transcript is left out.

    Interval of the informants: exact, as if they were independent draws (Clopper and Pearson 1934). Of the segments: by
    transcript, see `shares.share_by_transcript`; without one below two transcripts.
    """
    columns = [frame.column(code) for code in codes]
    columns = [column for column in columns if frame.known[:, column].any()]
    if not columns:
        return ()
    informants, segments = _counts(frame, columns)
    ranks = _ranks(informants[0], segments[0])
    without = np.array([_ranks(i, s) for i, s in zip(informants[1:], segments[1:], strict=True)])
    if len(without) < 2:
        without = ranks[np.newaxis]
    shares = [
        share_by_transcript(
            frame.by_transcript(frame.positive[:, column]), frame.by_transcript(frame.known[:, column]), level=level
        )
        for column in columns
    ]
    by_segments = _ranks(np.array([share.value for share in shares]), np.zeros(len(columns)))
    found = []
    for place, column in enumerate(columns):
        own = frame.positive[:, column]
        found.append(
            Ranked(
                code=frame.codes[column],
                rank=int(ranks[place]),
                rank_by_segments=int(by_segments[place]),
                rank_low=int(without[:, place].min()),
                rank_high=int(without[:, place].max()),
                informants=share_of_people(
                    frame.informants_in(own), frame.informants_in(frame.known[:, column]), level=level
                ),
                segments=shares[place],
                kinds=frame.kinds_in(own),
                quotes=frame.ids(own),
            )
        )
    return tuple(sorted(found, key=lambda item: item.rank))


def _counts(frame: Frame, columns: Sequence[int]) -> tuple[Ints, Ints]:
    """Return (informants, segments) with each code: row 0 over everything, then without one transcript after another.

    (1 + transcripts with segments, codes).
    """
    positive = frame.positive[:, columns]
    present, many = np.unique(frame.transcript), len(frame.transcripts)
    segments = frame.counts(positive, frame.transcript, many)
    pairs, place = np.unique(frame.voice * many + frame.transcript, return_inverse=True)
    voice, transcript = pairs // many, pairs % many
    said = (frame.counts(positive, place.reshape(-1), len(pairs)) > 0) & frame.is_informant[voice, np.newaxis]
    places = frame.counts(said, voice, len(frame.voices))  # transcripts in which a voice says it
    lost = frame.counts(said & (places[voice] == 1), transcript, many)
    informants, total = (places > 0).sum(axis=0), segments.sum(axis=0)
    return (
        np.vstack([informants, informants - lost[present]]),
        np.vstack([total, total - segments[present]]),
    )


def _ranks(first: NDArray[np.generic], second: NDArray[np.generic]) -> Ints:
    """Return the rank of each by `first`, then `second`, larger is better; equals share the better rank."""
    keys = list(zip(first.tolist(), second.tolist(), strict=True))
    return np.array([1 + sum(other > key for other in keys) for key in keys], dtype=np.int64)
