"""A day of the school that is held otherwise: lessons cancelled with a reason, brought back, or moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import format_date, gettext, ngettext
from flask_babel import lazy_gettext as _

from admin_views import asked
from admin_views.base import SchoolPage, acting_person
from admin_views.timetable import current_classes
from app.extensions import db
from app.journal import days
from app.journal.moved import is_moved
from app.models import Lesson, SchoolClass
from app.policy import Action
from app.regulation import RegulationError

REASON = 120  # what the column holds
HELD_SHOWN = 10


class SchoolDayView(SchoolPage):
    """Cancel, bring back and move the lessons of a day."""

    of = Lesson
    needs = Action.CHANGE
    columns = frozenset({"date", "number", "is_cancelled", "cancel_reason"})
    in_menu = Action.CHANGE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Days: cancel and move"), category, endpoint="schoolday", url="/admin/schoolday")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """The lessons of a day and of the chosen classes, and what can be done with them."""
        classes = current_classes()
        single = days.lessons_by(db.session(), [number]) if (number := asked.number("lesson")) else []
        day = single[0].date if single else asked.day("date") or acting_person().today
        chosen = _chosen(classes, single)
        if request.method == "POST":
            if self._change(day, chosen):
                ids = None if len(chosen) == len(classes) else [each.id for each in chosen]
                return redirect(self.get_url(".index", date=day.isoformat(), **({"class": ids} if ids else {})))
        elif request.args.get("date") and asked.day("date") is None:
            flash(gettext("Choose a day, for example %(day)s.", day=format_date(day, "d MMM y")), "error")
        return self._page(day, classes, chosen, {lesson.id for lesson in single} | set(asked.numbers("ticked")))

    def _change(self, day: date, chosen: Sequence[SchoolClass]) -> bool:
        """Do what the form asks and let the lesson plans follow; False with a message when it cannot be."""
        touched: set[int] = set()

        def change() -> str:
            lessons = days.lessons_on(db.session(), day, [each.id for each in chosen])
            if request.form.get("scope") == "ticked":
                ticked = set(asked.numbers("ticked"))
                lessons = [lesson for lesson in lessons if lesson.id in ticked]
            if not lessons:
                raise RegulationError(gettext("There is no lesson to change: choose classes, or tick lessons."))
            done, said = _ways()[request.form.get("do", "")](lessons)
            touched.update(done.assignment_ids)
            return said + _held(done.held)

        if request.form.get("do") not in _ways():
            abort(400)
        if not self.carry_out(change):
            return False
        days.after_change(touched, acting_person().today)
        return True

    def _page(self, day: date, classes: list[SchoolClass], chosen: Sequence[SchoolClass], ticked: set[int]) -> Any:
        lessons = days.lessons_on(db.session(), day, [each.id for each in chosen])
        by_class = [
            (school_class, list(held))
            for school_class, held in groupby(lessons, key=lambda lesson: lesson.assignment.study_group.school_class)
        ]
        by_grade = [(grade, list(of)) for grade, of in groupby(sorted(classes, key=_order), key=lambda c: c.grade)]
        return self.render(
            "admin/lessons/schoolday.html", day=day, before=day - timedelta(1), after=day + timedelta(1),
            by_grade=by_grade, chosen={each.id for each in chosen}, is_all=len(chosen) == len(classes),
            names=[str(each) for each in sorted(chosen, key=_order)],
            by_class=by_class, ticked=ticked, standing=sum(not lesson.is_cancelled for lesson in lessons),
            cancelled=sum(lesson.is_cancelled and not is_moved(lesson) for lesson in lessons),
            is_moved=is_moved, asked=request.form, longest=REASON,
        )  # fmt: skip


def _order(school_class: SchoolClass) -> tuple[int, str, int]:
    return school_class.grade, school_class.letter, school_class.id


def _chosen(classes: list[SchoolClass], single: Sequence[Lesson]) -> list[SchoolClass]:
    """Classes meant by the address or form: those ticked, those of ticked grades, all when nothing is."""
    if single:
        return [lesson.assignment.study_group.school_class for lesson in single]
    ids, grades = set(asked.numbers("class")), set(asked.numbers("grade"))
    if not ids and not grades:
        return classes
    return [each for each in classes if each.id in ids or each.grade in grades]


def _ways() -> dict[str, Callable[[list[Lesson]], tuple[days.Done, str]]]:
    return {"cancel": _cancel, "back": _bring_back, "move": _move}


def _cancel(lessons: list[Lesson]) -> tuple[days.Done, str]:
    done = days.cancel(db.session(), lessons, asked.line("reason", REASON))
    return done, ngettext("%(num)s lesson is cancelled.", "%(num)s lessons are cancelled.", done.changed)


def _bring_back(lessons: list[Lesson]) -> tuple[days.Done, str]:
    done = days.bring_back(db.session(), lessons)
    return done, ngettext("%(num)s lesson is brought back.", "%(num)s lessons are brought back.", done.changed)


def _move(lessons: list[Lesson]) -> tuple[days.Done, str]:
    to, typed = asked.day("to"), request.form.get("number", "").strip()
    if to is None:
        raise RegulationError(gettext("Choose the day to which the lessons go. Nothing was saved."))
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 and int(typed) <= 14 else None
    if typed and number is None:
        raise RegulationError(gettext("The number of a lesson is between 0 and 14. Nothing was saved."))
    if number is not None and len(lessons) > 1:
        raise RegulationError(
            gettext("A number is for one lesson: several keep theirs. Tick one lesson, or leave the number empty.")
        )
    done = days.move(db.session(), lessons, to, number)
    said = ngettext("%(num)s lesson is moved to %(day)s.", "%(num)s lessons are moved to %(day)s.", done.changed,
                    day=format_date(to, "EEEE, d MMMM"))  # fmt: skip
    return done, said


def _held(held: Sequence[Lesson]) -> str:
    """Which lessons stay because they were held already."""
    if not held:
        return ""
    names = ", ".join(f"{lesson.number} {lesson.assignment}" for lesson in held[:HELD_SHOWN])
    more = "…" if len(held) > HELD_SHOWN else ""
    said = ngettext(
        "%(num)s lesson has marks or absences already and stays: %(names)s",
        "%(num)s lessons have marks or absences already and stay: %(names)s", len(held), names=names + more,
    )  # fmt: skip
    return f" {said}"
