"""Which files the user means: paths, folders and patterns, in a fixed order."""

from collections.abc import Sequence
from pathlib import Path

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _

TRANSCRIPT_ENDINGS = frozenset(
    {".txt", ".md", ".docx", ".pdf", ".odt", ".srt", ".vtt", ".json", ".otr", ".eaf"}
    | {".csv", ".tsv", ".xlsx", ".jsonl", ".parquet"}
)


def expand_inputs(inputs: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """Return (the files meant, the files of a folder that are left out because of their ending).

    A folder stands for all files in it and below whose ending is one of TRANSCRIPT_ENDINGS, without hidden and lock
    files; a pattern (* ? [) for what it matches; anything else for itself, whatever its ending. Each file once, a
    folder's in order of their names. Raises JmoError for a pattern or folder without any file.
    """
    files: dict[Path, None] = {}
    left_out: list[Path] = []
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            found, others = _files_of(path)
            left_out += others
        elif not path.exists() and any(sign in given for sign in "*?["):
            found = sorted(match for match in Path(path.anchor or ".").glob(_relative(path)) if match.is_file())
        else:
            found = [path]
        if not found:
            raise JmoError(_("{given}: no transcript found there. Name a file, a folder or a pattern.", given=given))
        files.update(dict.fromkeys(found))
    return list(files), left_out


def _files_of(folder: Path) -> tuple[list[Path], list[Path]]:
    try:
        every = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    except OSError as reason:
        raise JmoError(
            _("{path}: the folder cannot be read ({reason}).", path=folder, reason=reason.strerror or str(reason))
        ) from reason
    wanted = [path for path in every if path.suffix.lower() in TRANSCRIPT_ENDINGS]
    return wanted, [path for path in every if path.suffix.lower() not in TRANSCRIPT_ENDINGS]


def _relative(pattern: Path) -> str:
    return str(pattern.relative_to(pattern.anchor)) if pattern.anchor else str(pattern)
