"""Substitutions: an absent teacher's lessons, who is free for each, and the day's list for the staff room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from admin_views import asked
from admin_views.base import SchoolPage, acting_person
from app.extensions import db
from app.journal import days, substitution
from app.journal.calendar import Span
from app.journal.moved import is_moved
from app.journal.substitution import Candidate
from app.models import Lesson, User
from app.policy import Action
from app.regulation import RegulationError

CANCEL = "cancel"
COMING = timedelta(13)
REASON = 120  # what the column holds


@dataclass(frozen=True)
class Line:
    """A lesson of the absent teacher: who could take it, and what is chosen (a person's number, «cancel» or «»)."""

    lesson: Lesson
    candidates: list[Candidate]
    chosen: str


class SubstitutionView(SchoolPage):
    """Who stands in for whom."""

    of = Lesson
    needs = Action.CHANGE
    columns = frozenset({"substitute_id"})
    in_menu = Action.CHANGE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Substitutions"), category, endpoint="substitution", url="/admin/substitution")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Choose who is absent and when; give each lesson to somebody, or cancel it."""
        today = acting_person().today
        first = asked.day("from") or today
        last = asked.day("until") or first
        absent = _person(asked.number("teacher"))
        if not first <= last <= first + timedelta(substitution.MOST_DAYS):
            flash(
                gettext("Choose a last day that is not before the first, and at most %(num)s days later.",
                        num=substitution.MOST_DAYS), "error"
            )  # fmt: skip
            return self._page(first, first, absent)
        if request.method == "POST":
            if absent is None:
                abort(404)
            if request.form.get("do") == "fill":
                return self._page(first, last, absent, is_filled=True)
            if not self._assign(absent.id, Span(first, last)):
                return self._page(first, last, _person(absent.id), is_posted=True)
            return redirect(self._address(absent.id, first, last))
        return self._page(first, last, absent)

    @expose("/back", methods=("POST",))
    def back(self) -> Any:
        """Give ticked lessons back to their teachers."""
        ids = asked.numbers("lesson")

        def take_back() -> str:
            number = substitution.take_back(db.session(), days.lessons_by(db.session(), ids))
            if not number:
                raise RegulationError(gettext("Tick the substitutions to be taken back."))
            return ngettext("%(num)s substitution is taken back.", "%(num)s substitutions are taken back.", number)

        self.carry_out(take_back)
        return redirect(self._address(asked.number("teacher"), asked.day("from"), asked.day("until")))

    @expose("/day")
    def day(self) -> Any:
        """«Substitutions on 24 November»: to be printed for the staff room."""
        day = asked.day("date") or acting_person().today
        lessons = substitution.day_list(db.session(), day)
        return render_template("admin/lessons/day_list.html", day=day, lessons=lessons, is_moved=is_moved)

    def _assign(self, absent_id: int, span: Span) -> bool:
        """Write what was chosen for each lesson; False with a message when it cannot be."""
        touched: set[int] = set()

        def assign() -> str:
            lessons = substitution.affected(db.session(), absent_id, span)
            wanted = {lesson.id: request.form.get(f"to-{lesson.id}") for lesson in lessons}
            cancelled = [each for each in lessons if wanted[each.id] == CANCEL]
            standing = [each for each in lessons if wanted[each.id] not in (None, CANCEL)]
            back = days.bring_back(db.session(), standing)
            gone = days.cancel(
                db.session(), cancelled, asked.line("reason", REASON) or gettext("the teacher is absent")
            )
            people = {each.id: asked.as_number(wanted[each.id] or "") for each in standing}
            done = substitution.assign(db.session(), standing, people, absent_id)
            touched.update(back.assignment_ids, gone.assignment_ids)
            return _said(done, gone.changed, len(gone.held))

        if not self.carry_out(assign):
            return False
        days.after_change(touched, acting_person().today)
        return True

    def _address(self, absent_id: int | None, first: date | None, last: date | None) -> str:
        days_asked = {"from": first.isoformat() if first else None, "until": last.isoformat() if last else None}
        return str(self.get_url(".index", teacher=absent_id, **days_asked))

    def _page(
        self, first: date, last: date, absent: User | None, *, is_filled: bool = False, is_posted: bool = False
    ) -> Any:
        session = db.session()
        lessons = substitution.affected(session, absent.id, Span(first, last)) if absent else []
        found = substitution.candidates(session, lessons, absent.id) if absent else {}
        for_all = asked.number("for_all") if is_filled else None
        lines = [
            Line(lesson, found[lesson.id], _choice(lesson, found[lesson.id], for_all, is_filled or is_posted))
            for lesson in lessons
        ]
        until = last if absent or asked.day("until") else first + COMING
        return self.render(
            "admin/lessons/substitution.html", teachers=substitution.teachers(session, first), absent=absent,
            first=first, last=last, lines=lines, for_all=for_all, everybody=_by_use(lines), until=until,
            existing=substitution.existing(session, Span(first, until)), CANCEL=CANCEL, note=note,
            reason=asked.line("reason", REASON), longest=REASON,
        )  # fmt: skip


def _person(number: int | None) -> User | None:
    """The teacher asked for; 404 for a number that is nobody's."""
    if number is None:
        return None
    user = db.session.get(User, number)
    return user if user is not None and user.is_staff else abort(404)


def _choice(lesson: Lesson, candidates: Sequence[Candidate], for_all: int | None, is_posted: bool) -> str:
    """What the box of a lesson shows: what was chosen for all where they are free, what was posted, or what stands."""
    if for_all is not None and any(each.user.id == for_all for each in candidates) and not lesson.is_cancelled:
        return str(for_all)
    if is_posted:
        return request.form.get(f"to-{lesson.id}", "")
    return CANCEL if lesson.is_cancelled else str(lesson.substitute_id or "")


def _by_use(lines: Sequence[Line]) -> list[tuple[User, int]]:
    """Who is free for how many of the lessons, most first."""
    counted = Counter[int]()
    people: dict[int, User] = {}
    for line in lines:
        for candidate in line.candidates:
            counted[candidate.user.id] += 1
            people[candidate.user.id] = candidate.user
    return sorted(((people[number], count) for number, count in counted.items()), key=lambda p: (-p[1], p[0].sort_name))


def note(candidate: Candidate) -> str:
    """Why somebody suits: the subject, the class, and how often they have stood in this week."""
    parts = [gettext("same subject")] if candidate.same_subject else []
    if candidate.teaches_class:
        parts.append(gettext("teaches the class"))
    if candidate.in_week:
        parts.append(gettext("%(num)s this week", num=candidate.in_week))
    return ", ".join(parts)


def _said(done: substitution.Done, cancelled: int, held: int) -> str:
    parts = []
    if done.given:
        parts.append(ngettext("%(num)s lesson has a substitute.", "%(num)s lessons have a substitute.", done.given))
    if done.returned:
        parts.append(
            ngettext("%(num)s substitution is taken back.", "%(num)s substitutions are taken back.", done.returned)
        )
    if cancelled:
        parts.append(ngettext("%(num)s lesson is cancelled.", "%(num)s lessons are cancelled.", cancelled))
    if held:
        parts.append(
            ngettext("%(num)s lesson has marks or absences already and is not cancelled.",
                     "%(num)s lessons have marks or absences already and are not cancelled.", held)
        )  # fmt: skip
    return " ".join(parts) or str(gettext("Nothing changes: all of it was so already."))
