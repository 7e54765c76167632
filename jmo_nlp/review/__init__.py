"""The review page: a local web page on which a person reviews suggestions, or codes blind.

Parts: `app` puts the views together, `security` stands before them, `page` is what a view gets, `serving` runs it all.
`views/` holds a module for each group of views, `templates/` what they fill in, `static/` style and keys.

To add a view:

1. Write `views/NAME.py`. A view is a plain function `def queue(page: Page) -> Response`; it runs in a thread, with the
   session checked and the language set. `page.corpus` is the open study, `page.coder` who asks, `page.query` and
   `page.form` what came along, `page.sealed` the segments of which nothing by others may be shown. What goes wrong and
   a person can mend is raised as a JmoError; it is shown.
2. In the module, say where it is: `ROUTES = (("/queue", queue, "GET"), ("/queue/decide", decide, "POST"))`, and, for an
   entry in the navigation, `def menu(page) -> list[tuple[str, str]]: return [("/queue", _("Disagreements"))]`.
3. Add NAME to `app.VIEWS`.
4. Write `templates/queue.html`: `{% extends "base.html" %}{% block main %}…{% endblock %}`; answer with
   `page.render("queue.html", {"name": value, …})`. Templates hold no texts: fixed ones go to `words.py` (`t.name`), or
   they come as values. A part for htmx is a template that does not extend the base; `page.wants_part` tells. A part
   may carry `<div id="said" hx-swap-oob="innerHTML">…</div>` to say what happened.
5. Keys: a button with `data-key="v"` is pressed by that key wherever it is visible. No inline script or style: the
   content policy forbids both.
6. What is decided is written within `corpus.acts.acting(…)`, in one transaction, before the answer leaves; with the
   form's field `act` (made by the page) as its id, sending it twice does it once, and it can be undone.
   `workspace.workspace(page, place)` answers with the page around a segment, blind where it is sealed.

Options of single views come with `Site.options`; the command is in `jmo_nlp/cli/review.py`.
"""
