"""A class in a year with what is taught in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from app.demo.population import Child, Place
from app.demo.sizes import ClassPlan
from app.demo.staff import Teacher
from app.demo.subjects import SubjectPlan
from app.demo.years import TermPlan, YearPlan
from app.journal.calendar import LessonKey, PlannedLesson, Slot, Span, planned_lessons, school_days
from app.models.people import TermKind


@dataclass(eq=False)
class Course:
    """An assignment of the year: a teacher, a subject, and the places of those taught.

    ``sums`` gather marks times weights, and weights, of a child in the term of an index.
    """

    assignment_id: int
    teacher: Teacher
    subject: SubjectPlan
    subject_id: int
    places: list[Place]
    slots: list[Slot]
    sums: dict[tuple[Child, int], list[int]] = field(default_factory=dict)

    def places_on(self, day: date) -> list[Place]:
        """Those who are taught that day."""
        return [place for place in self.places if place.holds_on(day)]


@dataclass(frozen=True)
class Change:
    """A lesson that is given by a substitute, or cancelled when there is none."""

    substitute: Teacher | None


Changes = dict[LessonKey, Change]
"""By the key of the planned lesson."""


@dataclass(frozen=True)
class ClassYear:
    """A class with its courses; ``term_ids`` are the rows of its terms, in order."""

    plan: ClassPlan
    year: YearPlan
    year_id: int
    term_ids: list[int]
    places: list[Place]
    courses: list[Course]

    @property
    def terms(self) -> list[TermPlan]:
        """The terms the class is taught by."""
        return self.year.terms_of(TermKind.HALF_YEAR if self.plan.grade >= 10 else TermKind.QUARTER)

    def lessons(self, days: Span) -> list[PlannedLesson]:
        """Lessons of ``days``, in order."""
        slots = [slot for course in self.courses for slot in course.slots]
        return sorted(planned_lessons(slots, self._term_days, self.year.holiday_spans, self.year.days.within(days)))

    def open_days(self, before: date) -> list[date]:
        """School days before a day."""
        days = self.year.days.within(Span(self.year.days.first, before - timedelta(1)))
        return [day for day in school_days(days, self._term_days, self.year.holiday_spans) if day.isoweekday() <= 5]

    @property
    def _term_days(self) -> list[Span]:
        return [term.days for term in self.terms]

    def is_marked(self, day: date) -> bool:
        """Whether there are marks and homework: not in grade 1 and the first quarter of grade 2 (regulation, 2.2)."""
        grade = self.plan.grade
        return grade > 2 or (grade == 2 and day > self.terms[0].days.last)
