"""The words of a page: its translations are looked up once, not for each word of a template."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


def register(app: Flask) -> None:
    """Take the place of what Flask-Babel gives to the templates."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _found().ugettext(text),
        ngettext=lambda one, many, number: _found().ungettext(one, many, number),
        pgettext=lambda context, text: _found().upgettext(context, text),
        npgettext=lambda context, one, many, number: _found().unpgettext(context, one, many, number),
        newstyle=True,
    )


def _found() -> Any:
    """The translations of the reader's language, or of the one that is forced: Flask-Babel forgets them with it."""
    kept = g.get("_flask_babel")
    found = getattr(kept, "babel_translations", None)
    if found is None:
        found = get_translations()
        if kept is not None:
            kept.babel_translations = found
    return found
