"""A journal page without a browser: a class of a few students, and edits as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Enrollment, Lesson, Mark, Student, Term, User, Work
from app.models.people import TermKind
from tests.school import DAY, School
from tests.school_panel import Panel

keys = (f"key-{number}" for number in count(1))


@dataclass
class JournalPage:
    """Edits of a person in the journal of the school's assignment."""

    panel: Panel
    school: School
    students: list[Student]
    term: Term

    @property
    def address(self) -> str:
        return f"/admin/journal/{self.school.assignment.id}"

    def state(self, who: User | None = None) -> dict[str, Any]:
        answer = self.panel.get(who or self.school.teacher, f"{self.address}/state?term={self.term.id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def edit(self, *edits: dict[str, Any], who: User | None = None) -> list[dict[str, Any]]:
        """Send edits; each gets a key and version 0 unless it has them."""
        body = {"edits": [{"key": next(keys), "version": 0, **edit} for edit in edits]}
        answer = self.panel.send(who or self.school.teacher, f"{self.address}/edits", body)
        assert answer.status_code == 200, answer.text
        return list(answer.json["results"])

    def mark(self, value: str, student: int = 0, **further: Any) -> dict[str, Any]:
        """An edit of a mark in the school's work."""
        return {"student": self.students[student].id, "work": self.school.work.id, "value": value, **further}

    def presence(self, value: str, student: int = 0, **further: Any) -> dict[str, Any]:
        """An edit of the attendance in the school's lesson."""
        return {"student": self.students[student].id, "lesson": self.school.lesson.id, "value": value, **further}

    def marks(self) -> list[int]:
        """All marks in the database, by student."""
        return list(db.session.scalars(select(Mark.value).join(Mark.student).order_by(Student.sort_name, Mark.id)))


def journal_page(panel: Panel, school: School, students: int = 3) -> JournalPage:
    """The school with a term, a signed-in teacher who is staff, and more students."""
    school.teacher.is_staff = True
    term = Term(
        academic_year=school.year,
        kind=TermKind.QUARTER,
        number=1,
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 10, 25),
    )
    more = [Student(family_name=f"Ученик{number:02}", given_name="Анна") for number in range(1, students)]
    db.session.add_all([term, *more])
    db.session.add_all(Enrollment(student=one, school_class=school.school_class, starts_on=DAY) for one in more)
    db.session.commit()
    return JournalPage(panel, school, [school.student, *more], term)


def lesson(page: JournalPage, day: date, number: int = 1, **further: Any) -> Lesson:
    """Another lesson of the journal, written."""
    row = Lesson(assignment=page.school.assignment, date=day, number=number, **further)
    db.session.add(row)
    db.session.commit()
    return row


def work(of: Lesson, **further: Any) -> Work:
    """Another work, written."""
    row = Work(lesson=of, **further)
    db.session.add(row)
    db.session.commit()
    return row
