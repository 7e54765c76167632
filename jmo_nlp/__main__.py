"""The console command: choose the language, run, and turn what went wrong into one line and an exit status."""

import io
import os
import sys
import warnings

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _, set_language

INTERRUPTED = 130


def main() -> None:
    """Run `jmo-nlp`: exit status 0, 1 for what the user can mend, 2 for usage, 130 when interrupted."""
    _choose_language(sys.argv)
    warnings.showwarning = _note
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a letter shows ? rather than failing
    from typer import Abort

    from jmo_nlp.cli import app
    from jmo_nlp.cli.usage import Refused, usage_words

    try:
        status = app(standalone_mode=False)
        if status == INTERRUPTED:
            raise KeyboardInterrupt
        sys.exit(status if isinstance(status, int) else 0)
    except Refused as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a command without anything: its help, as it is
            sys.stderr.write(str(error) + "\n")
            sys.exit(2)
        _stop(usage_words(error), status=getattr(error, "exit_code", 2))
    except JmoError as error:
        _stop(str(error))
    except (KeyboardInterrupt, Abort):
        _stop(_("Stopped. What was finished is stored; the same command goes on from there."), status=INTERRUPTED)
    except BrokenPipeError:
        # whoever read our output has gone; writing to it again at exit would only fail once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _stop(
            _(
                "{where}{reason}. Check the disk, the folder and its rights.",
                where=where,
                reason=error.strerror or error,
            )
        )
    except MemoryError:
        _stop(_("Not enough memory. Close other programs, or give fewer or smaller files at a time."))


def _choose_language(arguments: list[str]) -> None:
    # before the commands are built, since their help texts are in that language too
    for here, following in zip(arguments, [*arguments[1:], ""], strict=True):
        value = here.removeprefix("--lang=") if here.startswith("--lang=") else following if here == "--lang" else ""
        if value in ("id", "en"):
            set_language("id" if value == "id" else "en")


def _note(message: Warning | str, category: type[Warning], *_where: object, **_how: object) -> None:
    # our own warnings are for the user; those of other packages are for their developers
    if category.__module__.startswith("jmo_nlp"):
        sys.stderr.write(_("Warning") + ": " + " ".join(str(message).split()) + "\n")


def _stop(message: str, *, status: int = 1) -> None:
    sys.stderr.write(_("Error") + ": " + " ".join(message.split()) + "\n")
    sys.exit(status)


if __name__ == "__main__":
    main()
