"""Messages of the staff: threads, announcements to parents, and the reports that the administration looks at."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from admin_views import formats
from admin_views.base import SchoolPage, acting, acting_person
from app.extensions import db
from app.messages import addressees, inbox, reports
from app.messages.pages import Pages
from app.models import Thread, ThreadReport
from app.policy import Action, Actor

ENDPOINTS = {"inbox": ".index", "thread": ".thread", "new": ".new", "report": ".report", "file": ".file"}


class MessagesView(SchoolPage):
    """The threads of who works at the school."""

    of = Thread
    needs = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Messages"), category, endpoint="messages", url="/admin/messages")
        self.pages = Pages(self._link, self._draw)

    def is_accessible(self) -> bool:
        """Families have theirs in the diary."""
        actor = acting()
        return actor is not None and (actor.is_staff or actor.is_deputy_director) and super().is_accessible()

    def is_visible(self) -> bool:
        """In the menu of those who may open it."""
        return self.is_accessible()

    def waiting(self, actor: Actor) -> Any:
        """How many threads have something unread."""
        return inbox.unread_of(actor).scalar_subquery()

    def _link(self, name: str, **values: Any) -> str:
        return str(self.get_url(ENDPOINTS[name], **values))

    def _draw(self, template: str, status: int, **words: Any) -> ResponseReturnValue:
        return self.render(f"admin/messages/{template}", **words), status

    @expose("/")
    def index(self) -> Any:
        """The threads, the newest first; above them, for whom it concerns, that reports wait."""
        return self.pages.inbox()

    @expose("/<int:thread>/", methods=("GET", "POST"))
    def thread(self, thread: int) -> Any:
        """One thread: read it, write in it."""
        return self.pages.write(thread) if request.method == "POST" else self.pages.show(thread)

    @expose("/<int:thread>/report", methods=("POST",))
    def report(self, thread: int) -> Any:
        """Ask the administration to look at a thread."""
        return self.pages.report(thread)

    @expose("/file/<int:file>")
    def file(self, file: int) -> Any:
        """A file of a message."""
        return self.pages.file(file)

    # Beginning

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """Whom to write to, and the form for who is chosen: people (``to``), also about a student (``student``)."""
        if self.pages.is_addressed():
            return self.pages.start() if request.method == "POST" else self.pages.new()
        session, words = db.session(), request.args.get("q", "").strip()[:200]
        chosen = request.args.get("student", "")
        if chosen:
            return self._about(chosen)
        return self.pages.draw(
            "whom.html",
            words=words,
            people=addressees.people_found(session, words) if words else [],
            students=addressees.students_found(session, words) if words else [],
            groups=addressees.groups(session),
            to_administration=addressees.writes_to_administration(acting_person()),
        )

    def _about(self, chosen: str) -> Any:
        """The guardians of a student, to be chosen from."""
        session = db.session()
        student = addressees.student(session, int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
        if student is None:
            abort(404)
        return self.pages.draw("about.html", student=student, guardians=addressees.guardians_of(session, student.id))

    @expose("/announce/<int:group>", methods=("GET", "POST"))
    def announce(self, group: int) -> Any:
        """Tell the parents of a class or group something."""
        found = addressees.group(db.session(), group)
        if found is None:
            abort(404)
        return self.pages.announce(found) if request.method == "POST" else self.pages.announcement(found)


class ReportsView(SchoolPage):
    """Threads that members have reported: who opens one reads it until closing it, on record."""

    of = ThreadReport
    needs = Action.CHANGE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Reported conversations"), category, endpoint="threadreports", url="/admin/messages/reports")

    def waiting(self, actor: Actor) -> Any:
        """How many nobody has closed."""
        return reports.waiting().scalar_subquery()

    @expose("/")
    def index(self) -> Any:
        """The reports; nothing of the conversations stands here."""
        return self._shown()

    @expose("/<int:number>/open", methods=("POST",))
    def open(self, number: int) -> Any:
        """Begin to read a reported thread."""
        row = self._row(number)

        def change() -> str:
            reports.open_report(db.session(), acting_person().now, row)
            return gettext("The conversation is open to you until you close the report.")

        if self.carry_out(change):
            return redirect(self.get_url("messages.thread", thread=self._row(number).thread_id))
        return redirect(self.get_url(".index"))

    @expose("/<int:number>/close", methods=("POST",))
    def close(self, number: int) -> Any:
        """End the reading, with what came of it."""
        row, outcome = self._row(number), request.form.get("outcome", "")

        def change() -> str:
            reports.close(db.session(), acting_person().now, row, outcome)
            return gettext("The report is closed. You no longer read the conversation.")

        if self.carry_out(change):
            return redirect(self.get_url(".index"))
        return self._shown({number: outcome}), 422

    def _shown(self, typed: dict[int, str] | None = None) -> Any:
        return self.render(
            "admin/messages/reports.html", reports=reports.listed(db.session()), typed=typed or {},
            moment=formats.moment, me=acting_person().user_id, longest=reports.REASON,
        )  # fmt: skip

    @staticmethod
    def _row(number: int) -> ThreadReport:
        row = reports.one(db.session(), number)
        return row if row is not None else abort(404)
