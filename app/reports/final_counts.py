"""The final marks of a year counted in the database: by period and assignment, in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.models import FinalMark
from app.models.journal import FinalMarkKind, FinalMarkValue
from app.reports.figures import Counts, counted
from app.reports.periods import Period
from app.reports.report import Asked

FEW = 500
"""So many assignments are named in the statement; of more all are counted and the others left out."""


def final_counts(session: Session, asked: Asked, periods: Sequence[Period]) -> dict[str, dict[int, Counts]]:
    """By the key of the period and the assignment; only assignments that the filters leave, so only whole ones."""
    known = asked.assignments
    rows = select(
        FinalMark.kind, FinalMark.term_id, FinalMark.teaching_assignment_id, FinalMark.value, func.count()
    ).where(FinalMark.academic_year_id == asked.year.id, or_(*(and_(*period.marks()) for period in periods)))
    if len(known) <= FEW:
        rows = rows.where(FinalMark.teaching_assignment_id.in_(known))
    rows = rows.group_by(FinalMark.kind, FinalMark.term_id, FinalMark.teaching_assignment_id, FinalMark.value)
    of_place: dict[tuple[FinalMarkKind, int | None], str] = {
        (period.kind, term.id): period.key for period in periods for term in period.terms
    }
    of_place |= {(period.kind, None): period.key for period in periods if not period.terms}
    found: defaultdict[str, list[tuple[int, FinalMarkValue, int]]] = defaultdict(list)
    for kind, term_id, assignment_id, value, number in session.execute(rows):
        if assignment_id in known and (kind, term_id) in of_place:
            found[of_place[kind, term_id]].append((assignment_id, value, number))
    return {key: counted(some) for key, some in found.items()}
