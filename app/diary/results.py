"""What a child has reached: marks by subject, final marks, attendance."""

from __future__ import annotations

import re

from flask import current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.config import Grading
from app.diary.frame import Child, blueprint, child, page, reader
from app.extensions import db
from app.journal.child import absences, marks, periods
from app.journal.child.final_marks import final_sheet
from app.journal.child.periods import Year
from app.models import Term
from app.models.journal import AttendanceStatus


@blueprint.get("/<int:student>/marks/", endpoint="marks")
def marks_page(student: int) -> ResponseReturnValue:
    """The marks of a term by subject; where the regulation has none, the attendance."""
    of, actor, session = child(student), reader(), db.session()
    years, chosen = _chosen_term(of)
    if chosen is None:
        return page("marks.html", of, chosen_term=None, years=years)
    year, term = chosen
    has_marks = year.brings_marks(term)
    return page(
        "marks.html",
        of,
        years=years,
        year=year,
        chosen_term=term,
        keep={"term": term.id},
        is_open=term.starts_on <= actor.today <= term.ends_on,
        subjects=marks.by_subject(session, of.id, term, Grading.of(current_app.config)) if has_marks else None,
        attended=None if has_marks else absences.attended(session, of.id, term.starts_on, term.ends_on),
    )


@blueprint.get("/<int:student>/finals/")
def finals(student: int) -> ResponseReturnValue:
    """The final marks of a year."""
    of = child(student)
    years = periods.years(db.session(), of.id)
    year = periods.year_of(years, _number("year"), reader().today)
    return page(
        "finals.html",
        of,
        years=years,
        year=year,
        keep={"year": year.year.id} if year else {},
        sheet=final_sheet(db.session(), of.id, year) if year else None,
    )


@blueprint.get("/<int:student>/attendance/")
def attendance(student: int) -> ResponseReturnValue:
    """What was missed in a term, by kind and day by day."""
    of = child(student)
    years, chosen = _chosen_term(of)
    if chosen is None:
        return page("attendance.html", of, chosen_term=None, years=years)
    year, term = chosen
    return page(
        "attendance.html",
        of,
        years=years,
        year=year,
        chosen_term=term,
        keep={"term": term.id},
        attended=absences.attended(db.session(), of.id, term.starts_on, term.ends_on),
        statuses=AttendanceStatus,
    )


def _chosen_term(of: Child) -> tuple[list[Year], tuple[Year, Term] | None]:
    """The child's years, and the term that the address names, or that of today."""
    number = _number("term")
    term = db.session.scalars(select(Term).where(Term.id == number)).one_or_none() if number else None
    years = periods.years(db.session(), of.id)
    return years, periods.term_of(years, term, reader().today)


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    return int(typed) if re.fullmatch(r"[1-9]\d{0,8}", typed, re.ASCII) else None
