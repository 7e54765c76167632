"""User-facing text in Indonesian and English, from one catalogue.

The English template in the code is the key; `locale/id.json` holds its Indonesian. Values are filled in after the
look-up, so both languages share the same placeholders (a test checks that every template has its translation).
"""

import json
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["id", "en"]


def language_of_locale() -> Language:
    """Return "id" where the user's locale is Indonesian (`id_*`), else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "id" if value.lower().startswith("id") else "en"
    system = locale.getlocale()[0] or ""
    return "id" if system.lower().startswith("id") else "en"


_language: ContextVar[Language | None] = ContextVar("language", default=None)


def set_language(language: Language | None) -> None:
    """Choose the language of all texts from here on; None goes back to the locale's."""
    _language.set(language)


@contextmanager
def in_language(language: Language | None) -> Iterator[None]:
    """Say everything within in this language; None: as it was."""
    if language is None:
        yield
        return
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


def chosen_language() -> Language | None:
    """Return the language that was chosen by hand, or None."""
    return _language.get()


def current_language() -> Language:
    """Return the chosen language, or the locale's where none was chosen."""
    return _language.get() or language_of_locale()


@cache
def catalogue() -> dict[str, str]:
    """Return English template -> Indonesian template."""
    text = resources.files("jmo_nlp").joinpath("locale", "id.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


def _(template: str, /, **values: object) -> str:
    """Return `template` in the current language, with `values` filled in."""
    if current_language() == "id":
        template = catalogue().get(template, template)
    return template.format(**values) if values else template
