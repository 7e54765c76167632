"""Codebooks: the built-in ones, files, what is wrong with one, what changed between two.

YAML is the form people keep (yaml_file), CSV and XLSX the forms they pass around (table_file), .qdc what other programs
for qualitative analysis exchange (qdc_file). All of them give entries with places to `check`, which alone decides what
a valid codebook is.
"""

from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from jmo_nlp.codebook.changes import Change, diff_codebooks
from jmo_nlp.codebook.lint import Finding, lint_codebook
from jmo_nlp.errors import CodebookError
from jmo_nlp.files import atomically
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook

__all__ = [
    "Change",
    "Finding",
    "builtin_codebooks",
    "diff_codebooks",
    "lint_codebook",
    "load_codebook",
    "save_codebook",
]

_BUILTIN = ("jmo", "steers-1985", "delone-mclean")
_MAX_BYTES = 16 * 2**20


def builtin_codebooks() -> tuple[str, ...]:
    """Return the names that `load_codebook` knows without a file."""
    return _BUILTIN


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Return a built-in codebook by name, or the one in a file: .yaml, .yml, .csv, .xlsx or .qdc.

    CodebookError says which file, which line or row, which field, and what to do; CodebookWarning says which columns of
    a table were left out.
    """
    if str(name_or_path) in _BUILTIN:
        file = resources.files("jmo_nlp").joinpath("codebooks", f"{name_or_path}.yaml")
        return _read_yaml(file.read_bytes(), f"{name_or_path}.yaml")
    path = Path(name_or_path)
    suffix = path.suffix.lower()
    if suffix not in (".yaml", ".yml", ".csv", ".tsv", ".xlsx", ".qdc"):
        raise _unknown(path)
    content = _bytes_of(path)
    if suffix == ".qdc":
        from jmo_nlp.codebook.qdc_file import read_qdc

        return read_qdc(content, str(path))
    # the content decides where a name lies: a workbook begins as every zip archive does
    if content.startswith(b"PK\x03\x04"):
        from jmo_nlp.codebook.table_file import read_xlsx

        return read_xlsx(content, str(path))
    if suffix == ".xlsx":
        raise CodebookError(
            _("{path}: is no readable Excel workbook. Open it in Excel or LibreOffice and save it again.", path=path)
        )
    if suffix in (".csv", ".tsv"):
        from jmo_nlp.codebook.table_file import read_csv

        return read_csv(_text_of(content, path, fallback="cp1252"), str(path))
    return _read_yaml(content, str(path))


def save_codebook(codebook: Codebook, path: str | Path) -> None:
    """Write a codebook as .yaml, .yml, .csv, .xlsx or .qdc, whole or not at all. Comments are not kept."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        from jmo_nlp.codebook.yaml_file import write_yaml

        content = write_yaml(codebook).encode("utf-8")
    elif suffix == ".csv":
        from jmo_nlp.codebook.table_file import write_csv

        content = write_csv(codebook)
    elif suffix == ".xlsx":
        from jmo_nlp.codebook.table_file import write_xlsx

        content = write_xlsx(codebook)
    elif suffix == ".qdc":
        from jmo_nlp.codebook.qdc_file import write_qdc

        content = write_qdc(codebook)
    else:
        raise CodebookError(
            _("{path}: a codebook is written as .yaml, .csv, .xlsx or .qdc. Choose one of these endings.", path=path)
        )
    with atomically(path, error=CodebookError) as temporary:
        temporary.write_bytes(content)


def _unknown(path: Path) -> CodebookError:
    if path.suffix and (path.exists() or len(path.parts) > 1):
        if path.is_file():
            return CodebookError(
                _(
                    "{path}: a codebook is read from .yaml, .csv, .xlsx or .qdc. Save it in one of these forms.",
                    path=path,
                )
            )
        return CodebookError(_("{path}: no such file. Check the name and the folder.", path=path))
    near = get_close_matches(str(path).casefold(), _BUILTIN, n=1, cutoff=0.5)
    return CodebookError(
        _(
            "{path}: no built-in codebook of this name; there are {known}. "
            "Choose one of them, or name a .yaml, .csv, .xlsx or .qdc file.{guess}",
            path=path,
            known=", ".join(_BUILTIN),
            guess=" " + _("Did you mean {word}?", word=near[0]) if near else "",
        )
    )


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise CodebookError(_("{path}: is a folder, not a codebook file. Name the file in it.", path=path))
        if path.stat().st_size > _MAX_BYTES:
            raise CodebookError(
                _(
                    "{path}: {size} MB is more than a codebook can hold. Check that it is the right file.",
                    path=path,
                    size=path.stat().st_size // 2**20,
                )
            )
        return path.read_bytes()
    except FileNotFoundError as reason:
        raise CodebookError(_("{path}: no such file. Check the name and the folder.", path=path)) from reason
    except PermissionError as reason:
        raise CodebookError(
            _("{path}: may not be read (no permission). Allow reading, or copy it elsewhere.", path=path)
        ) from reason
    except OSError as reason:
        raise CodebookError(
            _(
                "{path}: cannot be read ({reason}). Check the disk or copy the file again.",
                path=path,
                reason=reason.strerror or str(reason),
            )
        ) from reason
    except ValueError as reason:  # a NUL in the name
        raise CodebookError(_("{path}: not a possible file name. Check the name.", path=repr(str(path)))) from reason


def _read_yaml(content: bytes, path: str) -> Codebook:
    from jmo_nlp.codebook.yaml_file import read_yaml

    return read_yaml(_text_of(content, Path(path)), path)


def _text_of(content: bytes, path: Path, *, fallback: str | None = None) -> str:
    """Decode UTF-8 or UTF-16 with a mark; else `fallback`, which spreadsheets on older systems write."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as reason:
        line = content.count(b"\n", 0, reason.start) + 1
        if fallback is None or b"\0" in content:
            raise CodebookError(
                _("{path}: line {line}: is not UTF-8 text. Save the file again as UTF-8.", path=path, line=line)
            ) from reason
        text = content.decode(fallback, errors="replace")
    if "\0" in text:
        raise CodebookError(
            _(
                "{path}: line {line}: is not a text file. Check that it is the right file.",
                path=path,
                line=text.count("\n", 0, text.index("\0")) + 1,
            )
        )
    return text
