"""Templates: everything that is filled in is escaped, and a name that nobody gave is an error."""

from functools import cache
from typing import TYPE_CHECKING

from jmo_nlp.report.agreement_words import number

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> "Environment":
    """Return the templates of the page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("jmo_nlp.review", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["zip_self"] = lambda values: [(value, value) for value in values]
    made.filters["decimal"] = number
    made.filters["percent"] = lambda share: f"{100 * share:.0f}"
    return made
