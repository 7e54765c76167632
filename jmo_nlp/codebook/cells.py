r"""Texts and lists of texts in table cells, without loss.

A cell with several texts separates them by " | "; where a person typed line breaks instead, these count too, and in the
keywords column also commas and semicolons. A text that holds such a sign itself has a backslash before it ("\|"). Line
breaks and other signs that tables mangle are written \n, \r, \t, \s (a space at either end), \e (an empty text) and
\uXXXX. A cell that begins like a formula (= + - @) or with an apostrophe gets an apostrophe in front, so that no
spreadsheet computes it; reading takes it off again.
"""

import re
from collections.abc import Iterable, Iterator

SEPARATOR = " | "
_FORMULA = ("=", "+", "-", "@", "'", "＝", "＋", "－", "＠")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "|": "\\|", ",": "\\,", ";": "\\;"}
_SIGN_OF = {"n": "\n", "r": "\r", "t": "\t", "s": " ", "e": ""}
_TOKEN = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)|(.)", re.DOTALL)
_BULLET = re.compile(r"(?:[-•*–▪·]|\(?\d{1,2}[.)])\s+")


def cell_of_text(text: str) -> str:
    """Return one text as the content of a cell."""
    return _guarded(_escaped(text, "") if text else "")


def cell_of_list(texts: Iterable[str], *, keywords: bool = False) -> str:
    """Return several texts as the content of a cell."""
    special = "|,;" if keywords else "|"
    return _guarded(SEPARATOR.join(_escaped(text, special) or "\\e" for text in texts))


def text_of_cell(cell: str) -> str:
    """Return the text of a cell."""
    return _joined(_tokens(_unguarded(cell)))


def list_of_cell(cell: str, *, keywords: bool = False, typed: bool = False) -> tuple[str, ...]:
    """Return the texts of a cell; `typed` takes bullets and numbers off, as people put them before their points."""
    separators = "|\n,;" if keywords else "|\n"
    cell = _unguarded(cell)
    if typed and not keywords and "|" not in cell and "\n" not in cell:
        separators = ";"
    parts: list[list[tuple[str, bool]]] = [[]]
    for sign, plain in _tokens(cell):
        if plain and sign in separators:
            parts.append([])
        else:
            parts[-1].append((sign, plain))
    texts = []
    for part in parts:
        text = _joined(part)
        if typed:
            text = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
        if text or any(not plain for _sign, plain in part):
            texts.append(text)
    return tuple(texts)


def _escaped(text: str, special: str) -> str:
    inner = text.strip(" ")
    left = len(text) - len(text.lstrip(" "))
    if not inner:
        return "\\s" * len(text)
    right = len(text) - left - len(inner)
    written = "".join(_written(sign, special) for sign in inner)
    return "\\s" * left + written + "\\s" * right


def _written(sign: str, special: str) -> str:
    if sign in special or sign in "\n\r\t\\":
        return _NAMED[sign]
    # control characters, what XML forbids, and spaces and line breaks that do not look like such
    if not sign.isprintable() and ord(sign) < 0x10000:
        return f"\\u{ord(sign):04x}"
    return sign


def _tokens(cell: str) -> Iterator[tuple[str, bool]]:
    """Yield (sign, plain) pairs; plain is False for what was written with a backslash."""
    for match in _TOKEN.finditer(cell.replace("\r\n", "\n").replace("\r", "\n")):
        code, escaped, plain = match.groups()
        if code is not None:
            yield chr(int(code, 16)), False
        elif escaped is not None:
            if escaped in _SIGN_OF:
                yield _SIGN_OF[escaped], False
            elif escaped in "\\|,;":
                yield escaped, False
            else:  # no escape of ours: a backslash that somebody typed
                yield "\\", True
                yield escaped, True
        else:
            yield plain, True


def _joined(tokens: Iterable[tuple[str, bool]]) -> str:
    """Return the text, without the blank space around it that is not written with a backslash."""
    signs = list(tokens)
    while signs and signs[0][1] and signs[0][0].isspace():
        signs.pop(0)
    while signs and signs[-1][1] and signs[-1][0].isspace():
        signs.pop()
    return "".join(sign for sign, _plain in signs)


def _guarded(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
