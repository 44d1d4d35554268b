"""What an address asks of a report: filters read, checked against what lies within the person's reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import AcademicYear, Enrollment, SchoolClass, Student, Subject, Term, User
from app.policy import Actor
from app.reports.ground import Ground
from app.reports.periods import period_that_lasts, period_with_marks
from app.reports.report import Asked, Filter, NotThere, Report, School, nowhere

T = TypeVar("T")


def ask(
    session: Session,
    report: Report,
    arguments: Mapping[str, str],
    actor: Actor,
    school: School,
    now: datetime,
    address: Callable[..., str] = nowhere,
) -> Asked | None:
    """What the address asks for; None while no year is written. Raises NotThere."""
    mine = report.open_to(actor)
    if not mine:
        raise NotThere
    reach = _one_of({each.value: each for each in mine}, arguments.get(Filter.REACH, ""), mine[0])
    rows = session.execute(
        select(AcademicYear, Term)
        .outerjoin(Term, Term.academic_year_id == AcademicYear.id)
        .order_by(AcademicYear.starts_on.desc(), AcademicYear.id, Term.starts_on, Term.id)
    ).all()
    years = list(dict.fromkeys(year for year, _term in rows))
    if not years:
        return None
    begun = [each for each in years if each.starts_on <= actor.today]
    year = _one_of({str(each.id): each for each in years}, arguments.get(Filter.YEAR, ""), (begun or years)[0])
    terms = [term for its, term in rows if its is year and term]
    ground = Ground(session, actor, year.id, reach)
    asked = Asked(actor, school, now, reach, years, year, terms, ground, address=address, is_current=report.is_current)
    return _narrowed(session, report, asked, arguments)


def _narrowed(session: Session, report: Report, asked: Asked, arguments: Mapping[str, str]) -> Asked:
    """The same with what is chosen of the year. A class of another year falls away when the year is changed."""

    def wanted(each: Filter) -> str:
        return arguments.get(each, "") if each in report.filters else ""

    ground = asked.ground
    school_class = _row(session, SchoolClass, lambda: ground.classes, wanted(Filter.CLASS))
    if school_class is None and Filter.CLASS in report.required and len(ground.classes) == 1:
        school_class = next(iter(ground.classes.values()))
    grades = {str(each.grade): each.grade for each in ground.classes.values()}
    grade = grades.get(wanted(Filter.GRADE)) if re.fullmatch(r"[1-9]|1[01]|", wanted(Filter.GRADE)) else _none()
    asked = replace(
        asked,
        grade=grade,
        school_class=school_class if school_class is None or grade in (None, school_class.grade) else None,
        subject=_row(session, Subject, lambda: ground.subjects, wanted(Filter.SUBJECT)),
        teacher=_row(session, User, lambda: ground.teachers, wanted(Filter.TEACHER)),
    )
    number = _number(wanted(Filter.ASSIGNMENT))
    held = asked.assignments.get(number) if number else None
    students = students_of(session, asked) if Filter.STUDENT in report.filters and asked.school_class else []
    student = next((each for each in students if each.id == _number(wanted(Filter.STUDENT))), None)
    asked = replace(asked, held=held, students=students, student=student)
    if Filter.PERIOD not in report.filters:
        return asked
    usual = period_that_lasts if report.is_current else period_with_marks
    of_terms = {str(term.id): period for period in asked.periods for term in period.terms}
    known = of_terms | {period.key: period for period in asked.periods}
    key = wanted(Filter.PERIOD)
    if key and key not in known and _is_term(session, key):  # of another year, or not of this class
        key = ""
    period = _one_of(known, key, usual(asked.periods, asked.today))
    return replace(asked, period=period)


def students_of(session: Session, asked: Asked) -> list[Student]:
    """Who is or was in the chosen class, by name, each once."""
    rows = session.scalars(
        select(Student)
        .join(Student.enrollments)
        .where(Enrollment.school_class_id == (asked.school_class.id if asked.school_class else 0))
        .where(or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= asked.year.starts_on))
        .order_by(Student.sort_name, Student.id)
    )
    return list(dict.fromkeys(rows))


def _row(session: Session, model: Any, known: Callable[[], Mapping[int, Any]], text: str) -> Any:
    """The row of this number; None without one, and for one that exists for the person but not in this year."""
    if not text:
        return None
    number = _number(text)
    if number in known():
        return known()[number]
    return None if session.scalar(select(model.id).where(model.id == number)) else _none()


def _is_term(session: Session, key: str) -> bool:
    return bool(session.scalar(select(Term.id).where(Term.id == _number(key))))


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) else 0


def _one_of(known: Mapping[str, T], key: str, usual: T) -> T:
    return known[key] if key in known else usual if not key else _none()


def _none() -> Any:
    raise NotThere
