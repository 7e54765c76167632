"""Codebooks: the built-in ones, files, what is wrong with one, what changed between two.

YAML is the form people keep (yaml_file), CSV and XLSX the forms they pass around (table_file). All of them give
entries with places to `check`, which alone decides what a valid codebook is.
"""

from importlib import resources
from pathlib import Path

from jmo_nlp.codebook.yaml_file import read_yaml
from jmo_nlp.records import Codebook

__all__ = ["builtin_codebooks", "load_codebook"]

_BUILTIN = ("jmo", "steers-1985", "delone-mclean")


def builtin_codebooks() -> tuple[str, ...]:
    """Return the names that `load_codebook` knows without a file."""
    return _BUILTIN


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Return a built-in codebook, or the one in a file."""
    if isinstance(name_or_path, str) and name_or_path in _BUILTIN:
        text = resources.files("jmo_nlp").joinpath("codebooks", f"{name_or_path}.yaml").read_text(encoding="utf-8")
        return read_yaml(text, f"{name_or_path}.yaml")
    path = Path(name_or_path)
    return read_yaml(path.read_text(encoding="utf-8"), str(path))
