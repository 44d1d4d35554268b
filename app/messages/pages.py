"""What families and staff do alike with messages: requests in, pages out; the frame around them is the caller's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, gettext
from sqlalchemy.exc import IntegrityError

from app import attachments, clock, policy
from app.attachments import Upload
from app.extensions import db
from app.journal.links import with_links
from app.messages import addressees, files, inbox, once, reports, thread, writing
from app.messages.addressees import Recipients
from app.messages.thread import Opened
from app.messages.writing import Text
from app.models import StudyGroup
from app.notifications.rules import Rules
from app.people.refusal import Refusal

Link = Callable[..., str]
"""``link("thread", thread=5)``: the address of a page («inbox», «thread», «new», «report», «file») in a frame."""
Draw = Callable[..., ResponseReturnValue]
"""``draw("thread.html", status, **words)``: a page of ``templates/messages`` in its frame."""


@dataclass
class Form:
    """What was typed, and what is to be mended: kept on the page until it is sent."""

    key: str = field(default_factory=once.new_key)
    subject: str = ""
    body: str = ""
    reason: str = ""
    uploads: list[Upload] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    had_files: bool = False

    @property
    def text(self) -> Text:
        """For the services."""
        return Text(self.body, self.key, self.subject, self.uploads)


def typed() -> Form:
    """The form of this request with its files, judged before the database is asked for anything."""
    key = request.form.get("key", "")
    form = Form(
        key=key if re.fullmatch(r"[\w-]{8,64}", key, re.ASCII) else once.new_key(),
        subject=request.form.get("subject", ""),
        body=request.form.get("body", ""),
        reason=request.form.get("reason", ""),
    )
    given = [each for each in request.files.getlist("files") if each.filename]
    form.had_files = bool(given)
    too_many, limit = gettext("At most %(most)s files go with a message.", most=files.MOST), files.limit()
    form.uploads, problem = attachments.judged(
        given, files.MOST, too_many, limit, lambda name, content: attachments.read(name, content, limit)
    )
    if problem:
        form.problems["files"] = problem
    return form


def number(name: str) -> int | None:
    """A number of the address or the form; None without one. 404 for what is none."""
    value = request.values.get(name, "")
    if not value:
        return None
    return int(value) if re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII) else abort(404)


def numbers(name: str) -> list[int]:
    """The same where several are named."""
    values = request.values.getlist(name)
    return [int(each) if re.fullmatch(r"[1-9]\d{0,8}", each, re.ASCII) else abort(404) for each in values]


class Pages:
    """The pages in one frame."""

    def __init__(self, link: Link, draw: Draw) -> None:
        self.link, self._draw = link, draw

    def draw(self, template: str, status: int = 200, **words: Any) -> ResponseReturnValue:
        """A page with what all of them need."""
        return self._draw(
            template, status, link=self.link, with_links=with_links, when=when, hour=hour,
            file_size=attachments.size_words, limit=files.limit() >> 20, most_files=files.MOST,
            longest={"SUBJECT": writing.SUBJECT, "BODY": writing.BODY}, longest_reason=reports.REASON, **words,
        )  # fmt: skip

    def inbox(self) -> ResponseReturnValue:
        """The list of threads, searched and paged."""
        words = request.args.get("q", "").strip()[:200]
        asked = request.args.get("page", "0")
        page = int(asked) if re.fullmatch(r"\d{1,5}", asked, re.ASCII) else 0
        return self.draw("inbox.html", inbox=inbox.inbox(db.session(), page, words), words=words)

    def show(self, thread_id: int) -> ResponseReturnValue:
        """A thread; opened, it is read."""
        return self._thread(thread_id, Form())

    def write(self, thread_id: int) -> ResponseReturnValue:
        """Take a message for a thread."""
        form, session = typed(), db.session()
        now = policy.actor_of(session).now

        def change() -> int:
            writing.write(session, now, thread_id, form.text)
            return thread_id

        sent = self._carry_out(form, change)
        return self._sent(sent, f"thread-{thread_id}") if sent else self._thread(thread_id, form, 422)

    def _thread(self, thread_id: int, form: Form, status: int = 200) -> ResponseReturnValue:
        session = db.session()
        mark = thread.mark_read(session, thread_id)
        if mark is None:
            abort(404)
        shown: Opened = thread.opened(session, thread_id, mark, Rules.of(current_app.config), number("before"))
        return self.draw("thread.html", status, opened=shown, form=form, thread=shown.thread)

    def report(self, thread_id: int) -> ResponseReturnValue:
        """Take a report of a thread."""
        form, session = typed(), db.session()
        now = policy.actor_of(session).now

        def change() -> int:
            reports.report(session, now, thread_id, form.reason)
            return thread_id

        if self._carry_out(form, change) is None:
            return self._thread(thread_id, form, 422)
        flash(gettext("The administration is told. When it opens the conversation, it stands here."), "success")
        return redirect(self.link("thread", thread=thread_id))

    def file(self, file_id: int) -> ResponseReturnValue:
        """A file, for the readers of its thread."""
        row = thread.file(db.session(), file_id)
        if row is None or not files.path(row).is_file():
            abort(404)
        return attachments.answer(files.path(row), row.name, "save" in request.args)

    # Beginning

    def is_addressed(self) -> bool:
        """Whether the address says whom to write to."""
        return "to" in request.values

    def new(self) -> ResponseReturnValue:
        """The form of a new conversation with those the address names."""
        return self._new(Form(subject=request.args.get("subject", "")[: writing.SUBJECT]))

    def start(self) -> ResponseReturnValue:
        """Begin it."""
        form, session = typed(), db.session()
        now = policy.actor_of(session).now
        sent = self._carry_out(form, lambda: writing.start(session, now, recipients(), form.text))
        return self._sent(sent, draft_of_new()) if sent else self._new(form, 422)

    def _new(self, form: Form, status: int = 200) -> ResponseReturnValue:
        session = db.session()
        try:
            to = recipients()
        except Refusal as refusal:
            return self.draw("nobody.html", 404 if status == 200 else status, why=str(refusal), form=form)
        actor = policy.actor_of(session)
        quiet = thread.quiet_of(session, list(to.users), actor.now, Rules.of(current_app.config))
        return self.draw("new.html", status, to=to, form=form, quiet=quiet, draft=draft_of_new())

    def announcement(self, group: StudyGroup) -> ResponseReturnValue:
        """The form of an announcement to the parents of a group."""
        return self._announcement(group, Form())

    def announce(self, group: StudyGroup) -> ResponseReturnValue:
        """Make it."""
        form, session, draft = typed(), db.session(), f"group-{group.id}"
        now = policy.actor_of(session).now
        sent = self._carry_out(form, lambda: writing.announce(session, now, group, form.text))
        return self._sent(sent, draft) if sent else self._announcement(group, form, 422)

    def _announcement(self, group: StudyGroup, form: Form, status: int = 200) -> ResponseReturnValue:
        readers = len(addressees.guardians_in(db.session(), group.id))
        return self.draw(
            "announcement.html", status, group=group, readers=readers, form=form, draft=f"group-{group.id}"
        )

    # What they share

    def _sent(self, thread_id: int, draft: str) -> ResponseReturnValue:
        """On to the thread; a reload there sends nothing again, and a script forgets the draft."""
        return redirect(self.link("thread", thread=thread_id, sent=draft) + "#end")

    def _carry_out(self, form: Form, change: Callable[[], int]) -> int | None:
        """Do it and commit: the number it gives, or None with the problems in ``form``. Sent twice at the same moment,
        the second time finds what the first has written."""
        if form.problems:
            return None
        for attempt in range(2):
            try:
                done = change()
                db.session.commit()
            except Refusal as refusal:
                db.session.rollback()
                form.problems[refusal.field or "all"] = str(refusal)
                return None
            except IntegrityError:
                db.session.rollback()
                if attempt:
                    raise
            else:
                return done
        return None


def recipients() -> Recipients:
    """Whom the request names: ``to`` a person, several, or the administration; about ``student``. Raises Refusal."""
    if request.values.getlist("to") == ["administration"]:
        return addressees.administration(db.session(), number("student"))
    return addressees.people(db.session(), numbers("to"), number("student"))


def draft_of_new() -> str:
    """Under what a browser keeps the draft of a new conversation."""
    return "new-" + "-".join([*sorted(set(request.values.getlist("to"))), request.values.get("student", "")])[:80]


def when(moment: Any) -> str:
    """«14:05» today, «пн 14:05» within a week, else «23 нояб. 2026»."""
    now, local = clock.now(), moment.astimezone(clock.zone())
    days = (clock.day_of(now) - local.date()).days
    shape = "HH:mm" if days == 0 else "EEE HH:mm" if 0 < days < 7 else "d MMM, HH:mm" if days < 180 else "d MMM y"
    return str(format_datetime(moment, shape))


def hour(moment: Any) -> str:
    """«8:00», with the day where it is not today."""
    local = moment.astimezone(clock.zone())
    is_today = local.date() == clock.day_of(clock.now())
    return str(format_datetime(moment, "H:mm" if is_today else "EEEE, d MMMM, H:mm"))
