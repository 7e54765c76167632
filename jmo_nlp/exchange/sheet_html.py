"""A coding sheet as one HTML file that works from disk: no network, everything kept in the coder's browser."""

import base64
import hashlib
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

from jmo_nlp.exchange.sheet import Sheet, instructions
from jmo_nlp.files import atomically
from jmo_nlp.messages import _, in_language

KEYS = "123456789abdefghijklmopqrtvwx"  # for the codes; c, n, s, u, y, z and 0 do other things


def write_html(sheet: Sheet, path: Path) -> None:
    """Write the sheet to `path`, atomically."""
    with atomically(path) as temporary:
        temporary.write_text(html(sheet), encoding="utf-8", newline="\n")


def html(sheet: Sheet) -> str:
    """Return the sheet as HTML. Its script and style may run by their hashes alone; nothing can be loaded or sent."""
    import jinja2
    from markupsafe import Markup

    folder = resources.files("jmo_nlp.exchange").joinpath("templates")
    parts = {name: folder.joinpath(f"sheet.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    with in_language(sheet.language):
        return environment.from_string(parts["html"]).render(
            t=_texts(),
            language=sheet.language,
            study=sheet.study,
            coder=sheet.coder,
            sample=sheet.sample,
            groups=_groups(sheet),
            instructions=instructions(sheet),
            # our own files and escaped JSON; everything else goes through autoescape
            style=Markup(parts["css"]),
            script=Markup(parts["js"]),
            style_hash=_hash(parts["css"]),
            script_hash=_hash(parts["js"]),
            data=Markup(_data(sheet)),
        )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _data(sheet: Sheet) -> str:
    """Return what the script works on, as JSON that cannot end the element it stands in."""
    about = json.dumps(sheet.about, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(about.encode("utf-8")).hexdigest()[:16]
    name = "-".join(filter(None, (sheet.study, sheet.sample, sheet.coder)))
    data = {
        "about": sheet.about,
        "segments": [{"id": s.id, "question": s.question, "text": s.text} for s in sheet.segments],
        "words": _said(),
        "key": f"jmo_nlp:{digest}",
        "file": re.sub(r"[^\w.-]+", "_", name) + ".json",
    }
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _groups(sheet: Sheet) -> list[dict[str, Any]]:
    keys = dict(zip(sheet.codes, KEYS, strict=False))
    heads = (_("Code when"), _("Do not code"), _("Examples"), _("Looks alike, but belongs elsewhere"))
    found = []
    for _id, name, codes in sheet.groups():
        entries = []
        for code_id in codes:
            code = sheet.codebook[code_id]
            lists = zip(heads, (code.include, code.exclude, code.examples, code.counter_examples), strict=True)
            entries.append(
                {
                    "id": code_id,
                    "name": sheet.name_of(code_id),
                    "digit": keys.get(code_id, ""),
                    "definition": code.definition,
                    "lists": [(head, items) for head, items in lists if items],
                }
            )
        found.append({"name": name, "codes": entries})
    return found


def _texts() -> dict[str, str]:
    return {
        "title": _("Coding sheet"),
        "skip": _("Go to the passage"),
        "coder": _("Coder"),
        "sample": _("Sample"),
        "progress": _("Progress"),
        "no_script": _("This sheet needs JavaScript. Allow it in the browser, or ask for the sheet as a spreadsheet."),
        "ways": _("Where to go"),
        "previous": _("Previous"),
        "following": _("Following"),
        "next": _("Next not coded"),
        "save": _("Save the result as a file"),
        "load": _("Load a saved result"),
        "passage": _("Passage"),
        "question": _("Question"),
        "answer": _("What the informant says"),
        "overview": _("All passages"),
        "instructions": _("Instructions"),
        "kept": _(
            "Everything is kept in this browser as you go. Save the result as a file when you stop, and hand that in; "
            "on another computer, load it into the same sheet."
        ),
        "codes": _("Codes"),
        "find": _("Find a code"),
        "definition": _("Definition"),
        "else": _("Beside the codes"),
        "unsure": _("Unsure"),
        "note": _("Note"),
        "actions": _("What to do with this passage"),
        "done": _("Done, next"),
        "none": _("No code, next"),
        "undo": _("Undo"),
        "redo": _("Redo"),
    }


def _said() -> dict[str, str]:
    """Return what the script says; it fills in the names in braces."""
    return {
        "place": _("Passage {number} of {count}"),
        "progress": _("{done} of {count} coded"),
        "finished": _("coded"),
        "no_question": _("(nobody asked)"),
        "on": _("Given: {code}"),
        "off": _("Taken back: {code}"),
        "choose": _("Give a code first, or say with 0 that none applies."),
        "said_done": _("Coded."),
        "said_none": _("No code applies."),
        "left": _("{left} left."),
        "all_done": _("All passages are coded. Save the result as a file and hand it in."),
        "undone": _("Undone."),
        "redone": _("Redone."),
        "saved": _("Saved as {file}: {done} of {count} coded."),
        "loaded": _("{taken} passages taken from {file}."),
        "not_this": _("{file} is no result of this sheet; nothing was taken from it."),
        "not_kept": _("This browser does not keep what you do here. Save the result as a file before you close it."),
        "welcome_back": _("Welcome back: {done} of {count} coded."),
    }
