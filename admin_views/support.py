"""Problems that class teachers report, and what the administration does about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import abort, redirect, request
from flask_admin import expose
from flask_babel import format_timedelta, gettext
from flask_babel import lazy_gettext as _

from admin_views import asked, formats
from admin_views.base import SchoolPage, acting, acting_person, attempt, explanation
from app import attachments, policy
from app.attachments import Upload
from app.auth.next_page import local_path
from app.extensions import db
from app.journal.links import with_links
from app.messages import once
from app.models import SupportRequest
from app.models.communication import SupportState
from app.news import pictures
from app.policy import Action, Actor
from app.support import files, listing, work
from app.support.listing import Which


@dataclass
class Form:
    """What was typed, and what is to be mended: kept on the page until it is sent."""

    key: str = field(default_factory=once.new_key)
    page: str = ""
    body: str = ""
    uploads: list[Upload] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    had_files: bool = False


class SupportView(SchoolPage):
    """The requests: a class teacher's own, for the administration all."""

    of = SupportRequest

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Problems"), category, endpoint="support", url="/admin/support")

    def is_accessible(self) -> bool:
        """Who works here; what stands there is the person's own, or the administration's."""
        actor = acting()
        return actor is not None and (actor.is_staff or self.is_visible())

    def is_visible(self) -> bool:
        """In the menu of those who report problems or solve them."""
        return self.may_report() or work.answers(acting())

    def may_report(self) -> bool:
        """Whether the person may report a problem: then a link to it stands on every page."""
        return policy.may(acting(), SupportRequest, Action.CREATE)

    def waiting(self, actor: Actor) -> Any:
        """How many wait for somebody of the administration to look at them."""
        return listing.waiting().scalar_subquery() if work.answers(actor) else None

    # Reading

    @expose("/")
    def index(self) -> Any:
        """The list, with how long requests take."""
        actor, session = acting_person(), db.session()
        word, number = request.args.get("state", Which.UNSOLVED.value), request.args.get("page", "0")
        which = next((each for each in Which if each.value == word), None) or abort(404)
        if not re.fullmatch(r"\d{1,4}", number, re.ASCII):
            abort(404)
        author = asked.number("author")
        shown = listing.page(session, which, author, int(number))
        authors = listing.authors(session)
        if not self.is_visible() and not authors:
            abort(403)
        return self._draw(
            "list", shown=shown, which=which, author=author, page=int(number), authors=authors,
            durations=listing.durations(session, actor.now), excerpt=listing.excerpt, Which=Which,
        )  # fmt: skip

    @expose("/<int:number>/")
    def show(self, number: int) -> Any:
        """One request with its replies."""
        return self._show(self._row(number))

    @expose("/file/<int:number>")
    def file(self, number: int) -> Any:
        """A screenshot, for those who see its request."""
        row = files.file(db.session(), number)
        if row is None or not files.path(row).is_file():
            abort(404)
        return attachments.answer(files.path(row), row.name, "save" in request.args)

    # Reporting

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """The form, and what is sent with it; ``page`` is where the problem is."""
        if not self.may_report():
            abort(403)
        if request.method == "GET":
            return self._new(Form(page=_page(request.args.get("page", ""))))
        form, number = _typed(), 0

        def change() -> str:
            nonlocal number
            problem = work.Problem(form.body, form.page, form.key, form.uploads)
            number = work.report(db.session(), acting_person().now, problem)
            return gettext("The deputy director is told. You read the answer here and in your notifications.")

        if not form.problems and (problem := attempt(change)) is not None:
            form.problems[getattr(problem, "field", None) or "all"] = explanation(problem) or ""
        if form.problems:
            return self._new(form), 422
        return redirect(self.get_url(".show", number=number))

    # Working

    @expose("/<int:number>/say", methods=("POST",))
    def say(self, number: int) -> Any:
        """Take it, reply, solve it, open it again: what the button says."""
        row, body, now = self._row(number), request.form.get("body", ""), acting_person().now
        session, done = db.session(), request.form.get("do", "")
        mine = row.author_id == acting_person().user_id

        def change() -> str:
            if done == "take" and work.answers(acting()):
                work.take(session, row, now)
                return gettext("You have taken the request in work.")
            if done == "solve":
                work.solve(session, row, body, now)
                return gettext("The request is solved.")
            if done == "reopen":
                work.reopen(session, row, body, now)
                return gettext("The request is open again.")
            if done == "reply":
                work.reply(session, row, body, now)
                return gettext("The reply is sent.")
            return abort(400)

        if not mine and not work.answers(acting()):
            abort(403)
        problem = attempt(change)
        if problem is None:
            return redirect(self.get_url(".show", number=number) + "#end")
        return self._show(self._row(number), body, explanation(problem) or ""), 422

    def _row(self, number: int) -> SupportRequest:
        row = listing.one(db.session(), number)
        return row if row is not None else abort(404)

    def _show(self, row: SupportRequest, typed: str = "", problem: str = "") -> Any:
        actor = acting_person()
        return self._draw(
            "request", row=row, typed=typed, problem=problem, me=actor.user_id, answers=work.answers(actor),
            with_links=with_links, page_here=local_path(row.page), size=attachments.size_words,
        )  # fmt: skip

    def _new(self, form: Form) -> Any:
        return self._draw("new", form=form, longest_page=work.PAGE, most=files.MOST, size=pictures.MAX_BYTES >> 20)

    def _draw(self, name: str, **words: Any) -> Any:
        return self.render(
            f"admin/support/{name}.html", State=SupportState, tones=TONES, moment=formats.moment, span=span,
            now=acting_person().now, longest=work.BODY, **words,
        )  # fmt: skip


TONES = {SupportState.OPEN: "warning", SupportState.IN_WORK: "", SupportState.SOLVED: "success"}


def span(length: timedelta | None) -> str:
    """«3 дня»; nothing of nothing."""
    return "" if length is None else str(format_timedelta(length, granularity="minute", threshold=1.5))


def _page(text: str) -> str:
    """A path of this site, or nothing."""
    return local_path(text[: work.PAGE]) or ""


def _typed() -> Form:
    """The form of this request with its screenshots, judged before the database is asked for anything."""
    key = request.form.get("key", "")
    form = Form(
        key=key if re.fullmatch(r"[\w-]{8,64}", key, re.ASCII) else once.new_key(),
        page=_page(request.form.get("page", "").strip()),
        body=request.form.get("body", ""),
    )
    given = [each for each in request.files.getlist("files") if each.filename]
    form.had_files = bool(given)
    too_many = gettext("At most %(most)s screenshots go with a report.", most=files.MOST)
    form.uploads, problem = attachments.judged(
        given, files.MOST, too_many, pictures.MAX_BYTES, attachments.read_picture
    )
    if problem:
        form.problems["files"] = problem
    return form
