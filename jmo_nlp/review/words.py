"""The fixed texts of the review page, in both languages."""

from functools import cache

from jmo_nlp.messages import Language, _, current_language, set_language


def page_words(language: Language) -> dict[str, str]:
    """Return name in the templates -> text."""
    before = current_language()
    set_language(language)
    try:
        return _words(language)
    finally:
        set_language(before)


def act_names() -> dict[str, str]:
    """Return kind of act -> what it is called, in the current language."""
    return {
        "decide": _("a decision"),
        "finish": _("a finished review"),
        "bulk": _("acceptance of many suggestions"),
        "mark": _("a mark"),
        "note": _("a note"),
        "split": _("a split"),
        "merge": _("a merge"),
    }


@cache
def _words(language: Language) -> dict[str, str]:
    return {
        "review": _("Review"),
        "skip": _("Go to the segment under review"),
        "navigation": _("Navigation"),
        "coder": _("Coder"),
        "language": _("Language"),
        "other_language": "Bahasa Indonesia" if language == "en" else "English",
        "other_language_code": "id" if language == "en" else "en",
        "conversation": _("Conversation"),
        "interviewer": _("Interviewer"),
        "informant": _("Informant"),
        "other": _("Other speaker"),
        "segment": _("Segment"),
        "current": _("under review"),
        "reviewed_mark": _("reviewed"),
        "unsure_mark": _("unsure"),
        "codes": _("Codes"),
        "suggestions": _("Suggestions"),
        "no_suggestion": _("The model suggests no code."),
        "no_model": _("No model has looked at this segment yet."),
        "abstained": _("The model would rather not say:"),
        "sealed": _("Coded blind: no suggestions and no codes of others are shown."),
        "accept": _("Accept"),
        "reject": _("Reject"),
        "accepted": _("accepted"),
        "rejected": _("rejected"),
        "undecided": _("too close to call"),
        "bulk": _("accepted with many, not reviewed"),
        "why": _("Why"),
        "finish": _("Done, next"),
        "finish_help": _("What you accepted applies, nothing else."),
        "all_suggested": _("Accept suggestions, next"),
        "none": _("No code, next"),
        "unsure": _("Unsure"),
        "note": _("Note"),
        "notes": _("Notes"),
        "note_label": _("Note on this segment"),
        "keep_note": _("Keep note"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "search_code": _("Find a code"),
        "next_unreviewed": _("Next not reviewed"),
        "next_uncertain": _("Next uncertain"),
        "next_of_code": _("Next of this code"),
        "following": _("Following"),
        "previous": _("Previous"),
        "close": _("Close"),
        "progress": _("Progress"),
        "reviewed": _("reviewed"),
        "left": _("left"),
        "per_segment": _("s a segment"),
        "definition": _("Definition"),
        "include": _("Code when"),
        "exclude": _("Do not code"),
        "examples": _("Examples"),
        "counter_examples": _("Looks alike, but belongs elsewhere"),
        "matched": _("What matched"),
        "against": _("Speaks against"),
        "nearest": _("Nearest segments coded so"),
        "unlike": _("Nearest segments where it does not apply"),
        "similarity": _("similarity"),
        "strongest": _("Words that moved it"),
        "no_evidence": _("The model gives no evidence for this code here."),
        "offline": _(
            "Not connected. What you did last is not stored yet; it is sent again as soon as the server answers."
        ),
        "online": _("Connected again. Everything is stored."),
        "reconnect": _("The session is over. Open the address that jmo-nlp printed when it started."),
        "problem": _("That did not work"),
        "back": _("Back to the review"),
        "nothing": _("Nothing to review here"),
        "actions": _("What to do with this segment"),
        "ways": _("Where to go"),
        "share_of": _("probability in per cent"),
        "move": _("choose a code"),
        "login": _("Log in"),
        "logout": _("Log out"),
        "password": _("Password"),
    }
