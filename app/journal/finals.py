"""Entering final marks on the sheet of a class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.journal.sheet import Cell, Place, Sheet
from app.models import FinalMark
from app.models.journal import NUMBERS, FinalMarkValue
from app.people.refusal import Refusal

REASON = 200  # the length of the column
FIGURES = {number: value for value, number in NUMBERS.items()}


@dataclass(frozen=True)
class Wanted:
    """What a person wants to stand in a cell."""

    value: FinalMarkValue
    reason: str = ""


@dataclass
class Entered:
    """How many marks were written, and cells that somebody else had filled meanwhile."""

    count: int = 0
    taken: list[Cell] = field(default_factory=list)


class ReasonWanted(Refusal):
    """Marks that differ from the proposed ones by more than the school allows; nothing was written."""

    def __init__(self, places: Collection[Place]) -> None:
        super().__init__(lazy_gettext("Some marks differ from the proposed ones. Give a reason for each of them."))
        self.places = places


def enter(session: Session, sheet: Sheet, wanted: Mapping[Place, Wanted]) -> Entered:
    """Write final marks into empty cells of the sheet: all of them or, where one is refused, none.

    A cell that is not empty any more stays as it is. The caller commits. Raises ReasonWanted, Refusal for a
    cell the sheet does not have, RegulationError, PolicyError.
    """
    entered, fresh, unexplained = Entered(), [], []
    for place, want in wanted.items():
        cell = sheet.cells.get(place)
        if cell is None or cell.assignment is None or not cell.is_due:
            raise Refusal(lazy_gettext("This student gets no such final mark here. Nothing was saved."))
        if len(want.reason) > REASON:
            raise Refusal(lazy_gettext("The reason is too long: at most 200 characters."))
        if cell.mark is not None:
            entered.taken.append(cell)
        elif sheet.is_unexplained(cell, want.value, want.reason):
            unexplained.append(place)
        else:
            fresh.append(_new_mark(sheet, cell, cell.assignment.id, want))
    if unexplained:
        raise ReasonWanted(unexplained)
    session.add_all(fresh)
    session.flush()
    entered.count = len(fresh)
    return entered


def _new_mark(sheet: Sheet, cell: Cell, assignment_id: int, want: Wanted) -> FinalMark:
    return FinalMark(
        student_id=cell.student.id,
        subject_id=cell.subject.id,
        academic_year_id=sheet.school_class.academic_year_id,
        teaching_assignment_id=assignment_id,
        kind=sheet.column.kind,
        term_id=sheet.column.term.id if sheet.column.term else None,
        value=want.value,
        reason=want.reason,
    )


def proposed(sheet: Sheet, subject_id: int | None = None) -> dict[Place, Wanted]:
    """What the marks propose for the cells that the person can fill: of a subject, or of all."""
    return {
        (cell.student.id, cell.subject.id): Wanted(FIGURES[cell.proposed])
        for cell in sheet.writable
        if cell.proposed is not None and subject_id in (None, cell.subject.id)
    }
