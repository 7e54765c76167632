"""Passwords of coders who work over a local network: kept as scrypt hashes in the study's folder.

scrypt after Percival & Josefsson, RFC 7914 (2016), with N = 2**15, r = 8, p = 1: about 32 MB and a tenth of a second a
try. A coder who guesses wrong several times must wait, longer each time.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from pathlib import Path

from jmo_nlp.errors import CorpusError
from jmo_nlp.files import atomically
from jmo_nlp.messages import _

PASSWORD_FILE = ".review-passwords.json"
SHORTEST = 8
_COST = {"n": 2**15, "r": 8, "p": 1}
_FREE_TRIES = 5


def hashed(password: str) -> dict[str, object]:
    """Return a password's salt, cost and hash; raise CorpusError where it is too short."""
    if len(password) < SHORTEST:
        raise CorpusError(_("A password needs at least {count} characters.", count=SHORTEST))
    salt = secrets.token_bytes(16)
    return {"salt": _text(salt), **_COST, "hash": _text(_scrypt(password, salt, **_COST))}


def fits(password: str, known: dict[str, object] | None) -> bool:
    """Return whether a password is the one hashed; as slow for a coder who is not known."""
    if known is None:
        _scrypt(password, b"nobody with this name", **_COST)
        return False
    salt, cost = base64.b64decode(str(known["salt"])), {name: int(str(known[name])) for name in _COST}
    return hmac.compare_digest(_scrypt(password, salt, **cost), base64.b64decode(str(known["hash"])))


def read_passwords(study: Path) -> dict[str, dict[str, object]]:
    """Return coder -> hashed password, as kept in the study's folder; empty where none was set."""
    path = study / PASSWORD_FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as reason:
        raise CorpusError(_("{path}: is damaged. Delete it and set the passwords again.", path=path)) from reason
    return dict(found)


def set_passwords(study: Path, passwords: dict[str, str]) -> None:
    """Keep new passwords (coder -> password) beside those known, hashed, readable by the owner alone."""
    kept = read_passwords(study) | {coder: hashed(password) for coder, password in passwords.items()}
    before = os.umask(0o077)
    try:
        with atomically(study / PASSWORD_FILE, error=CorpusError) as temporary:
            temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    finally:
        os.umask(before)


def passwords_from(path: Path) -> dict[str, str]:
    """Return coder -> password from a text file with a line "coder: password" each; "#" begins a remark."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as reason:
        raise CorpusError(
            _("{path}: cannot be read as a list of passwords ({reason}).", path=path, reason=reason)
        ) from reason
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        coder, colon, password = line.partition(":")
        if not colon or not coder.strip() or len(password.strip()) < SHORTEST:
            raise CorpusError(
                _(
                    "{path}: line {line}: write it as NAME: PASSWORD, with at least {count} characters.",
                    path=path,
                    line=number,
                    count=SHORTEST,
                )
            )
        found[coder.strip()] = password.strip()
    return found


class Attempts:
    """Counts wrong tries, a key (coder or address); after a few of them the next must wait."""

    def __init__(self) -> None:
        """Start with no tries."""
        self._wrong: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Return how many seconds this key must still wait."""
        with self._lock:
            count, last = self._wrong.get(key, (0, 0.0))
        pause = min(2.0 ** (count - _FREE_TRIES), 300.0) if count >= _FREE_TRIES else 0.0
        return max(0.0, last + pause - time.monotonic())

    def failed(self, key: str) -> None:
        """Note a wrong try."""
        with self._lock:
            if len(self._wrong) > 10_000:
                self._wrong.clear()
            self._wrong[key] = (self._wrong.get(key, (0, 0.0))[0] + 1, time.monotonic())

    def succeeded(self, key: str) -> None:
        """Forget the wrong tries of a key."""
        with self._lock:
            self._wrong.pop(key, None)


def _scrypt(password: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**27, dklen=32)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
