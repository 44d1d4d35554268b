"""Texts of the school: read and printed by staff, written and published by whoever may; who has agreed to them."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from admin_views import asked, filters, formats
from admin_views.access import ReadOnlyView
from admin_views.base import SchoolPage, acting, attempt, explanation
from admin_views.formats import linked
from app import policy, school_texts
from app.extensions import db
from app.models import Consent, SchoolText, Student
from app.models.diary import TextKind
from app.news.text import render
from app.policy import Action


class SchoolTextsView(SchoolPage):
    """«About the diary» and the consent, with their versions."""

    of = SchoolText

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Texts of the school"), category, endpoint="texts", url="/admin/texts")

    def is_accessible(self) -> bool:
        """Who writes them, and who explains them to parents: the class teachers (clause 2.3)."""
        actor = acting()
        return policy.may(actor, SchoolText, Action.CREATE) or policy.may(actor, Student, Action.CHANGE)

    @expose("/")
    def index(self) -> Any:
        """A text as it is read, or an earlier version of it."""
        kind, session = _kind(), db.session()
        versions, number = school_texts.versions(session, kind), asked.number("version")
        chosen = next((each for each in versions if each.version == number), None)
        if number is not None and chosen is None:
            abort(404)
        return self.render(
            "admin/texts/read.html", kind=kind, kinds=list(TextKind), versions=versions, moment=formats.moment,
            text=school_texts.as_shown(chosen) if chosen else school_texts.read(session, kind),
            is_draft=kind is TextKind.CONSENT and not versions,
            may_write=policy.may(acting(), SchoolText, Action.CREATE),
        )  # fmt: skip

    @expose("/edit", methods=("GET", "POST"))
    def edit(self) -> Any:
        """Write a new version, look at it, publish it."""
        if not policy.may(acting(), SchoolText, Action.CREATE):
            abort(403)
        kind, session = _kind(), db.session()
        text = school_texts.read(session, kind)
        body, seen, problem = text.body, text.version, ""
        if request.method == "POST":
            body, seen = request.form.get("body", ""), asked.number("seen") or 0
            if request.form.get("do") == "publish":
                problem = self._publish(kind, body, seen)
                if not problem:
                    return redirect(self.get_url(".index", kind=kind.value))
        return self.render(
            "admin/texts/edit.html", kind=kind, body=body, seen=text.version if problem else seen, problem=problem,
            preview=render(body[: school_texts.LONGEST]) if request.method == "POST" else "",
            longest=school_texts.LONGEST, last=text,
        )  # fmt: skip

    def _publish(self, kind: TextKind, body: str, seen: int) -> str:
        """What was wrong; nothing when it is published."""

        def publish() -> str:
            school_texts.publish(db.session(), kind, _printable(body), seen)
            return gettext("Published. Families read it from now on.")

        problem = attempt(publish)
        return explanation(problem) or "" if problem is not None else ""


class ConsentView(ReadOnlyView):
    """Who has consented to the processing of personal data, to which version, and when."""

    model_class = Consent
    title = _("Consents")
    of = Consent
    empty = _("Nobody has consented in the diary yet. It is asked for once the text of the consent is published.")
    loads = ("user", "text")
    column_list = ("user", "text", "given_at", "withdrawn_at")
    column_details_list = column_list
    column_sortable_list = (("user", "user.sort_name"), "given_at", "withdrawn_at")
    column_default_sort = ("given_at", True)
    column_formatters = {
        "user": linked,
        "text": lambda _view, _context, row, _name: _version(row),
    }
    column_formatters_export = {"text": column_formatters["text"]}
    filters = (filters.YesNo("withdrawn", _("Withdrawn"), Consent.withdrawn_at.is_not(None)),)

    def is_visible(self) -> bool:
        """In the menu of those who keep students' data; everybody else sees the own one in the diary."""
        return policy.may(acting(), Student, Action.CHANGE)


def _version(row: Consent) -> str:
    return gettext("version %(number)s", number=row.text.version) if row.text else ""


def _kind() -> TextKind:
    word = request.values.get("kind", TextKind.ABOUT.value)
    return next((kind for kind in TextKind if kind.value == word), None) or abort(404)


def _printable(text: str) -> str:
    """Without control characters; lines stay."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n")
    return "".join(letter for letter in text if letter == "\n" or letter.isprintable() or letter == "\t")
