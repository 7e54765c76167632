"""Gamma: spans of several coders aligned with one another before they are compared.

Y. Mathet, A. Widlöcher, J.-P. Métivier (2015), The unified and holistic method gamma for inter-annotator agreement
measure and alignment, Computational Linguistics 41. The best alignment and its disorder are computed here, exactly;
gamma itself compares that disorder with the disorder of random continua and comes from the optional package
pygamma-agreement.
"""

import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.spans import Span, continuum
from jmo_nlp.errors import AgreementWarning, JmoError, ModelError
from jmo_nlp.messages import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Given = Sequence[Iterable[Sequence[object]]] | Mapping[str, Iterable[Sequence[object]]]

LARGEST = 5_000_000  # alignments weighed at once; above, memory runs out before the solver starts


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma and its part that looks at codes only. NaN: undefined. Drawn at random: the last digits are not exact."""

    value: float
    categories: float
    disorder: float  # of the best alignment
    expected_disorder: float  # mean over the random continua


def alignment_disorder(
    spans: Given, *, length: int, begin: int = 0, alpha: float = 1.0, beta: float = 1.0, delta_empty: float = 1.0
) -> float:
    """Return the disorder of the best alignment of the coders' spans: 0 when all agree, no upper bound.

    `spans`, `begin`, `length` as in `alpha_unitizing`; the value does not depend on `length`. A unitary alignment takes
    one span or none from each coder; its disorder is the mean over pairs of coders of alpha * d_pos + beta * d_cat, or
    of `delta_empty` where a span is missing, with d_pos = delta_empty * ((|begins' difference| + |ends' difference|) /
    (sum of lengths))² and d_cat = delta_empty where the codes differ. The best alignment (each span in exactly one
    unitary alignment, least total disorder) is found by integer programming (HiGHS through scipy). Its total is
    divided by the mean number of spans a coder.
    NaN with an AgreementWarning where nobody marked anything. JmoError where the spans can be combined in too many
    ways: align a transcript, or a part of one, at a time.
    """
    part = continuum(spans, begin=begin, length=length)
    marked = sum(map(len, part.spans))
    if not marked:
        warnings.warn(_("gamma is undefined: nobody marked anything."), AgreementWarning, stacklevel=2)
        return float("nan")
    chosen, disorder = _alignments(part.spans, alpha, beta, delta_empty)
    return _least(chosen, disorder, [len(row) for row in part.spans]) / (marked / len(part.spans))


def gamma(
    spans: Given,
    *,
    length: int,
    begin: int = 0,
    alpha: float = 1.0,
    beta: float = 1.0,
    delta_empty: float = 1.0,
    precision: float = 0.02,
    random_state: int = 0,
) -> Gamma:
    """Return gamma, 1 - disorder / disorder expected by chance, through the optional package pygamma-agreement.

    Arguments as in `alignment_disorder`; `precision` is the relative error allowed in the expected disorder (95 %), and
    a smaller one takes longer (seconds to minutes even for short transcripts). Seeds numpy's global generator, which
    the package draws from, and puts its state back. Raises ModelError with the command that installs the package where
    it is absent; NaN with an AgreementWarning where nobody marked anything. The package's solver may write to the
    terminal.
    """
    part = continuum(spans, begin=begin, length=length)
    try:
        package, core = import_module("pygamma_agreement"), import_module("pyannote.core")
    except ImportError as reason:
        raise ModelError(
            _(
                "gamma needs the optional package pygamma-agreement, which is not installed. "
                'Do this: pip install "pygamma-agreement>=0.5.9" (about 800 MB, parts under GPL-3.0).'
            )
        ) from reason
    if not any(part.spans):
        warnings.warn(_("gamma is undefined: nobody marked anything."), AgreementWarning, stacklevel=2)
        nan = float("nan")
        return Gamma(nan, nan, nan, nan)
    filled = package.Continuum()
    for index, row in enumerate(part.spans):
        name = part.coders[index] if part.coders else str(index + 1)
        filled.add_annotator(name)
        for start, end, code in row:
            filled.add(name, core.Segment(start, end), str(code))
    dissimilarity = package.CombinedCategoricalDissimilarity(alpha=alpha, beta=beta, delta_empty=delta_empty)
    before = np.random.get_state()  # noqa: NPY002 - the package draws from the global generator
    np.random.seed(random_state)  # noqa: NPY002
    silenced = logging.root.manager.disable
    logging.disable(logging.WARNING)  # the package warns thousands of times that a faster solver is absent
    try:
        found = filled.compute_gamma(dissimilarity, precision_level=precision)
        return Gamma(
            float(found.gamma),
            float(found.gamma_cat),
            float(found.best_alignment.disorder),
            float(found.expected_disorder),
        )
    finally:
        np.random.set_state(before)  # noqa: NPY002
        logging.disable(silenced)


def _alignments(coders: Sequence[Sequence[Span]], alpha: float, beta: float, delta_empty: float) -> tuple[Ints, Floats]:
    """Return all unitary alignments worth weighing, (n, coders) with -1 for no span, and their disorders (n,).

    One of r spans is left out where its r spans alone, each beside nothing, have less disorder.
    """
    count = len(coders)
    pairs = count * (count - 1) // 2
    chosen = np.empty((1, 0), dtype=np.int64)
    total = np.zeros(1)
    for index, row in enumerate(coders):
        if len(chosen) * (len(row) + 1) > LARGEST:
            raise JmoError(
                _("the spans can be aligned in too many ways. Align a transcript, or a part of one, at a time.")
            )
        options = np.arange(-1, len(row))
        added = np.zeros((len(chosen), len(options)))
        for other in range(index):
            # the last row and column stand for no span, which is what index -1 means
            apart = _apart(coders[other], row, alpha, beta, delta_empty)
            added += apart[chosen[:, other]][:, options]
        grown = (total[:, None] + added).ravel()
        chosen = np.column_stack([np.repeat(chosen, len(options), axis=0), np.tile(options, len(chosen))])
        # pairs with coders still to come cost nothing yet, so this bound drops no alignment too many
        keep = grown <= pairs * delta_empty * ((chosen >= 0).sum(axis=1) + count - index - 1)
        chosen, total = chosen[keep], grown[keep]
    real = (chosen >= 0).any(axis=1)
    return chosen[real], total[real] / pairs


def _apart(first: Sequence[Span], second: Sequence[Span], alpha: float, beta: float, delta_empty: float) -> Floats:
    """Return the dissimilarities of two coders' spans: (n + 1, m + 1), the last row and column for no span."""
    one, two = (np.array([span[:2] for span in row], dtype=np.float64).reshape(-1, 2) for row in (first, second))
    moved = np.abs(one[:, None, :] - two[None, :, :]).sum(axis=2)
    sizes = (one[:, 1] - one[:, 0])[:, None] + (two[:, 1] - two[:, 0])[None, :]
    differ = np.array([[a[2] != b[2] for b in second] for a in first], dtype=np.float64).reshape(moved.shape)
    table = np.full((len(first) + 1, len(second) + 1), delta_empty)
    table[:-1, :-1] = delta_empty * (alpha * (moved / sizes) ** 2 + beta * differ)
    return table


def _least(chosen: Ints, disorder: Floats, spans: Sequence[int]) -> float:
    """Return the least total disorder of a set of alignments that holds every span exactly once."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    first = np.concatenate([[0], np.cumsum(spans)[:-1]])
    alignment, coder = np.nonzero(chosen >= 0)
    span = first[coder] + chosen[alignment, coder]
    holds = csr_array((np.ones(len(span)), (span, alignment)), shape=(sum(spans), len(chosen)))
    solved = milp(
        disorder, constraints=LinearConstraint(holds, 1, 1), integrality=np.ones(len(chosen)), bounds=Bounds(0, 1)
    )
    if not solved.success:
        raise JmoError(_("no best alignment was found ({reason}).", reason=solved.message))
    return float(solved.fun)
