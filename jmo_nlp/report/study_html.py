"""A report on a study as one HTML file: no scripts, nothing loaded, fit for a screen, a phone and paper."""

from importlib import resources
from pathlib import Path
from typing import Any

from jmo_nlp.files import atomically
from jmo_nlp.report.drawing import as_svg
from jmo_nlp.report.study_records import Figure, StudyReport
from jmo_nlp.report.study_words import kind_of, numbered, printable, study_words


def write_html(report: StudyReport, path: Path) -> None:
    """Write the report to `path`, atomically; ExchangeError where that is not possible."""
    with atomically(path) as temporary:
        temporary.write_text(html(report), encoding="utf-8", newline="\n")


def html(report: StudyReport) -> str:
    """Return the report as HTML."""
    import jinja2
    from markupsafe import Markup

    numbers = numbered(report)

    def picture(figure: Figure) -> Any:  # noqa: ANN401 - Markup
        name = f"{numbers[id(figure)]}: {figure.caption}"
        return Markup(as_svg(figure.drawing, title=name, description=figure.description, ident=f"f-{figure.name}"))

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["kind"] = kind_of
    environment.filters["number"] = lambda block: numbers.get(id(block), "")
    environment.filters["picture"] = picture
    template = environment.from_string(
        resources.files("jmo_nlp.report").joinpath("templates", "study.html").read_text(encoding="utf-8")
    )
    return printable(template.render(report=report, t=study_words()))
