"""PDF files with text: the lines and ruled tables of every page, in reading order."""

import io
import logging
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.documents import Flow, Table
from jmo_nlp.transcripts.lines import Line, clean


def flow_of_pdf(data: bytes, path: Path) -> Flow:
    """Return the blocks of a PDF. Raises TranscriptError where it is locked, damaged, or holds pictures of pages."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    flow = Flow(wrapped=True)
    empty: list[int] = []
    tables: list[tuple[int, Table]] = []
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            if not pdf.pages:
                raise TranscriptError(_("{path}: the PDF holds no page. Copy it again.", path=path))
            for number, page in enumerate(pdf.pages, start=1):
                flow.blocks.append(Line("\f", _("page {number}", number=number)))
                blocks = _page(page, number, len(tables))
                if not blocks:
                    empty.append(number)
                for block in blocks:
                    if isinstance(block, Table):
                        tables.append((number, block))
                flow.blocks += blocks
                page.close()
            pages = len(pdf.pages)
    except TranscriptError:
        raise
    except Exception as reason:  # pdfminer and pdfplumber raise whatever the damage trips over
        causes = (reason, reason.__cause__, reason.__context__, *reason.args)
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
            raise TranscriptError(
                _("{path}: is locked with a password. Open it, remove the password and save it.", path=path)
            ) from reason
        raise TranscriptError(
            _("{path}: the file is cut off or damaged. Copy it again, or open it and save it anew.", path=path)
        ) from reason
    if len(empty) == pages:
        raise TranscriptError(
            _("{path}: holds pictures of pages, not text. Run text recognition (OCR) on it first.", path=path)
        )
    if empty:
        flow.warnings.append(_("pages without text: {pages}", pages=", ".join(map(str, empty))))
    flow.blocks.append(Line("\f", _("page {number}", number=pages)))
    flow.blocks = _joined_tables(flow.blocks)
    return flow


def _page(page: Any, number: int, tables_before: int) -> list[Line | Table]:  # noqa: ANN401
    found = [t for t in page.find_tables() if len(t.rows) > 0 and max(len(r.cells) for r in t.rows) > 1]
    boxes = [t.bbox for t in found]

    def outside(item: dict[str, Any]) -> bool:
        x, y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
        return not any(x0 <= x <= x1 and top <= y <= bottom for x0, top, x1, bottom in boxes)

    words = [
        w for w in page.extract_words(keep_blank_chars=False, use_text_flow=False, extra_attrs=["size"]) if outside(w)
    ]
    placed: list[tuple[float, Line | Table]] = []
    rows = _rows_of(words)
    pitch = median([b[0]["top"] - a[0]["top"] for a, b in pairwise(rows)] or [0.0])
    before: float | None = None
    for row in rows:
        text = clean(_spaced(row)).strip()
        top = min(w["top"] for w in row)
        gap = before is not None and pitch > 0 and top - before > 1.4 * pitch
        before = top
        if text:
            placed.append((top, Line(text, _("page {number}", number=number), gap=gap)))
    for i, table in enumerate(found, start=1):
        cells = [[clean(cell or "").strip() for cell in row] for row in table.extract()]
        cells = [row for row in cells if any(row)]
        if cells:
            place = _("page {number}, table {table}", number=number, table=tables_before + i)
            placed.append((table.bbox[1], Table(cells, place)))
    return [block for _top, block in sorted(placed, key=lambda item: item[0])]


def _rows_of(words: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Group words that stand on one line, from left to right, lines from top to bottom."""
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda w: (w["bottom"], w["x0"])):
        if rows and abs(rows[-1][0]["bottom"] - word["bottom"]) <= 0.4 * max(1.0, word["bottom"] - word["top"]):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda w: float(w["x0"])) for row in rows]


def _spaced(row: Sequence[dict[str, Any]]) -> str:
    """Return the words of a line; a gap as wide as a column's becomes a tab."""
    pieces = [str(row[0]["text"])]
    for before, word in pairwise(row):
        wide = word["x0"] - before["x1"] > max(10.0, 1.5 * float(word["size"]))
        pieces.append(("\t" if wide else " ") + str(word["text"]))
    return "".join(pieces)


def _joined_tables(blocks: Sequence[Line | Table]) -> list[Line | Table]:
    """Join a table that goes on over a page break; a row whose first cell is empty there continues the row before."""
    joined: list[Line | Table] = []
    between: list[Line] = []
    for block in blocks:
        last = next((b for b in reversed(joined) if isinstance(b, Table)), None) if joined else None
        if isinstance(block, Line):
            joined.append(block)
            between.append(block)
            continue
        turned = any(line.text == "\f" for line in between) and sum(line.text != "\f" for line in between) <= 3
        if last is not None and turned and len(last.rows[0]) == len(block.rows[0]):
            rows = [list(row) for row in last.rows]
            fresh = [list(row) for row in block.rows]
            if fresh[0] == rows[0]:
                fresh = fresh[1:]
            if fresh and not fresh[0][0] and rows:
                rows[-1] = [f"{a}\n{b}".strip("\n") for a, b in zip(rows[-1], fresh[0], strict=True)]
                fresh = fresh[1:]
            at = max(i for i, b in enumerate(joined) if b is last)
            joined[at] = Table(rows + fresh, last.place)
        else:
            joined.append(block)
        between = []
    return joined
