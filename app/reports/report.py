"""A report as the panel offers it, and what a person asks of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from app.config import Grading
from app.models import AcademicYear, SchoolClass, Student, Subject, Term, User
from app.policy import Actor
from app.reports.document import Document
from app.reports.ground import Ground, Held
from app.reports.periods import Period, of_days, periods_of
from app.reports.reach import Reach, reaches


class Filter(StrEnum):
    """What a report can be narrowed by; the value is its name in the address."""

    REACH = "whose"
    YEAR = "year"
    PERIOD = "period"
    GRADE = "grade"
    CLASS = "class"
    SUBJECT = "subject"
    TEACHER = "teacher"
    ASSIGNMENT = "assignment"
    STUDENT = "student"


class Group(StrEnum):
    """Where a report stands on the list of reports."""

    QUALITY = "quality"
    STUDENTS = "students"
    ATTENDANCE = "attendance"
    PAPERS = "papers"


GROUP_TITLES = {
    Group.QUALITY: lazy_gettext("Results and quality"),
    Group.STUDENTS: lazy_gettext("Lists of students"),
    Group.ATTENDANCE: lazy_gettext("Attendance and journals"),
    Group.PAPERS: lazy_gettext("Papers"),
}


def nowhere(_endpoint: str, **_values: object) -> str:
    """No address: what a document is made with where there is no page to lead to."""
    return ""


class NotThere(LookupError):
    """What was asked for does not exist, or is not the person's to see."""


@dataclass(frozen=True)
class School:
    """What a report has to know besides the tables: the name of the school, its rules of marks, its zone."""

    name: str
    grading: Grading
    zone: ZoneInfo


@dataclass(frozen=True)
class Asked:
    """What a person asks for: everything that ``make`` needs besides the session.

    ``ground`` are the classes, subjects, teachers and assignments of the year within the person's ``reach``: nothing
    beyond them may enter a figure. ``period`` is one of ``periods`` where the report takes one. None: all of them.
    """

    actor: Actor
    school: School
    now: datetime
    reach: Reach
    years: Sequence[AcademicYear]
    year: AcademicYear
    terms: Sequence[Term]
    ground: Ground
    period: Period | None = None
    grade: int | None = None
    school_class: SchoolClass | None = None
    subject: Subject | None = None
    teacher: User | None = None
    held: Held | None = None
    student: Student | None = None
    students: Sequence[Student] = ()
    address: Callable[..., str] = nowhere
    is_current: bool = False

    @property
    def today(self) -> date:
        """The school's day."""
        return self.actor.today

    @cached_property
    def periods(self) -> list[Period]:
        """The periods of the year: those of the chosen class, or of the classes within reach."""
        kinds = {each.term_kind for each in self.ground.classes.values()}
        terms = [term for term in self.terms if term.kind in kinds or not kinds]
        found = periods_of(self.year, terms, self.school_class)
        return of_days(found) if self.is_current else found

    def terms_of(self, school_class: SchoolClass) -> list[Term]:
        """The terms that the year of a class is divided into, in order."""
        return [term for term in self.terms if term.kind is school_class.term_kind]

    @cached_property
    def assignments(self) -> dict[int, Held]:
        """The assignments that the filters leave."""
        found = self.ground.narrowed(
            self.grade,
            self.school_class.id if self.school_class else None,
            self.subject.id if self.subject else None,
            self.teacher.id if self.teacher else None,
        )
        return found if self.held is None else {self.held.id: self.held}

    @cached_property
    def classes(self) -> list[SchoolClass]:
        """The classes that the filters leave."""
        return [
            each
            for each in self.ground.classes.values()
            if self.grade in (None, each.grade) and self.school_class in (None, each)
        ]

    def chosen(self, each: Filter) -> str | None:
        """What stands in the address for a filter; None where nothing is chosen."""
        match each:
            case Filter.REACH:
                return self.reach.value
            case Filter.PERIOD:
                return self.period.key if self.period else None
            case Filter.GRADE:
                return str(self.grade) if self.grade else None
        row: Any = {
            Filter.YEAR: self.year, Filter.CLASS: self.school_class, Filter.SUBJECT: self.subject,
            Filter.TEACHER: self.teacher, Filter.ASSIGNMENT: self.held, Filter.STUDENT: self.student,
        }[each]  # fmt: skip
        return str(row.id) if row is not None else None

    def lines(self, *more: str) -> list[str]:
        """What stands under every title: school, year and period, what it is narrowed to, whose figures they are."""
        narrowed = [
            gettext("grade %(number)s", number=self.grade) if self.grade and not self.school_class else "",
            gettext("class %(name)s", name=self.school_class) if self.school_class else "",
            str(self.subject) if self.subject else "",
            self.teacher.short_name if self.teacher else "",
        ]
        when = gettext("%(year)s academic year", year=self.year)
        lines = [self.school.name, ", ".join(each for each in (when, self.period.name if self.period else "") if each)]
        lines.append(", ".join(each for each in narrowed if each))
        if self.reach is Reach.OWN:
            lines.append(gettext("Only the subjects and groups that you teach; nobody else's marks are in it."))
        elif self.reach is Reach.LED and not self.school_class:
            lines.append(gettext("Only the class that you lead: %(names)s", names=", ".join(map(str, self.classes))))
        return [line for line in [*lines, *more] if line]


@dataclass(frozen=True)
class Report:
    """A report: ``key`` in its address, for those who have one of ``reaches``.

    ``make`` gets what was asked with every filter of ``required`` chosen. ``is_current``: the period begins with the
    term that lasts, otherwise with the last one that has final marks.
    """

    key: str
    title: Any
    description: Any
    group: Group
    make: Callable[[Session, Asked], Document]
    filters: tuple[Filter, ...]
    required: tuple[Filter, ...] = ()
    reaches: tuple[Reach, ...] = (Reach.SCHOOL, Reach.LED, Reach.OWN)
    is_current: bool = False

    def open_to(self, actor: Actor | None) -> list[Reach]:
        """The reaches in which the person can have it; none: not theirs."""
        return [reach for reach in reaches(actor) if reach in self.reaches]

    def lacks(self, asked: Asked) -> list[Filter]:
        """Required filters that are not chosen yet."""
        return [each for each in self.required if asked.chosen(each) is None]
