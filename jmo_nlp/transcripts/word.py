"""Word documents: paragraphs and tables of the body in order, read from the XML itself.

Inserted text counts, deleted text does not; text boxes come after the paragraph that holds them; numbers that Word
sets before list paragraphs are not in the text, but the paragraph is marked as numbered.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import Leftover
from jmo_nlp.transcripts.documents import Flow, Table
from jmo_nlp.transcripts.guards import open_zip, parse_xml
from jmo_nlp.transcripts.lines import Line, clean

_GONE = frozenset(["del", "moveFrom", "delText", "instrText", "Fallback", "rt", "pPr", "rPr"])
_BOX = frozenset(["txbxContent"])
_OFF = frozenset(["0", "false", "off", "none"])
_HEADING = re.compile(r"^(?:heading|judul|title|subtitle|überschrift)", re.IGNORECASE)


def flow_of_docx(path: Path) -> Flow:
    """Return the blocks of a Word document (.docx, .docm, .dotx)."""
    with open_zip(path) as archive:
        names = archive.namelist()
        main = "word/document.xml" if "word/document.xml" in names else None
        main = main or next((n for n in names if n.startswith("word/document") and n.endswith(".xml")), None)
        if main is None:
            raise TranscriptError(
                _("{path}: is a Word document without its text. Open it and save it anew.", path=path)
            )

        def part(name: str) -> Element | None:
            return parse_xml(archive.read(name), path) if name in names else None

        body = _child(parse_xml(archive.read(main), path), "body")
        if body is None:
            raise TranscriptError(
                _("{path}: is a Word document without its text. Open it and save it anew.", path=path)
            )
        styles = part("word/styles.xml")
        reader = _Body(_heading_styles(styles), _list_styles(styles), _counted_lists(part("word/numbering.xml")))
        reader.read(body)
        flow = reader.flow
        for name in names:
            if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name) and (root := part(name)) is not None:
                flow.running += [t for p in root.iter() if _name(p) == "p" and (t := _text(p).strip())]
        for kind, place in (("footnotes", _("footnote")), ("endnotes", _("endnote"))):
            if (root := part(f"word/{kind}.xml")) is not None:
                flow.aside += _notes(root, place)
        comments = part("word/comments.xml")
    running = [t for t in dict.fromkeys(flow.running) if re.search(r"[^\W\d_]{3}", t)]
    flow.running = running
    if running:
        flow.warnings.append(
            _("heads and feet of the pages are left out of the text: {shown}", shown="; ".join(running)[:120])
        )
    if comments is not None and (count := sum(_name(e) == "comment" for e in comments)):
        flow.warnings.append(_("{count} comments in the margin are left out of the text", count=count))
    return flow


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element | None, name: str) -> Element | None:
    return next((e for e in element if _name(e) == name), None) if element is not None else None


def _value(element: Element | None) -> str | None:
    """Return the `val` attribute; None where the element is absent, "" where it has none."""
    if element is None:
        return None
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "val"), "")


def _text(element: Element) -> str:
    """Return the text under an element, without deletions, field codes and text boxes."""
    pieces: list[str] = []

    def walk(parent: Element) -> None:
        for e in parent:
            name = _name(e)
            if name in _GONE or name in _BOX:
                continue
            if name == "t":
                pieces.append(e.text or "")
            elif name == "tab":
                pieces.append("\t")
            elif name in ("br", "cr"):
                pieces.append("\n")
            elif name == "noBreakHyphen":
                pieces.append("-")
            elif name == "softHyphen":
                pass
            elif name == "p" and pieces:
                pieces.append("\n")
                walk(e)
            else:
                walk(e)

    walk(element)
    return clean("".join(pieces)).replace("\u00ad", "")


def _boxes(element: Element) -> Iterator[Element]:
    for e in element:
        if _name(e) in _BOX:
            yield e
        elif _name(e) not in _GONE:
            yield from _boxes(e)


def _heading_styles(styles: Element | None) -> frozenset[str]:
    found = set()
    for style in styles if styles is not None else ():
        title = _value(_child(style, "name")) or ""
        if _name(style) == "style" and _HEADING.match(title):
            found |= {v for k, v in style.attrib.items() if k.rpartition("}")[2] == "styleId"}
    return frozenset(found)


def _list_styles(styles: Element | None) -> dict[str, str]:
    """Return style -> id of the list that its paragraphs belong to."""
    found: dict[str, str] = {}
    for style in styles if styles is not None else ():
        number = _value(_child(_child(_child(style, "pPr"), "numPr"), "numId"))
        if _name(style) == "style" and number:
            found |= {v: number for k, v in style.attrib.items() if k.rpartition("}")[2] == "styleId"}
    return found


def _counted_lists(numbering: Element | None) -> frozenset[str]:
    """Return the ids of lists whose first level counts (1. 2. 3. or a. b. c.) rather than bears bullets."""
    if numbering is None:
        return frozenset()
    kinds: dict[str, str] = {}
    for e in numbering:
        if _name(e) == "abstractNum":
            key = next((v for k, v in e.attrib.items() if k.rpartition("}")[2] == "abstractNumId"), "")
            level = _child(e, "lvl")
            kinds[key] = _value(_child(level, "numFmt")) or ""
    found = set()
    for e in numbering:
        if _name(e) == "num" and kinds.get(_value(_child(e, "abstractNumId")) or "", "") not in ("", "bullet", "none"):
            found |= {v for k, v in e.attrib.items() if k.rpartition("}")[2] == "numId"}
    return frozenset(found)


def _notes(root: Element, place: str) -> list[Leftover]:
    found = []
    for note in root:
        kind = next((v for k, v in note.attrib.items() if k.rpartition("}")[2] == "type"), "normal")
        if kind == "normal" and (text := _text(note).strip()):
            number = next((v for k, v in note.attrib.items() if k.rpartition("}")[2] == "id"), "")
            found.append(Leftover(f"{place} {number}".strip(), " ".join(text.split())))
    return found


class _Body:
    """Walks the body of a Word document."""

    def __init__(self, headings: frozenset[str], lists: dict[str, str], counted: frozenset[str]) -> None:
        self.headings, self.lists, self.counted = headings, lists, counted
        self.flow = Flow()
        self.paragraphs = self.tables = 0
        self.gap = False

    def read(self, parent: Element) -> None:
        for e in parent:
            name = _name(e)
            if name == "p":
                self.paragraph(e)
            elif name == "tbl":
                self.table(e)
            elif name not in _GONE:
                self.read(e)  # content controls, custom XML, insertions around paragraphs

    def paragraph(self, p: Element) -> None:
        self.paragraphs += 1
        place = _("paragraph {number}", number=self.paragraphs)
        properties = _child(p, "pPr")
        style = _value(_child(properties, "pStyle"))
        list_id = _value(_child(_child(properties, "numPr"), "numId")) or self.lists.get(style or "")
        lines = [t for t in _text(p).split("\n") if t.strip()]
        for i, text in enumerate(lines):
            self.flow.blocks.append(
                Line(
                    text.rstrip(),
                    place,
                    gap=self.gap and not i,
                    bold=_emphasised(p),
                    heading=style in self.headings,
                    numbered=list_id in self.counted and not i,
                )
            )
        self.gap = not lines
        for box in _boxes(p):
            self.read(box)

    def table(self, tbl: Element) -> None:
        self.tables += 1
        rows = [_row(tr) for tr in _rows(tbl)]
        width = max((len(row) for row in rows), default=0)
        self.flow.blocks.append(
            Table([row + [""] * (width - len(row)) for row in rows], _("table {number}", number=self.tables))
        )
        self.gap = True


def _emphasised(p: Element) -> bool:
    """Say whether every run that holds letters is set in bold or italics."""
    marks = []
    for run in (e for e in p.iter() if _name(e) == "r"):
        if any(_name(t) == "t" and (t.text or "").strip() for t in run):
            properties = _child(run, "rPr")
            on = [_value(_child(properties, mark)) for mark in ("b", "i")]
            marks.append(any(v is not None and v not in _OFF for v in on))
    return bool(marks) and all(marks)


def _rows(tbl: Element) -> Iterator[Element]:
    for e in tbl:
        if _name(e) == "tr":
            if _child(_child(e, "trPr"), "del") is None:
                yield e
        elif _name(e) not in _GONE:
            yield from _rows(e)


def _row(tr: Element) -> list[str]:
    cells: list[str] = []
    skipped = _value(_child(_child(tr, "trPr"), "gridBefore"))
    if skipped and skipped.isdigit():
        cells += [""] * int(skipped)

    def walk(parent: Element) -> None:
        for e in parent:
            if _name(e) == "tc":
                properties = _child(e, "tcPr")
                merge = _child(properties, "vMerge")
                goes_on = merge is not None and _value(merge) in ("", "continue")
                cells.append("" if goes_on else _cell(e))
                span = _value(_child(properties, "gridSpan")) or "1"
                cells.extend([""] * (min(int(span), 64) - 1 if span.isdigit() else 0))
            elif _name(e) == "sdt" or _name(e) == "sdtContent" or _name(e) == "customXml" or _name(e) == "ins":
                walk(e)

    walk(tr)
    return cells


def _cell(tc: Element) -> str:
    paragraphs: list[str] = []

    def walk(parent: Element) -> None:
        for e in parent:
            if _name(e) == "p":
                if text := _text(e).strip():
                    paragraphs.append(text)
                for box in _boxes(e):
                    walk(box)
            elif _name(e) not in _GONE and _name(e) != "tcPr":
                walk(e)

    walk(tc)
    return "\n".join(paragraphs)
