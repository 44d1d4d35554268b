"""The page of a member of staff, as the deputy director has it: what is in hand, access, journals given and taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.base import acting, acting_person
from app import policy
from app.journal.handovers import of_person
from app.models import Handover, TeachingAssignment, User
from app.policy import Action
from app.staff.holdings import Holdings, holdings
from app.staff.list import with_second_factor


@dataclass(frozen=True)
class StaffCard:
    """``handovers`` are the latest first; ``returnable``: ids of those that can go back. ``is_own``: the reader's."""

    holdings: Holdings
    hours: int
    handovers: Sequence[Handover]
    returnable: frozenset[int]
    has_second_factor: bool
    is_own: bool


def may_hand_over() -> bool:
    """Whether the reader gives journals to somebody else."""
    return policy.may(acting(), Handover, Action.CREATE) and policy.may(acting(), TeachingAssignment, Action.CHANGE)


def card(session: Session, person: User) -> StaffCard | None:
    """None for somebody who has nothing to do with the school's work, and for readers who manage no staff."""
    if not may_hand_over():
        return None
    held = holdings(session, person.id, acting_person().today)
    handovers = of_person(session, person.id)
    works = person.is_staff or person.is_deputy_director or held.journals or held.classes or handovers
    if not works:
        return None
    return StaffCard(
        held,
        sum(len(journal.hours) for journal in held.journals),
        handovers,
        _returnable(session, person, handovers),
        person.id in with_second_factor(session, [person]),
        is_own=person.id == acting_person().user_id,
    )


def _returnable(session: Session, person: User, handovers: Sequence[Handover]) -> frozenset[int]:
    """The last handover of each journal that the person gave away, where the taker still has it and lasts."""
    today, last = acting_person().today, dict[int, Handover]()
    for each in reversed(handovers):
        last[each.teaching_assignment_id] = each
    newest = session.scalars(
        select(Handover)
        .where(Handover.teaching_assignment_id.in_(last))
        .order_by(Handover.teaching_assignment_id, Handover.id)
    )
    latest = {row.teaching_assignment_id: row.id for row in newest}
    return frozenset(
        each.id
        for each in last.values()
        if each.from_teacher_id == person.id and each.id == latest[each.teaching_assignment_id] and person.is_active
        and each.assignment.teacher_id == each.to_teacher_id and not _is_over(each.assignment, today)
    )  # fmt: skip


def _is_over(assignment: TeachingAssignment, today: object) -> bool:
    return assignment.ends_on is not None and assignment.ends_on < today  # type: ignore[operator]
