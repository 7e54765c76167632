"""Split and merge by hand."""

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jmo_nlp.corpus.acts import Act


def turn(db: sqlite3.Connection, new: "Act", target: "Act") -> None:
    """Undo or redo a split or merge."""
