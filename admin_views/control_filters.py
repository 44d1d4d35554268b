"""What the address of a control page asks for: which days, which classes, which subject, whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, request
from flask_babel import gettext
from sqlalchemy import exists, null, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from admin_views import asked
from app import clock, policy
from app.collation import search_key
from app.control import figures
from app.control.duties import Watch
from app.models import AcademicYear, SchoolClass, Subject, TeachingAssignment, Term, User
from app.policy import Action, Actor

LONGEST = timedelta(400)
"""Days looked at together: a school year and more."""
CLAUSES = "clauses"


@dataclass(frozen=True)
class Named:
    """A class (with its grade) or a subject, by its name."""

    id: int
    name: str
    grade: int | None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Choices:
    """What there is to choose from, as far as the person sees it; ``people`` is empty for who sees only the own."""

    terms: Sequence[Term]
    classes: Sequence[Named]
    subjects: Sequence[Named]
    people: Sequence[User]

    @property
    def grades(self) -> list[int]:
        """Grades of the classes."""
        return sorted({each.grade for each in self.classes if each.grade is not None})


@dataclass(frozen=True)
class Asked:
    """What is looked at, and ``chosen``: what the address says of it, by the names of the filters."""

    watch: Watch
    chosen: dict[str, str]
    person: User | None
    by_clauses: bool

    @property
    def is_narrowed(self) -> bool:
        """Some of the school is looked at: what is about nobody and no class is not among it."""
        return bool({"class", "grade", "subject", "person"} & set(self.chosen))

    @property
    def query(self) -> dict[str, str]:
        """What the links of the page carry on."""
        return self.chosen | ({"order": CLAUSES} if self.by_clauses else {})

    def but(self, **changed: Any) -> dict[str, Any]:
        """The same with something else; None takes a filter away."""
        return {name: value for name, value in (self.query | changed).items() if value is not None}


def sees_others(actor: Actor) -> bool:
    """Whether what is up to others is the person's to look at; who only teaches looks at the own."""
    return policy.may(actor, SchoolClass, Action.CREATE) or actor.leads


def choices(session: Session, actor: Actor) -> Choices:
    """Terms that have begun, the latest first; classes of the year (that of the term which is asked for); subjects;
    whoever teaches or leads a class."""
    begun = select(Term).where(Term.starts_on <= actor.today).options(joinedload(Term.academic_year))
    terms = session.scalars(begun.order_by(Term.starts_on.desc(), Term.kind)).all()
    years = select(AcademicYear.id).where(AcademicYear.starts_on <= actor.today).order_by(AcademicYear.starts_on.desc())
    of_term = next((each.academic_year_id for each in terms if each.id == asked.number("term")), None)
    of_year = SchoolClass.academic_year_id == (of_term or years.limit(1).scalar_subquery())
    classes: Any = select(SchoolClass.id, SchoolClass.grade, SchoolClass.letter.label("name")).where(of_year)
    subjects: Any = select(Subject.id, null(), Subject.name)
    named = [
        Named(number, name if grade is None else f"{grade}{name}", grade)
        for number, grade, name in session.execute(union_all(classes, subjects))
    ]
    at_work = or_(
        exists().where(TeachingAssignment.teacher_id == User.id),
        exists().where(SchoolClass.class_teacher_id == User.id),
    )
    people = select(User).where(User.is_staff, User.is_active, at_work).order_by(User.sort_name)
    return Choices(
        terms,
        sorted((each for each in named if each.grade), key=lambda each: (each.grade or 0, each.name)),
        sorted((each for each in named if not each.grade), key=lambda each: search_key(each.name)),
        session.scalars(people).all() if sees_others(actor) else (),
    )


def read(session: Session, actor: Actor, offered: Choices) -> Asked:
    """What is asked for. What is no number or day counts for nothing; 404 for what is not the person's to see."""
    class_id = _one_of("class", [each.id for each in offered.classes])
    subject_id = _one_of("subject", [each.id for each in offered.subjects])
    grade = _one_of("grade", offered.grades)
    person = _person(session, actor)
    term_id = _one_of("term", [each.id for each in offered.terms])
    term = next((each for each in offered.terms if each.id == term_id), None)
    first, last = _days(term, actor.today)
    watch = figures.watch(
        session, actor, clock.zone(), first=first, last=last, grade=grade, class_id=class_id, subject_id=subject_id,
        teacher_id=person.id if person else None if sees_others(actor) else actor.user_id,
    )  # fmt: skip
    if watch.first < watch.last - LONGEST:
        watch = replace(watch, first=watch.last - LONGEST)
        flash(gettext("At most a year is looked at: the first days are left out."), "warning")
    chosen = {"class": class_id, "subject": subject_id, "grade": grade, "person": person.id if person else None,
              "term": term.id if term else None}  # fmt: skip
    days = {name: request.args[name] for name in ("from", "until") if asked.day(name)}
    numbers = {name: str(number) for name, number in chosen.items() if number is not None}
    return Asked(watch, numbers | days, person, request.args.get("order") == CLAUSES)


def _one_of(name: str, known: Sequence[int]) -> int | None:
    number = asked.number(name)
    return number if number is None or number in known else abort(404)


def _person(session: Session, actor: Actor) -> User | None:
    number = asked.number("person")
    if number is None or (number == actor.user_id and not sees_others(actor)):
        return None
    if number != actor.user_id and not sees_others(actor):
        abort(404)
    row = session.scalar(select(User).where(User.id == number, User.is_staff | User.is_deputy_director))
    return row if row is not None else abort(404)


def _days(term: Term | None, today: date) -> tuple[date | None, date | None]:
    """The days from and until, or those of the term."""
    first, last = asked.day("from"), asked.day("until")
    if (first and last and first > last) or (first and first > today):
        flash(gettext("The first day is after the last one, or has not come yet: choose other days."), "error")
        first = last = None
    if term is not None and first is None and last is None:
        return term.starts_on, term.ends_on
    return first, last
