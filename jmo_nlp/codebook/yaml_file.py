"""Codebooks as YAML. Read through PyYAML's nodes, not its objects, so that every complaint knows its line."""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from jmo_nlp.codebook.check import BOOK_FIELDS, CODE_FIELDS, GROUP_FIELDS, LIST_FIELDS, Entry, assemble, did_you_mean
from jmo_nlp.codebook.headings import field_of_heading
from jmo_nlp.errors import CodebookError
from jmo_nlp.messages import _
from jmo_nlp.records import Code, Codebook

_TEXT = "tag:yaml.org,2002:str"
_EMPTY = "tag:yaml.org,2002:null"


def read_yaml(text: str, path: str) -> Codebook:
    """Return the codebook written in `text`; `path` is what complaints call the file."""
    root = _compose(text, path)
    top = _fields(root, path, (*BOOK_FIELDS, "groups", "codes"), _("the codebook"))
    if "codes" not in top:
        raise CodebookError(
            _(
                "{path}: {place}: the field {field} is missing or empty. Add it, for example: {example}",
                path=path,
                place=_place(root),
                field="codes",
                example="codes: [{id: sarana_prasarana, name: Sarana dan prasarana}]",
            )
        )
    book = _entry({name: top[name] for name in BOOK_FIELDS if name in top}, root, path)
    groups = [
        _entry(_fields(node, path, GROUP_FIELDS, _("a group")), node, path) for node in _items(top, "groups", path)
    ]
    codes = [_entry(_fields(node, path, CODE_FIELDS, _("a code")), node, path) for node in _items(top, "codes", path)]
    return assemble(path, book, groups, codes)


def write_yaml(codebook: Codebook) -> str:
    """Return the codebook as YAML; empty fields are left out, except those a reader requires."""
    data: dict[str, Any] = {"id": codebook.id, "version": codebook.version, "language": codebook.language}
    if codebook.name:
        data["name"] = codebook.name
    data["groups"] = [
        {"id": group.id, "name": group.name} | ({"name_en": group.name_en} if group.name_en else {})
        for group in codebook.groups
    ]
    data["codes"] = [dict(_filled(code)) for code in codebook.codes]
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def _filled(code: Code) -> Iterator[tuple[str, str | list[str]]]:
    for name in CODE_FIELDS:
        value = getattr(code, name)
        if value or name in ("id", "name"):
            yield name, list(value) if name in LIST_FIELDS else value


class _Dumper(yaml.SafeDumper):
    """Lists stand indented under their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_str(self, data: str) -> ScalarNode:
        # in other styles PyYAML writes line breaks, U+0085 among them, so that reading folds them into spaces
        style = None if data.isprintable() else '"'
        return self.represent_scalar(_TEXT, data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)


class _Loader(yaml.SafeLoader):
    """Refuses aliases: a codebook needs none, and a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise yaml.composer.ComposerError(
                None, None, _("aliases (*name) are not allowed here; write the text out"), mark
            )
        return super().compose_node(parent, index)


def _compose(text: str, path: str) -> MappingNode:
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as reason:
        line = text.count("\n", 0, reason.position) + 1
        raise CodebookError(
            _(
                "{path}: {place}: the character {character} is not allowed in YAML. Remove it.",
                path=path,
                place=_("line {line}", line=line),
                character=f"U+{int(reason.character):04X}",
            )
        ) from reason
    except yaml.MarkedYAMLError as reason:
        raise _broken(path, text, reason) from reason
    except RecursionError as reason:
        raise CodebookError(
            _("{path}: line 1: nested too deeply for a codebook. Write it as the built-in ones are.", path=path)
        ) from reason
    if root is None:
        raise CodebookError(
            _("{path}: line 1: the file is empty. Start from a built-in codebook, such as jmo.", path=path)
        )
    if not isinstance(root, MappingNode):
        raise CodebookError(
            _(
                "{path}: {place}: the file does not start with named fields. Begin with lines such as: id: jmo",
                path=path,
                place=_place(root),
            )
        )
    return root


def _broken(path: str, text: str, reason: yaml.MarkedYAMLError) -> CodebookError:
    mark = reason.problem_mark or reason.context_mark
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    problem = reason.problem or reason.context or ""
    place = _("line {line}", line=line)
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent or "'\\t'" in problem:
        return CodebookError(
            _("{path}: {place}: a tab stands where YAML needs spaces. Indent with spaces.", path=path, place=place)
        )
    if "mapping values are not allowed" in problem:
        return CodebookError(
            _(
                '{path}: {place}: a text with “: ” in it is read as a new field. Put the whole text in quotes: "…"',
                path=path,
                place=place,
            )
        )
    return CodebookError(
        _(
            "{path}: {place}: this is no valid YAML ({reason}). Check the indentation, the quotes and the colons here.",
            path=path,
            place=place,
            reason=problem,
        )
    )


def _place(node: Node) -> str:
    return _("line {line}", line=node.start_mark.line + 1)


def _fields(node: Node, path: str, known: tuple[str, ...], what: str) -> dict[str, Node]:
    """Return field -> value node of a mapping; fields without a value are left out."""
    if not isinstance(node, MappingNode):
        raise CodebookError(
            _(
                "{path}: {place}: {what} must be a set of fields, one a line, such as “id: …”.",
                path=path,
                place=_place(node),
                what=what,
            )
        )
    found: dict[str, Node] = {}
    first: dict[str, str] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        if name not in known:
            meant = field_of_heading(name)
            guess = " " + _("Did you mean {word}?", word=meant) if meant in known else did_you_mean(name, known)
            raise CodebookError(
                _(
                    "{path}: {place}: {what} has no field “{field}”; known: {known}.{guess}",
                    path=path,
                    place=_place(key),
                    what=what,
                    field=name,
                    known=", ".join(known),
                    guess=guess,
                )
            )
        if name in first:
            raise CodebookError(
                _(
                    "{path}: {place}: the field {field} stands twice (first at {first}). Keep one of them.",
                    path=path,
                    place=_place(key),
                    field=name,
                    first=first[name],
                )
            )
        first[name] = _place(key)
        if value.tag != _EMPTY:
            found[name] = value
    return found


def _items(top: dict[str, Node], name: str, path: str) -> list[Node]:
    if name not in top:
        return []
    node = top[name]
    if not isinstance(node, SequenceNode):
        raise CodebookError(
            _(
                "{path}: {place}: field {field} must be a list. Begin each entry with “- ”.",
                path=path,
                place=_place(node),
                field=name,
            )
        )
    return list(node.value)


def _entry(fields: dict[str, Node], node: Node, path: str) -> Entry:
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for name, value in fields.items():
        if name in LIST_FIELDS:
            lists[name] = tuple(_text(item, name, path, lenient=True) for item in _items(fields, name, path))
        else:
            texts[name] = _text(value, name, path, lenient=name == "version")
    return Entry(_place(node), texts, lists, {name: _place(value) for name, value in fields.items()})


def _text(node: Node, name: str, path: str, *, lenient: bool) -> str:
    """Return a scalar's text as written. Lenient: what YAML takes for a number or yes / no is text too (175, 1.0)."""
    if isinstance(node, ScalarNode) and (node.tag == _TEXT or (lenient and node.tag != _EMPTY)):
        # a block scalar's last line break belongs to the layout, not to the text
        written: str = node.value
        return written.rstrip("\n") if node.style in ("|", ">") else written
    if isinstance(node, MappingNode):
        fix = _("Put a text that holds “: ” in quotes, and write no fields inside it.")
    elif isinstance(node, SequenceNode):
        fix = _("Write one text, not a list.")
    elif node.tag == _EMPTY:
        fix = _("Remove the empty item.")
    else:
        fix = _("Put it in quotes.")
    raise CodebookError(
        _("{path}: {place}: field {field} must be text. {fix}", path=path, place=_place(node), field=name, fix=fix)
    )
