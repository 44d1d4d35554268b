"""Two classes with final marks that anybody can count by hand, and reports as people of the school ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app import policy
from app.config import Grading
from app.extensions import db
from app.models import SchoolClass, Student, TeachingAssignment, Term, User
from app.models.journal import NUMBERS
from app.reports.asking import ask
from app.reports.document import Document
from app.reports.registry import REPORTS
from app.reports.report import Asked
from app.reports.report import School as ReportingSchool
from tests.final_marks import classmate, final, quarter, taught
from tests.school import School
from tests.school_panel import NOW, TODAY, second_class, written

VALUES = {number: value for value, number in NUMBERS.items()}


@dataclass
class Reported:
    """5А: Семёнов has fives, Ильин one four, Котова a three and a two; 5Б: Юдин has a three. Орлова teaches algebra
    in 5А, Белова history in 5А and algebra in 5Б."""

    school: School
    other_teacher: User
    other_class: SchoolClass
    term: Term
    history: TeachingAssignment
    algebra_of_b: TeachingAssignment
    kotova: Student
    yudin: Student


def reported_school(school: School) -> Reported:
    """Write it."""
    term = quarter(school)
    school.teacher.is_staff = True
    other = written(User(family_name="Белова", given_name="Анна", is_staff=True))
    other_class = second_class(school)
    history = taught(school, "История", other)
    algebra_of_b = taught(school, "Алгебра", other, other_class.groups[0])
    ilyin, kotova = classmate(school, "Ильин"), classmate(school, "Котова")
    yudin = classmate(school, "Юдин", school_class=other_class)
    for student, assignment, number in (
        (school.student, school.assignment, 5), (ilyin, school.assignment, 4), (kotova, school.assignment, 2),
        (school.student, history, 5), (ilyin, history, 5), (kotova, history, 3), (yudin, algebra_of_b, 3),
    ):  # fmt: skip
        db.session.add(final(school, term, VALUES[number], student=student, assignment=assignment))
    db.session.commit()
    return Reported(school, other, other_class, term, history, algebra_of_b, kotova, yudin)


def reporting_school() -> ReportingSchool:
    """What reports are told of the school."""
    return ReportingSchool("Школа", Grading(), ZoneInfo("Europe/Moscow"))


def asked_of(user: User, key: str, **arguments: Any) -> Asked:
    """What the person asks of a report; the session works for them from now on."""
    db.session.commit()
    number = user.id
    with policy.system() as facts:
        actor = policy.load_actor(facts, number, TODAY, NOW)
    assert actor is not None
    policy.act_as(db.session(), actor)
    words = {name: str(value) for name, value in arguments.items()}
    asked = ask(db.session(), REPORTS[key], words, actor, reporting_school(), NOW)
    assert asked is not None
    return asked


def report(user: User, key: str, **arguments: Any) -> Document:
    """The document a person gets."""
    asked = asked_of(user, key, **arguments)
    return REPORTS[key].make(db.session(), asked)


def lines(document: Document, table: int = 0) -> list[list[Any]]:
    """The rows of a table: text as it is read, figures with one decimal."""
    return [
        [round(value, 1) if isinstance(value, float) else value if isinstance(value, int) else str(value or "")
         for value in row]
        for row in document.tables[table].rows
    ]  # fmt: skip
