"""OpenDocument texts (.odt): paragraphs and tables of the body in order."""

from pathlib import Path
from xml.etree.ElementTree import Element

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import Leftover
from jmo_nlp.transcripts.documents import Flow, Table
from jmo_nlp.transcripts.guards import open_zip, parse_xml
from jmo_nlp.transcripts.lines import Line, clean

_MANY = 200  # repeated empty rows and columns beyond this are padding


def flow_of_odt(path: Path) -> Flow:
    """Return the blocks of an OpenDocument text."""
    with open_zip(path) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise TranscriptError(
                _("{path}: is locked with a password. Open it, remove the password and save it.", path=path)
            )
        if "content.xml" not in names:
            raise TranscriptError(
                _("{path}: is an OpenDocument file without its text. Open it and save it anew.", path=path)
            )
        root = parse_xml(archive.read("content.xml"), path)
    reader = _Body(_bold_styles(root), _counted_lists(root))
    for body in root.iter():
        if _name(body) == "text" and any(_name(e) in ("p", "h", "table", "list", "section") for e in body):
            reader.read(body)
            break
    return reader.flow


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _bold_styles(root: Element) -> frozenset[str]:
    found = set()
    for style in root.iter():
        if _name(style) == "style":
            for p in style:
                if _attribute(p, "font-weight") == "bold" or _attribute(p, "font-style") == "italic":
                    found.add(_attribute(style, "name"))
    return frozenset(found)


def _counted_lists(root: Element) -> frozenset[str]:
    return frozenset(
        _attribute(style, "name")
        for style in root.iter()
        if _name(style) == "list-style" and len(style) and _name(style[0]) == "list-level-style-number"
    )


class _Body:
    """Walks the body of an OpenDocument text."""

    def __init__(self, bold: frozenset[str], counted: frozenset[str]) -> None:
        self.bold, self.counted = bold, counted
        self.flow = Flow()
        self.paragraphs = self.tables = self.notes = 0
        self.gap = False

    def read(self, parent: Element, *, numbered: bool = False) -> None:
        for e in parent:
            name = _name(e)
            if name in ("p", "h"):
                self.paragraph(e, heading=name == "h", numbered=numbered)
            elif name == "table":
                self.table(e)
            elif name == "list":
                style = _attribute(e, "style-name")
                self.read(e, numbered=style in self.counted if style else numbered)
            elif name in (
                "list-item",
                "list-header",
                "section",
                "index-body",
                "numbered-paragraph",
                "text-box",
                "frame",
            ):
                self.read(e, numbered=numbered and name != "list-header")
            # table of contents, forms, sequence declarations and tracked deletions hold no speech

    def paragraph(self, p: Element, *, heading: bool, numbered: bool) -> None:
        self.paragraphs += 1
        boxes: list[Element] = []
        lines = [t.rstrip() for t in self.text(p, boxes).split("\n") if t.strip()]
        place = _("paragraph {number}", number=self.paragraphs)
        for i, text in enumerate(lines):
            bold = _attribute(p, "style-name") in self.bold or self.all_bold(p)
            self.flow.blocks.append(
                Line(text, place, gap=self.gap and not i, bold=bold, heading=heading, numbered=numbered and not i)
            )
        self.gap = not lines
        for box in boxes:
            self.read(box)

    def all_bold(self, p: Element) -> bool:
        if (p.text or "").strip():
            return False
        spans = [e for e in p if _name(e) == "span"]
        return bool(spans) and all(
            _attribute(e, "style-name") in self.bold and not (e.tail or "").strip() for e in spans
        )

    def text(self, element: Element, boxes: list[Element]) -> str:
        pieces: list[str] = []

        def walk(parent: Element) -> None:
            # white space in the XML's text collapses; the format writes real spaces as <text:s/>
            pieces.append(" ".join((parent.text or "").split("\n")))
            for e in parent:
                name = _name(e)
                if name == "s":
                    count = _attribute(e, "c") or "1"
                    pieces.append(" " * (min(int(count), 200) if count.isdigit() else 1))
                elif name == "tab":
                    pieces.append("\t")
                elif name in ("line-break", "soft-page-break"):
                    pieces.append("\n" if name == "line-break" else "")
                elif name == "note":
                    self.notes += 1
                    body = next((n for n in e if _name(n) == "note-body"), e)
                    note = " ".join(self.text(body, []).split())
                    self.flow.aside.append(Leftover(_("footnote {number}", number=self.notes), note))
                elif name in ("annotation", "annotation-end"):
                    if name == "annotation":
                        self.flow.warnings.append(_("a comment in the margin is left out of the text"))
                elif name == "text-box":
                    boxes.append(e)
                else:
                    if name == "p" and pieces and any(piece.strip() for piece in pieces):
                        pieces.append("\n")
                    walk(e)
                pieces.append(" ".join((e.tail or "").split("\n")))

        walk(element)
        return clean("".join(pieces))

    def table(self, table: Element) -> None:
        self.tables += 1
        rows: list[list[str]] = []

        def walk(parent: Element) -> None:
            for e in parent:
                if _name(e) == "table-row":
                    row = self.row(e)
                    times = _attribute(e, "number-rows-repeated") or "1"
                    if any(cell.strip() for cell in row):
                        rows.extend([row] * min(int(times) if times.isdigit() else 1, _MANY))
                elif _name(e) in ("table-header-rows", "table-rows", "table-row-group"):
                    walk(e)

        walk(table)
        width = max((len(row) for row in rows), default=0)
        place = _("table {number}", number=self.tables)
        self.flow.blocks.append(Table([row + [""] * (width - len(row)) for row in rows], place))
        self.gap = True

    def row(self, tr: Element) -> list[str]:
        cells: list[str] = []
        for e in tr:
            if _name(e) in ("table-cell", "covered-table-cell"):
                times = _attribute(e, "number-columns-repeated") or "1"
                text = self.cell(e) if _name(e) == "table-cell" else ""
                cells += [text] * min(int(times) if times.isdigit() else 1, _MANY)
        while len(cells) > 1 and not cells[-1]:
            cells.pop()
        return cells

    def cell(self, tc: Element) -> str:
        paragraphs: list[str] = []

        def walk(parent: Element) -> None:
            for e in parent:
                if _name(e) in ("p", "h"):
                    boxes: list[Element] = []
                    if text := self.text(e, boxes).strip():
                        paragraphs.append(text)
                    for box in boxes:
                        walk(box)
                else:
                    walk(e)

        walk(tc)
        return "\n".join(paragraphs)
