"""What python-docx has no words for: fields, repeated heads, shading, borders, alternative texts, no clock."""

from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Xml = Any  # python-docx and lxml carry no types


def element(tag: str, **attributes: str) -> Xml:
    """Return an XML element of Word's, its attributes with the prefix w: `w:shd` with fill="ffffff"."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def add_field(paragraph: Xml, code: str, shown: str) -> None:
    """Add a field with the text that it shows until it is brought up to date."""
    for kind in ("begin", "separate", "end"):
        run = paragraph.add_run()
        run._r.append(element("w:fldChar", fldCharType=kind))
        if kind == "begin":
            instruction = element("w:instrText")
            instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            instruction.text = f" {code} "
            paragraph.add_run()._r.append(instruction)
        elif kind == "separate":
            paragraph.add_run(shown)


def add_bookmark(paragraph: Xml, name: str, number: int) -> None:
    """Put a bookmark around what the paragraph holds so far."""
    start, end = element("w:bookmarkStart", id=str(number), name=name), element("w:bookmarkEnd", id=str(number))
    properties = paragraph._p.pPr
    place = 0 if properties is None else paragraph._p.index(properties) + 1
    paragraph._p.insert(place, start)
    paragraph._p.append(end)


def add_link(paragraph: Xml, text: str, bookmark: str) -> None:
    """Add a link to a bookmark of the same document."""
    link, run, inner = element("w:hyperlink", anchor=bookmark, history="1"), element("w:r"), element("w:t")
    inner.text = text
    run.append(inner)
    link.append(run)
    paragraph._p.append(link)


def repeat_head(row: Xml) -> None:
    """Repeat a row of a table at the top of each page."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader"))


def keep_whole(row: Xml) -> None:
    """Keep a row of a table on one page."""
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))


def shade(cell: Xml, colour: str) -> None:
    """Colour the ground of a cell, colour as "dbe5ec"."""
    cell._tc.get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill=colour))


def describe_table(table: Xml, title: str, description: str) -> None:
    """Give a table the alternative text that screen readers read."""
    properties = table._tbl.tblPr
    properties.append(element("w:tblCaption", val=title))
    properties.append(element("w:tblDescription", val=description))


TABLE_ORDER = ("tblStyle", "tblW", "jc", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook",
               "tblCaption", "tblDescription")  # fmt: skip
"""The order in which Word wants the properties of a table."""


def in_order(table: Xml) -> None:
    """Bring the properties of a table into the order that Word wants."""
    properties = table._tbl.tblPr
    own = sorted(properties, key=lambda entry: TABLE_ORDER.index(entry.tag.rpartition("}")[2]))
    for entry in own:
        properties.remove(entry)
        properties.append(entry)


def ruled(table: Xml, colour: str = "bfbdb6") -> None:
    """Draw thin lines between the rows of a table, and stronger ones above and below."""
    borders = element("w:tblBorders")
    for side, size, ink in (("top", "8", "22211f"), ("bottom", "8", "22211f"), ("insideH", "4", colour)):
        borders.append(element(f"w:{side}", val="single", sz=size, space="0", color=ink))
    table._tbl.tblPr.append(borders)
    margins = element("w:tblCellMar")
    for side, width in (("top", "30"), ("left", "60"), ("bottom", "30"), ("right", "60")):
        margins.append(element(f"w:{side}", w=width, type="dxa"))
    table._tbl.tblPr.append(margins)


def boxed(paragraph: Xml, *, sides: tuple[str, ...] = ("top", "left", "bottom", "right"), dashed: bool = True) -> None:
    """Draw a border around a paragraph; neighbours with the same border share it."""
    borders = element("w:pBdr")
    for side in sides:
        borders.append(element(f"w:{side}", val="dashed" if dashed else "single", sz="8", space="6", color="6a6862"))
    properties = paragraph._p.get_or_add_pPr()
    after = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr")
    properties.insert_element_before(borders, *after)


def describe_picture(shape: Xml, name: str, description: str, number: int) -> None:
    """Give a picture its alternative text and a number of its own."""
    properties = shape._inline.docPr
    properties.set("id", str(number))
    properties.set("name", name)
    properties.set("title", name)
    properties.set("descr", description)


def set_language(style: Xml, language: str) -> None:
    """Say in which language text of a style is written, for the spelling check and for screen readers."""
    properties = style.element.get_or_add_rPr()
    for old in properties.findall("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}lang"):
        properties.remove(old)
    properties.append(element("w:lang", val=language, eastAsia=language))


def set_font(style: Xml, name: str, size: float) -> None:
    """Set the type of a style for all scripts."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name = name
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), name)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        if fonts.get(qn(theme)) is not None:
            del fonts.attrib[qn(theme)]


def without_clock(source: str, target: str) -> None:
    """Copy a zip file so that it names no time of making: the same content gives the same bytes."""
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
