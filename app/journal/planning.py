"""Writing a lesson plan: topics one by one, a whole plan at once, a copy for a parallel class.

Positions are 1, 2, 3 …, without gaps. Where topics move, the rows stay and their words move: lessons
know a topic by its position. Topics that past lessons have of the plan keep their places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext, lazy_gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app import policy
from app.journal.plan import boards, relaid
from app.models import PlannedTopic, SchoolClass, StudyGroup, TeachingAssignment
from app.people.refusal import Refusal
from app.policy import Action

MOST = 999
LONGEST = {"topic": 300, "homework": 2000}
NO_TOPIC = lazy_gettext("Write the topic.")
FULL = lazy_gettext("A plan has at most 999 topics.")


@dataclass(frozen=True)
class Words:
    """What a plan says of a lesson."""

    topic: str
    homework: str = ""


def opens(actor: policy.Actor | None, action: Action) -> Select[TeachingAssignment]:
    """Assignments on whose lesson plan the person may do ``action``."""
    rights = policy.criterion(actor, PlannedTopic, action, row=_OfAssignment)
    return select(TeachingAssignment).where(rights)


class _OfAssignment:
    """The plan's rows as the policy asks for them: by the assignment they would belong to."""

    teaching_assignment_id = TeachingAssignment.id


def checked(topic: str, homework: str) -> Words:
    """The words of a topic as they can be written. Raises Refusal."""
    words = Words(" ".join(topic.split()), homework.strip())
    if not words.topic:
        raise Refusal(NO_TOPIC, "topic")
    for field, longest in LONGEST.items():
        if len(getattr(words, field)) > longest:
            raise Refusal(gettext("At most %(longest)s characters.", longest=longest), field)
    return words


def insert(session: Session, assignment_id: int, words: Words, position: int | None, today: date) -> None:
    """Put a topic at ``position``, the end without one; those behind move on. Raises Refusal."""

    def put(plan: list[Words]) -> list[Words]:
        at = len(plan) if position is None else position - 1
        return [*plan[:at], words, *plan[at:]]

    _change(session, assignment_id, today, put, position)


def change(session: Session, assignment_id: int, position: int, words: Words, today: date) -> None:
    """Write a topic anew; lessons that are over keep what they have. Raises Refusal."""
    _change(session, assignment_id, today, lambda plan: [*plan[: position - 1], words, *plan[position:]])


def delete(session: Session, assignment_id: int, position: int, today: date) -> None:
    """Take a topic out; those behind move up. Raises Refusal."""
    _change(session, assignment_id, today, lambda plan: [*plan[: position - 1], *plan[position:]], position)


def move(session: Session, assignment_id: int, position: int, to: int, today: date) -> None:
    """Take the topic of ``position`` to another one. Raises Refusal."""

    def moved(plan: list[Words]) -> list[Words]:
        rest = [*plan[: position - 1], *plan[position:]]
        at = min(max(to, 1), len(plan)) - 1
        return [*rest[:at], plan[position - 1], *rest[at:]]

    _change(session, assignment_id, today, moved, min(position, to))


def replace(session: Session, assignment_id: int, plan: Sequence[Words], today: date) -> None:
    """Write the whole plan anew. Raises Refusal."""
    _change(session, assignment_id, today, lambda _plan: list(plan))


def words_of(session: Session, assignment_id: int) -> list[Words]:
    """The plan, in order."""
    return [Words(row.topic, row.homework) for row in _rows(session, assignment_id)]


def parallel(session: Session, assignment: TeachingAssignment) -> list[TeachingAssignment]:
    """Assignments of the same teacher, subject, grade and year whose plan the person may write."""
    here = aliased(SchoolClass)
    rows = (
        opens(policy.actor_of(session), Action.CREATE)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .join(here, here.id == assignment.study_group.school_class_id)
        .where(
            TeachingAssignment.teacher_id == assignment.teacher_id,
            TeachingAssignment.subject_id == assignment.subject_id,
            TeachingAssignment.id != assignment.id,
            SchoolClass.academic_year_id == here.academic_year_id,
            SchoolClass.grade == here.grade,
        )
        .order_by(SchoolClass.letter, StudyGroup.name, TeachingAssignment.id)
    )
    return list(session.scalars(rows))


def _change(
    session: Session,
    assignment_id: int,
    today: date,
    edit: Callable[[list[Words]], list[Words]],
    moves_from: int | None = None,
) -> None:
    """Write what ``edit`` makes of the plan; from position ``moves_from`` on topics change their places."""
    fixed = boards(session, {assignment_id}, today)[assignment_id].fixed()
    if moves_from is not None and moves_from <= fixed:
        raise Refusal(
            gettext("Topics up to number %(fixed)s were given in lessons: they keep their places.", fixed=fixed)
        )
    with relaid(session, assignment_id, today):
        rows = _rows(session, assignment_id)
        plan = edit([Words(row.topic, row.homework) for row in rows])
        if len(plan) > MOST:
            raise Refusal(FULL)
        for row, words in zip(rows, plan, strict=False):
            row.topic, row.homework = words.topic, words.homework
        for row in rows[len(plan) :]:
            session.delete(row)
        session.add_all(
            PlannedTopic(teaching_assignment_id=assignment_id, position=position, topic=words.topic,
                         homework=words.homework)
            for position, words in enumerate(plan[len(rows) :], start=len(rows) + 1)
        )  # fmt: skip


def _rows(session: Session, assignment_id: int) -> list[PlannedTopic]:
    plan = select(PlannedTopic).where(PlannedTopic.teaching_assignment_id == assignment_id)
    return list(session.scalars(plan.order_by(PlannedTopic.position)))
