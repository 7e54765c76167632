"""Alpha for units that carry several codes at once, where chance draws single codes and not whole sets."""

import numpy as np

from jmo_nlp.agreement.distances import of_sets
from jmo_nlp.agreement.reliability import Floats, encode
from jmo_nlp.agreement.statistics import undefined, why_undefined
from jmo_nlp.agreement.sums import within_units
from jmo_nlp.messages import _


def multivalued_alpha(reliability_data: object) -> float:
    """Return the multi-valued alpha of nominal codes (Krippendorff and Craggs 2016), 1 - observed / expected.

    `reliability_data`: (coders, units) of sets of codes; the empty set is a value, None / NaN is missing; a unit with
    fewer than two sets takes no part. Two sets differ by the share of their codes that they do not share,
    1 - 2 |A and B| / (|A| + |B|). Expected disagreement keeps the sizes of the sets and draws their codes as often as
    they occur, without putting back a code that was drawn. Constant data: nan with an AgreementWarning.

    How the draws are weighted was checked against three worked examples of that paper only; hold it provisional.
    """
    coded = encode(reliability_data, sets=True)
    coded = coded.of_units(np.flatnonzero(coded.counts >= 2))
    reason = why_undefined(coded, corrected=True)
    if reason:
        return undefined(reason, depth=3)
    jaccard = of_sets(coded.values, "jaccard")

    def apart(a: np.ndarray, b: np.ndarray) -> Floats:
        distance = jaccard.between(a, b)
        return np.asarray(distance / (2.0 - distance))

    times = np.bincount(coded.codes[coded.present], minlength=len(coded.values))
    observed = float((2.0 * within_units(coded, apart) / (coded.counts - 1)).sum()) / times.sum()
    expected = _expected(coded.values, times / times.sum(), times)
    if not expected > 0:
        return undefined(_("undefined: nothing but agreement is to be expected by chance"), depth=3)
    return float(1.0 - observed / expected)


def _expected(values: tuple[frozenset[object], ...], shares: Floats, times: np.ndarray) -> float:
    """Return the disagreement of two sets whose sizes are drawn as they occur and whose codes are drawn one by one.

    Each code stands in neither, one or both of the sets, with the weights 1, f and f (f - 1) of its frequency f. The
    products over all codes, sorted by the two sizes, are a polynomial; `shared` carries the number of shared codes.
    """
    largest = max(len(value) for value in values)
    by_size = np.zeros(largest + 1)
    frequency: dict[object, float] = {}
    for value, share, count in zip(values, shares, times, strict=True):
        by_size[len(value)] += share
        for code in value:
            frequency[code] = frequency.get(code, 0.0) + float(count)
    unit = max(frequency.values(), default=1.0)  # keeps the products within the range of floats
    weight = np.zeros((largest + 1, largest + 1))
    weight[0, 0] = 1.0
    shared = np.zeros_like(weight)
    for f in frequency.values():
        one, both = f / unit, f * (f - 1.0) / unit**2
        shared = _times(shared, one, both) + both * _moved(weight, 1, 1)
        weight = _times(weight, one, both)
    sizes = np.arange(largest + 1)
    total = sizes[:, None] + sizes[None, :]
    mean_shared = np.divide(shared, weight, out=np.zeros_like(shared), where=weight > 0)
    possible = np.where((total > 0) & (weight > 0), 1.0 - 2.0 * mean_shared / np.maximum(total, 1), 0.0)
    return float(by_size @ possible @ by_size)


def _times(table: Floats, one: float, both: float) -> Floats:
    return np.asarray(table + one * (_moved(table, 1, 0) + _moved(table, 0, 1)) + both * _moved(table, 1, 1))


def _moved(table: Floats, down: int, right: int) -> Floats:
    out = np.zeros_like(table)
    out[down:, right:] = table[: len(table) - down, : len(table) - right]
    return out
