"""What is wrong with a command line, in the user's language: what the parser says in English, said anew."""

import re
from collections.abc import Callable
from typing import Any

import typer

from jmo_nlp.messages import _

Refused: type[Exception] = typer.BadParameter.__mro__[2]
"""The parser's own kind of error, of which wrong usage is one."""

_HEAD = re.compile(r"(?s)Invalid value(?: for (?P<where>.+?))?: (?:Value error, )?(?P<what>.+)")

_SAID: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"Missing (?:argument|option|parameter) '?(.+?)'?\.?", lambda m: _("{what} is missing.", what=m[1])),
    (r"Missing command\.?", lambda m: _("Say which command.")),
    (
        r"No such command '(.+?)'\. Did you mean (.+)\?",
        lambda m: _("There is no command {name}. Is {like} meant?", name=m[1], like=m[2].replace("'", "")),
    ),
    (r"No such command '(.+)'\.", lambda m: _("There is no command {name}.", name=m[1])),
    (
        r"No such option: (\S+?)\.? (?:\(Possible options: |Did you mean )(.+?)[)?]",
        lambda m: _("There is no option {name}. Is {like} meant?", name=m[1], like=m[2].replace("'", "")),
    ),
    (r"No such option: (\S+)", lambda m: _("There is no option {name}.", name=m[1])),
    (r"Got unexpected extra arguments? ?(?:\(s\) )?\((.+)\)", lambda m: _("This is too much: {what}.", what=m[1])),
    (r"Option '(.+)' requires an argument\.", lambda m: _("{name} needs a value after it.", name=m[1])),
    (r"Option '(.+)' does not take a value\.", lambda m: _("{name} takes no value.", name=m[1])),
    (r"Input should be a valid integer.*|'.*' is not a valid integer.*", lambda m: _("a whole number is needed")),
    (r"Input should be a valid number.*|'.*' is not a valid float.*", lambda m: _("a number is needed")),
    (r"Input should be greater than or equal to (.+)", lambda m: _("at least {least} is needed", least=m[1])),
    (r"Input should be less than or equal to (.+)", lambda m: _("at most {most} is possible", most=m[1])),
    (
        r"'?(.*?)'? is not one of (.+?)\.?",
        lambda m: _("{value} is not one of {choices}", value=m[1], choices=m[2].replace("'", "")),
    ),
)


def usage_words(error: Any) -> str:  # noqa: ANN401 - the parser's classes are its own affair
    """Return an error of the parser in one line: what is wrong, and how to ask for help."""
    message = str(error.format_message())
    where = ""
    if head := _HEAD.fullmatch(message):
        where, message = (head["where"] or "").strip("'"), head["what"]
    message = next((say(m) for pattern, say in _SAID if (m := re.fullmatch(pattern, message, re.DOTALL))), message)
    text = f"{where}: {message}" if where else message
    if not text.endswith((".", "?", "!")):
        text += "."
    context = getattr(error, "ctx", None)
    return text if context is None else text + " " + _("Help: {command} -h", command=context.command_path)
