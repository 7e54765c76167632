"""How a report looks in Word: its styles, its properties, what stands above and below each page."""

from datetime import UTC, datetime
from typing import Any

from jmo_nlp.report import docx_parts as parts
from jmo_nlp.report.study_records import StudyReport
from jmo_nlp.report.study_words import printable, study_words

FONT = "Arial"
LINE_CM = 16.0  # width of a line: A4 less its margins

Docx = Any  # python-docx carries no types


def set_styles(made: Docx, report: StudyReport) -> None:
    """Set the styles: headings of Word's own, captions, quotes, and a few of ours."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    styles = made.styles
    parts.set_font(styles["Normal"], FONT, 11)
    parts.set_language(styles["Normal"], "id-ID" if report.language == "id" else "en-GB")
    styles["Normal"].paragraph_format.space_after = Pt(6)
    black = RGBColor(0x22, 0x21, 0x1F)
    for name, size, before in (("Title", 22.0, 0), ("Heading 1", 17, 24), ("Heading 2", 14, 18), ("Heading 3", 12, 12)):
        parts.set_font(styles[name], FONT, size)
        styles[name].font.color.rgb = black
        styles[name].font.bold = True
        styles[name].paragraph_format.space_before = Pt(before)
        styles[name].paragraph_format.space_after = Pt(6)
        styles[name].paragraph_format.keep_with_next = True
    for old in styles["Title"].element.findall(".//{*}pBdr"):
        old.getparent().remove(old)
    styles["Heading 1"].paragraph_format.page_break_before = True
    parts.set_font(styles["Caption"], FONT, 10)
    styles["Caption"].font.bold = False
    styles["Caption"].font.color.rgb = black
    styles["Caption"].paragraph_format.space_before = Pt(10)
    parts.set_font(styles["Quote"], FONT, 11)
    styles["Quote"].font.italic = False
    styles["Quote"].font.color.rgb = black
    styles["Quote"].paragraph_format.left_indent = Cm(0.75)
    styles["Quote"].paragraph_format.space_after = Pt(2)
    styles["Quote"].paragraph_format.keep_with_next = True
    for name, size, indent in (("Source line", 9.5, 0.75), ("Small note", 9.5, 0.0), ("Warning", 11.0, 0.3)):
        made_style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made_style.base_style = styles["Normal"]
        made_style.font.size = Pt(size)
        made_style.paragraph_format.left_indent = Cm(indent)
        if name != "Warning":
            made_style.font.color.rgb = RGBColor(0x4C, 0x4A, 0x46)
    commands = styles.add_style("Commands", WD_STYLE_TYPE.PARAGRAPH)
    commands.base_style = styles["Normal"]
    parts.set_font(commands, "Consolas", 9)
    commands.paragraph_format.space_after = Pt(0)
    for level in (1, 2):
        toc = styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        toc.base_style = styles["Normal"]
        toc.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        toc.paragraph_format.space_after = Pt(2)
        toc.paragraph_format.tab_stops.add_tab_stop(Cm(LINE_CM), *_dots())


def _dots() -> tuple[Any, Any]:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER

    return WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS


def set_properties(made: Docx, report: StudyReport) -> None:
    """Set what the document says of itself; its moment is the study's, not the clock's."""
    stated = moment_of(report.stated)
    core = made.core_properties
    core.title, core.author, core.last_modified_by = report.title, "", ""
    core.comments, core.keywords, core.subject, core.category = "", "", report.study, ""
    core.created = core.modified = stated
    core.language = report.language
    core.revision = 1
    core.version = f"jmo_nlp {report.version}"


def moment_of(stated: str) -> datetime:
    """Return the moment that the study's records name last, or a fixed one; never the clock's."""
    try:
        found = datetime.fromisoformat(stated)
    except ValueError:
        return datetime(2000, 1, 1)  # python-docx takes naive times for UTC
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def set_head_and_foot(made: Docx, report: StudyReport) -> None:
    """Put the title above each page and its number below."""
    page = made.sections[0]
    head = page.header.paragraphs[0]
    head.text = printable(report.title)
    head.style = made.styles["Small note"]
    foot = page.footer.paragraphs[0]
    foot.style = made.styles["Small note"]
    foot.alignment = 2
    foot.add_run(study_words()["page"] + " ")
    parts.add_field(foot, "PAGE", "1")
    foot.add_run(" / ")
    parts.add_field(foot, "NUMPAGES", "1")
