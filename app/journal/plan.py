"""The lesson plan (КТП) of an assignment on its lessons: laid, shifted, suggested, and how far the class is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam, cast, false, null, select, true, union_all
from sqlalchemy.orm import Session

from app import clock, policy
from app.journal.limits import Limits, limits_of
from app.journal.placing import Places, place, suggestions
from app.journal.stamps import LAYING
from app.models import Lesson, PlannedTopic
from app.policy import Action
from app.policy.kept import kept
from app.policy.scopes import whole_journals


@dataclass(frozen=True)
class Laid:
    """``changed`` lessons were written, ``lessons`` from today on have a topic of the plan, ``left`` are topics for
    which the year has no lesson, ``empty`` is the number of lessons for which the plan has no topic.
    """

    changed: int
    lessons: int
    left: list[PlannedTopic]
    empty: int


@dataclass
class Board:
    """The plan and the lessons of one assignment, both in order. ``limits`` is None where the class is unknown."""

    topics: list[PlannedTopic]
    lessons: list[Lesson]
    limits: Limits | None
    today: date

    def is_open(self, lesson: Lesson) -> bool:
        """Whether a topic may be laid on the lesson."""
        is_ours = not lesson.topic or lesson.plan_position is not None
        return is_ours and not lesson.is_cancelled and self._is_to_come(lesson)

    def places(self) -> Places:
        """Which topic belongs on which lesson."""
        return place(self.topics, self.lessons, self.is_open)

    def is_laid(self) -> bool:
        """Whether topics of the plan stand on lessons to come."""
        return any(lesson.plan_position is not None and self._is_to_come(lesson) for lesson in self.lessons)

    def fixed(self) -> int:
        """The last position that a lesson which is over or locked has: until there the plan keeps its order."""
        over = [lesson.plan_position or 0 for lesson in self.lessons if not self._is_to_come(lesson)]
        return max(over, default=0)

    def with_planned_homework(self) -> set[int]:
        """Lessons whose homework is the plan's and was not changed by hand."""
        homework = {topic.position: topic.homework for topic in self.topics}
        return {
            lesson.id
            for lesson in self.lessons
            if lesson.plan_position is not None and lesson.homework == homework.get(lesson.plan_position, "")
        }

    def write(self, planned_homework: set[int], may_write: Collection[int] | None = None) -> int:
        """Write topics and homework where they belong, on the lessons that the person may write; how many changed."""
        topics, laid = {topic.position: topic for topic in self.topics}, self.places().laid
        changed = 0
        for lesson in self.lessons:
            ours = self.is_open(lesson) or (lesson.is_cancelled and lesson.plan_position is not None)
            if ours and self._is_to_come(lesson) and (may_write is None or lesson.id in may_write):
                changed += self._put(lesson, topics.get(laid.get(lesson.id, 0)), lesson.id in planned_homework)
        return changed

    def _put(self, lesson: Lesson, topic: PlannedTopic | None, homework_is_planned: bool) -> bool:
        before = (lesson.topic, lesson.plan_position, lesson.homework)
        lesson.topic = topic.topic if topic else ""
        lesson.plan_position = topic.position if topic else None
        if homework_is_planned or not lesson.homework:
            takes = self.limits is None or self.limits.takes_homework(lesson.date)
            homework = topic.homework if topic and takes else ""
            if homework != lesson.homework:
                lesson.homework = homework
                # A person's session stamps it itself; laid without one it was there on the day of the laying.
                lesson.homework_entered_at = datetime.combine(self.today, time(), clock.zone()) if homework else None
        return before != (lesson.topic, lesson.plan_position, lesson.homework)

    def _is_to_come(self, lesson: Lesson) -> bool:
        return lesson.date >= self.today and not (self.limits and self.limits.is_locked(lesson.date))


def boards(session: Session, assignment_ids: Collection[int], today: date) -> dict[int, Board]:
    """The boards of assignments, as the session sees them; three statements."""
    ids = set(assignment_ids)
    topics, lessons = defaultdict[int, list[PlannedTopic]](list), defaultdict[int, list[Lesson]](list)
    planned = select(PlannedTopic).where(PlannedTopic.teaching_assignment_id.in_(ids))
    for topic in session.scalars(planned.order_by(PlannedTopic.position)):
        topics[topic.teaching_assignment_id].append(topic)
    for lesson in session.scalars(_lessons_of(ids)):
        lessons[lesson.teaching_assignment_id].append(lesson)
    limits = limits_of(session, ids)
    return {number: Board(topics[number], lessons[number], limits.get(number), today) for number in ids}


def lay(session: Session, assignment_id: int, today: date) -> Laid:
    """Write topics, and homework where there is none, on the lessons from ``today`` on; the caller commits.

    Lessons that are cancelled, locked, or written by hand keep what they have, and so do those that the session's
    person may not write in (substituted by a colleague): ``shift`` writes these.
    """
    known = boards(session, {assignment_id}, today)[assignment_id]
    return _laid(session, known, known.with_planned_homework())


@contextmanager
def relaid(session: Session, assignment_id: int, today: date) -> Iterator[None]:
    """Change the plan inside; where it stood on lessons, it stands on them anew afterwards."""
    known = boards(session, {assignment_id}, today)[assignment_id]
    was_laid, planned_homework = known.is_laid(), known.with_planned_homework()
    yield
    session.flush()
    if was_laid:
        _laid(session, boards(session, {assignment_id}, today)[assignment_id], planned_homework)


def shift(session: Session, assignment_ids: Collection[int], today: date) -> int:
    """Lay the plans that stand on lessons anew: after lessons were cancelled, moved, added or brought back.

    ``session`` is one of ``policy.system()``; the caller commits. A cancelled lesson loses a topic that came from
    the plan. Lessons before ``today``, in locked terms, or written by hand are never touched. Gives back how many
    lessons changed.
    """
    standing = select(Lesson.teaching_assignment_id).where(
        Lesson.teaching_assignment_id.in_(set(assignment_ids)), Lesson.plan_position.is_not(None), Lesson.date >= today
    )
    laid = boards(session, set(session.scalars(standing)), today).values()
    return sum(_laid(session, known, known.with_planned_homework()).changed for known in laid)


def planned_topics(session: Session, assignment_id: int, lessons: Sequence[Any]) -> dict[int, str]:
    """What the plan suggests for those of ``lessons`` that have no topic, by lesson; at most one statement.

    Nothing to a person who does not see the whole journal: what the other lessons had is not theirs to know.
    """
    empty = {lesson.id for lesson in lessons if not lesson.topic and not lesson.is_cancelled}
    if not empty:
        return {}
    rows = session.execute(_plan_of(policy.open_actor(session)), {"assignment_id": assignment_id}).all()
    topics = [row for row in rows if row.is_planned]
    found = suggestions(topics, [row for row in rows if not row.is_planned]) if topics else {}
    return {number: topic for number, topic in found.items() if number in empty}


@lru_cache(maxsize=64)
def _plan_of(actor: policy.Actor) -> Any:
    """The topics of a plan in their order, where the person sees the whole journal, and the lessons of the year."""
    number = bindparam("assignment_id", type_=Integer)
    planned = select(
        true().label("is_planned"),
        PlannedTopic.id,
        PlannedTopic.topic,
        PlannedTopic.position,
        null().label("plan_position"),
        false().label("is_cancelled"),
        cast(null(), Date).label("date"),
        null().label("number"),
    ).where(PlannedTopic.teaching_assignment_id == number, number.in_(whole_journals(actor)))
    held = select(
        false(), Lesson.id, Lesson.topic, null(), Lesson.plan_position, Lesson.is_cancelled, Lesson.date, Lesson.number
    ).where(Lesson.teaching_assignment_id == number)
    return kept(union_all(planned, held).order_by("position", "date", "number", "id"))


def _laid(session: Session, known: Board, planned_homework: set[int]) -> Laid:
    actor = policy.actor_of(session)
    mine = None
    if isinstance(actor, policy.Actor):
        mine = policy.allowed(session, Lesson, Action.CHANGE, [lesson.id for lesson in known.lessons])
    places = known.places()
    session.info[LAYING] = True
    try:
        changed = known.write(planned_homework, mine)
        session.flush()
    finally:
        session.info.pop(LAYING, None)
    return Laid(changed, len(places.laid), places.left, len(places.empty))


def _lessons_of(assignment_ids: Collection[int]) -> Select[Lesson]:
    rows = select(Lesson).where(Lesson.teaching_assignment_id.in_(set(assignment_ids)))
    return rows.order_by(Lesson.date, Lesson.number, Lesson.id)
