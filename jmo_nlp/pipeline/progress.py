"""How long steps tell how far they are."""

from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Called with (done, total); total is None where it is not known."""


def no_progress(done: int, total: int | None) -> None:
    """Show nothing."""
