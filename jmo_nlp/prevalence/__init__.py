"""How many segments, or informants, carry a code: estimates with honest intervals from a random reviewed sample.

    of_segments("kendala", truth, Drawn(number, chance, cluster), says)   # -> records.Prevalence

People's codes on a sample that was drawn at random, with known chances, say what the machine's codes on everything are
worth (`estimate`); without such a sample nothing is estimated. Pure: arrays in, records out.
"""

from jmo_nlp.prevalence.counting import NO, POSSIBLE, SUGGESTED, of_informants, of_segments
from jmo_nlp.prevalence.estimate import Drawn, estimated
from jmo_nlp.prevalence.records import Estimate, Prevalence, Prevalences

__all__ = [
    "NO",
    "POSSIBLE",
    "SUGGESTED",
    "Drawn",
    "Estimate",
    "Prevalence",
    "Prevalences",
    "estimated",
    "of_informants",
    "of_segments",
]
