"""The page of a member of staff, as the deputy director has it: what is in hand, access, journals given and taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from admin_views.base import acting, acting_person
from app import policy
from app.journal.handovers import Held, around, before
from app.models import Handover, SchoolClass, TeachingAssignment, User
from app.policy import Action
from app.staff.holdings import HeldJournal, classes_led, journals_of, substitutions


@dataclass(frozen=True)
class StaffCard:
    """What is in hand: journals, each with who had it ``before``, by assignment; classes, lessons of others to come.

    ``handovers`` are the latest first; ``returnable``: ids of those that can go back. ``is_own``: the reader's.
    """

    journals: Sequence[HeldJournal]
    before: Mapping[int, Sequence[Held]]
    classes: Sequence[SchoolClass]
    substitutions: int
    handovers: Sequence[Handover]
    returnable: frozenset[int]
    is_own: bool

    @property
    def hours(self) -> int:
        """Weekly lessons."""
        return sum(len(journal.hours) for journal in self.journals)


def may_hand_over() -> bool:
    """Whether the reader gives journals to somebody else."""
    return policy.may(acting(), Handover, Action.CREATE) and policy.may(acting(), TeachingAssignment, Action.CHANGE)


def card(session: Session, person: User) -> StaffCard | None:
    """None for somebody who has nothing to do with the school's work, and for readers who manage no staff."""
    if not may_hand_over():
        return None
    today, all_of_them = acting_person().today, around(session, person.id)
    handovers = [each for each in all_of_them if person.id in (each.from_teacher_id, each.to_teacher_id)]
    journals, classes = journals_of(session, person.id, today), classes_led(session, person.id, today)
    if not (person.is_staff or person.is_deputy_director or journals or classes or handovers):
        return None
    return StaffCard(
        journals,
        before(all_of_them),
        classes,
        len(substitutions(session, person.id, today)),
        sorted(handovers, key=lambda each: (each.since, each.id), reverse=True),
        _returnable(person, all_of_them, today),
        is_own=person.id == acting_person().user_id,
    )


def _returnable(person: User, handovers: Sequence[Handover], today: date) -> frozenset[int]:
    """The last handover of each journal, where it is the person who gave it away and the taker still has it and
    lasts."""
    last = {each.teaching_assignment_id: each for each in sorted(handovers, key=lambda each: each.id)}
    return frozenset(
        each.id
        for each in last.values()
        if each.from_teacher_id == person.id and person.is_active
        and each.assignment.teacher_id == each.to_teacher_id and not _is_over(each.assignment, today)
    )  # fmt: skip


def _is_over(assignment: TeachingAssignment, today: date) -> bool:
    return assignment.ends_on is not None and assignment.ends_on < today
