"""Writing XML as REFI-QDA programs read it: line ends kept in attributes, signs that XML cannot hold replaced."""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_ATTRIBUTES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def element(
    tag: str, attributes: Mapping[str, str | None], content: Iterable[str] = (), *, text: str | None = None
) -> Iterator[str]:
    """Yield an element in pieces: attributes that are not None, then `text` or the pieces of `content`."""
    given = "".join(
        f' {name}="{escape(possible(value), _IN_ATTRIBUTES)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if text is not None:
        yield f"<{tag}{given}>{escape(possible(text), {chr(13): '&#13;'})}</{tag}>\n"
        return
    pieces = iter(content)
    first = next(pieces, None)
    if first is None:
        yield f"<{tag}{given}/>\n"
        return
    yield f"<{tag}{given}>\n"
    yield first
    yield from pieces
    yield f"</{tag}>\n"


def wrapped(tag: str, content: Iterable[str]) -> Iterator[str]:
    """Yield the pieces inside an element without attributes; nothing where there are none, as the schema asks."""
    pieces = iter(content)
    first = next(pieces, None)
    if first is not None:
        yield f"<{tag}>\n"
        yield first
        yield from pieces
        yield f"</{tag}>\n"


def possible(text: str) -> str:
    """Return the text with U+FFFD for each sign that XML 1.0 cannot hold."""
    return _IMPOSSIBLE.sub("\ufffd", text)
