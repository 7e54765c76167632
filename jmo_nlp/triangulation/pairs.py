"""Codes that meet in the same segment."""

from itertools import combinations

import numpy as np

from jmo_nlp.triangulation.frame import Frame
from jmo_nlp.triangulation.records import Pair


def pairs_of(frame: Frame) -> tuple[Pair, ...]:
    """Return every two codes, in the codebook's order, over the segments judged for both.

    `expected` is the count to be expected if the two had nothing to do with each other, n1 n2 / n.
    """
    positive, known = frame.positive, frame.known
    judged = known.T.astype(np.int64) @ known
    both = positive.T.astype(np.int64) @ positive
    with_other = positive.T.astype(np.int64) @ known  # [i, j]: segments with code i among those judged for j
    found = []
    for i, j in combinations(range(len(frame.codes)), 2):
        n, first, second, met = int(judged[i, j]), int(with_other[i, j]), int(with_other[j, i]), int(both[i, j])
        either = first + second - met
        own = positive[:, i] & positive[:, j] if met else np.zeros(len(positive), dtype=bool)
        found.append(
            Pair(
                frame.codes[i],
                frame.codes[j],
                judged=n,
                count_first=first,
                count_second=second,
                both=met,
                informants=frame.informants_in(own),
                jaccard=met / either if either else float("nan"),
                expected=first * second / n if n else float("nan"),
                quotes=frame.ids(own),
            )
        )
    return tuple(found)
