"""Writing files so that nobody ever finds half a one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jmo_nlp.errors import ExchangeError, JmoError
from jmo_nlp.messages import _


@contextmanager
def atomically(path: Path, *, error: type[JmoError] = ExchangeError) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; on success it takes that name, on failure nothing is left.

    An operating-system failure (no folder, no right, no space) becomes one `error` that names the file and the reason.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part" + path.suffix)
        os.close(handle)
    except OSError as reason:
        raise cannot_write(path, reason, error=error) from reason
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as reason:
        raise cannot_write(path, reason, error=error) from reason
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def cannot_write(path: Path, reason: OSError, *, error: type[JmoError] = ExchangeError) -> JmoError:
    """Return the error that says why `path` cannot be written and what to do."""
    return error(
        _(
            "{path}: cannot be written ({reason}). Choose a folder that exists, is writable and has space.",
            path=path,
            reason=reason.strerror or str(reason),
        )
    )
