"""Today and the next school day, the week, the timetable; homework and its tick."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

from flask import abort, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.auth.next_page import local_path
from app.diary.frame import Child, blueprint, child, page, reader, usual_child
from app.extensions import db
from app.journal.child import days, homework
from app.journal.child.days import OwnLesson, SchoolDay
from app.journal.child.own_lessons import next_school_day
from app.journal.child.week_plan import week_plan
from app.journal.links import with_links
from app.news import feed

YEARS = range(1990, 2200)  # outside of them no school is kept here
NEWS = 2


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """The diary begins with the child looked at last."""
    return redirect(url_for("diary.today", student=usual_child().id))


@blueprint.get("/<int:student>/")
def today(student: int) -> ResponseReturnValue:
    """Today and the next school day of a child, what is new, and the latest news."""
    of, actor, session = child(student), reader(), db.session()
    view = days.today(session, of.id, actor.today, actor.now)
    return page(
        "today.html",
        of,
        view=view,
        date=actor.today,
        tomorrow=actor.today + timedelta(1),
        running=_running([view.today]),
        ticked=_ticked(of),
        news=feed.latest(session, actor.now, NEWS),
        with_links=with_links,
        back=url_for("diary.today", student=of.id),
    )


@blueprint.get("/<int:student>/week/", defaults={"day": None})
@blueprint.get("/<int:student>/week/<day>/")
def week(student: int, day: str | None) -> ResponseReturnValue:
    """The week of a day, this week without one."""
    of, actor = child(student), reader()
    chosen = _day(day) if day is not None else actor.today
    monday = chosen - timedelta(chosen.weekday())
    shown = days.week(db.session(), of.id, monday)
    return page(
        "week.html",
        of,
        days=shown,
        monday=monday,
        last=shown[-1].date,
        before=monday - timedelta(7),
        after=monday + timedelta(7),
        date=actor.today,
        is_this_week=monday <= actor.today <= monday + days.WEEK,
        goes_on=None if any(each.lessons for each in shown) else next_school_day(db.session(), of.id, monday),
        running=_running(shown),
        ticked=_ticked(of),
        with_links=with_links,
        back=url_for("diary.week", student=of.id, day=monday),
    )


@blueprint.post("/<int:student>/homework/<int:lesson>/")
def tick_homework(student: int, lesson: int) -> ResponseReturnValue:
    """Tick the homework of a lesson off (``done`` is 1) or take the tick back; back to the page it was on."""
    of, is_done = child(student), request.form.get("done") == "1"
    if not homework.tick(db.session(), of.id, lesson, is_done):
        abort(404)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(done=is_done)
    back = local_path(request.form.get("back"))
    return redirect(f"{back or url_for('diary.today', student=of.id)}#homework-{lesson}")


@blueprint.get("/<int:student>/timetable/")
def timetable(student: int) -> ResponseReturnValue:
    """The weekly lessons of a child."""
    of, actor = child(student), reader()
    plan = week_plan(db.session(), of.id, actor.today)
    monday = actor.today - timedelta(actor.today.weekday())
    weekdays = [(monday + timedelta(number - 1), plan[number]) for number in sorted(plan)]
    return page("timetable.html", of, weekdays=weekdays, date=actor.today)


def _day(typed: str) -> date:
    """A school day of an address."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", typed, re.ASCII):
        abort(404)
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        abort(404)
    return found if found.year in YEARS else abort(404)


def _running(shown: Iterable[SchoolDay]) -> set[int]:
    """The lessons that are being held at this moment."""
    actor = reader()
    at = actor.now.astimezone(clock.zone()).time()
    held = (lesson.line for day in shown if day.date == actor.today for lesson in day.lessons)
    return {each.id for each in held if _is_held(each, at)}


def _is_held(line: OwnLesson, at: time) -> bool:
    return bool(not line.is_cancelled and line.starts_at and line.ends_at and line.starts_at <= at < line.ends_at)


def _ticked(of: Child) -> str:
    """Where the tick of a homework is sent: what the number of its lesson and a slash follow."""
    return url_for("diary.tick_homework", student=of.id, lesson=0).removesuffix("0/")
