"""The fixed texts of a report on a study that every file form shows, in the current language."""

from jmo_nlp.messages import _
from jmo_nlp.report.study_records import Block, Figure, StudyReport, Table


def study_words() -> dict[str, str]:
    """Return name in the templates -> text."""
    return {
        "contents": _("Contents"),
        "table": _("Table"),
        "figure": _("Figure"),
        "question": _("Asked"),
        "codes": _("Codes"),
        "why": _("Why a figure or its interval is missing"),
        "researcher": _("For the researcher to write"),
        "rests_on": _("What it would rest on"),
        "offline": _("This page is one file, loads nothing and sends nothing."),
        "sheet": _("sheet"),
        "holds": _("what it holds"),
        "low": _("from"),
        "high": _("to"),
        "page": _("page"),
    }


def numbered(report: StudyReport) -> dict[int, str]:
    """Return id of a table or figure on the pages -> "Table 3" or "Figure 2", numbered in reading order."""
    words = study_words()
    found: dict[int, str] = {}
    tables = figures = 0
    for block in report.blocks():
        if isinstance(block, Table) and block.everywhere:
            tables += 1
            found[id(block)] = f"{words['table']} {tables}"
        elif isinstance(block, Figure):
            figures += 1
            found[id(block)] = f"{words['figure']} {figures}"
    return found


def kind_of(block: Block) -> str:
    """Return the name of a block's kind, as templates know it."""
    return type(block).__name__.lower()


def printable(text: str) -> str:
    """Return a text without the control characters that HTML, Word and Excel files cannot hold."""
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and sign not in _UNFIT))


_UNFIT = frozenset([*map(chr, range(0x7F, 0xA0)), *map(chr, range(0xD800, 0xE000)), "\ufffe", "\uffff"])
