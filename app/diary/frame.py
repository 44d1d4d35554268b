"""What every page of the diary shares: who may open it, which child it is about, what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from sqlalchemy import and_, bindparam, select

from app import policy
from app.auth import signed_in
from app.auth.next_page import HOME
from app.diary import visits
from app.extensions import db
from app.messages.inbox import unread_of
from app.models import DiaryVisit, Enrollment, SchoolClass, Student
from app.models.people import whole_name
from app.people.placement import lasting
from app.policy.kept import kept
from app.school_texts import answered_by

blueprint = Blueprint("diary", __name__, url_prefix="/diary")
OPEN = {"diary.calendar_file"}
"""Endpoints that need no sign-in: each says itself what it gives to whom."""


@dataclass(frozen=True)
class Child:
    """Whose diary it is; ``class_name`` is empty for somebody who is in no class today.

    ``visited_at`` is when the person's visit of this week was noted last.
    """

    id: int
    name: str
    given_name: str
    class_name: str
    visited_at: datetime | None


@dataclass(frozen=True)
class Tab:
    """A part of the diary in its navigation; ``endpoint`` takes the child where ``of_child``; what is
    ``of_guardians`` students do not have. ``icon`` is one of templates/diary/icons.html.
    """

    endpoint: str
    title: str | LazyString
    of_child: bool = True
    icon: str = ""
    of_guardians: bool = False


TABS = (
    Tab("diary.today", lazy_gettext("Today"), icon="today"),
    Tab("diary.week", lazy_gettext("Week"), icon="week"),
    Tab("diary.marks", lazy_gettext("Marks"), icon="marks"),
    Tab("diary.messages", lazy_gettext("Messages"), of_child=False, icon="messages", of_guardians=True),
    Tab("diary.more", lazy_gettext("More"), icon="more"),
)


@blueprint.before_request
def _only_readers() -> ResponseReturnValue | None:
    """Who is not signed in may sign in; who reads no diary goes to where they work."""
    if request.endpoint in OPEN:
        return None
    actor = policy.actor_of(db.session())
    if not isinstance(actor, policy.Actor):
        return signed_in.ask_to_sign_in()
    return None if actor.reads_diary else redirect(HOME)


@blueprint.after_request
def _count_visit(response: Response) -> Response:
    """Who has looked at a page about a child has visited that child's diary."""
    seen = g.pop("diary_child", None)
    if seen is not None and request.method == "GET" and response.status_code == 200:
        actor = reader()
        if not visits.is_noted(seen.visited_at, actor.now):
            visits.note(actor.user_id, seen.id, actor.today, actor.now)
    return response


def reader() -> policy.Actor:
    """The person this request works for."""
    actor = policy.actor_of(db.session())
    return actor if isinstance(actor, policy.Actor) else abort(403)


def children() -> list[Child]:
    """Whose diaries the person reads, by name; asked once a request."""
    return _read().children


@dataclass(frozen=True)
class Read:
    """What the frame of every page shows: whose diaries there are, how many threads have something unread, whether
    the consent is asked.
    """

    children: list[Child]
    unread: int
    asks_consent: bool


def _read() -> Read:
    """One statement a request."""
    if "diary_read" not in g:
        actor, session = reader(), db.session()
        rows = session.execute(_around(policy.open_actor(session)), {"week": visits.week_of(actor.today)}).all()
        unread, has_answered = rows[0][-2:] if rows and actor.is_guardian else (0, None)
        found = [
            Child(number, whole_name(family_name, given_name, patronymic), given_name, f"{grade or ''}{letter or ''}",
                  visited_at)
            for number, family_name, given_name, patronymic, grade, letter, visited_at, *_rest in rows
        ]  # fmt: skip
        g.diary_read = Read(found, unread, has_answered is False)
    read: Read = g.diary_read
    return read


@lru_cache(maxsize=64)
def _around(actor: policy.Actor) -> Any:
    """A row for each child, made once for each standing."""
    in_class = and_(Enrollment.student_id == Student.id, lasting(Enrollment, actor.today))
    visited = select(DiaryVisit.last_at).where(
        DiaryVisit.user_id == actor.user_id, DiaryVisit.student_id == Student.id, DiaryVisit.week == bindparam("week")
    )
    return kept(
        select(
            Student.id, Student.family_name, Student.given_name, Student.patronymic, SchoolClass.grade,
            SchoolClass.letter, visited.correlate(Student).scalar_subquery(), unread_of(actor).scalar_subquery(),
            answered_by(actor).scalar_subquery(),
        )
        .outerjoin(Enrollment, in_class)
        .outerjoin(Enrollment.school_class)
        .where(Student.id.in_(policy.children(actor)))
        .order_by(Student.sort_name, Student.id)
    )  # fmt: skip


def child(student_id: int) -> Child:
    """The child of an address; a page about anybody else is not there. The next visit begins with this child."""
    found = next((one for one in children() if one.id == student_id), None)
    if found is None:
        abort(404)
    if session.get("child") != found.id:
        session["child"] = found.id
    g.diary_child = found
    return found


def usual_child() -> Child:
    """The child looked at last, else the first."""
    last = session.get("child")
    return next((one for one in children() if one.id == last), children()[0])


def page(template: str, of: Child | None = None, status: int = 200, **words: Any) -> ResponseReturnValue:
    """A page of the diary; ``of`` is the child it is about, None where it is about no one child."""
    is_guardian = reader().is_guardian
    around = {
        "child": of,
        "chosen": of or usual_child(),
        "children": children(),
        "tabs": [tab for tab in TABS if is_guardian or not tab.of_guardians],
        "unread": _read().unread,
        "asks_consent": _read().asks_consent,
    }
    return render_template(f"diary/{template}", **(around | words)), status
