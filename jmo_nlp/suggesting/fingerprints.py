"""Fingerprints: what a model was made of, in 16 hexadecimal digits."""

import hashlib
from collections.abc import Iterable, Sequence


def digest(*parts: str | bytes) -> str:
    """Return the first 16 hexadecimal digits of a SHA-256 over texts and bytes, in their order."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else part.encode("utf-8"))
        found.update(b"\0")
    return found.hexdigest()[:16]


def decisions_hash(decisions: Iterable[Sequence[str]]) -> str:
    """Return the fingerprint of decisions, in whatever order they come.

    Of each decision its words, such as segment, code, "1" or "0", coder: the same decisions, the same fingerprint.
    """
    return digest(*sorted("\x1f".join(decision) for decision in decisions))
