"""For whoever writes lessons: those of today (what is overdue stands in ``app.control``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from app import policy
from app.journal.agenda.lessons import LessonLine, lessons, line
from app.models import Lesson, TeachingAssignment
from app.models.columns import Titled
from app.policy import Action


class Lack(Titled):
    """What a lesson lacks."""

    TOPIC = "topic", lazy_gettext("no topic")
    HOMEWORK = "homework", lazy_gettext("no homework")


@dataclass(frozen=True)
class TodayLesson:
    """``is_written`` by the person; otherwise a substitute has it. ``stands_in``: the person is the substitute."""

    line: LessonLine
    is_written: bool
    stands_in: bool

    @property
    def lacks(self) -> Sequence[Lack]:
        """What is still to be written."""
        if not self.is_written or self.line.is_cancelled:
            return ()
        wanted = self.line.wants_homework and not self.line.homework
        return tuple(compress((Lack.TOPIC, Lack.HOMEWORK), (not self.line.topic, wanted)))


def lessons_of_today(session: Session, today: date) -> list[TodayLesson]:
    """The person's lessons of the day: written by them, or given to a substitute."""
    actor = policy.actor_of(session)
    own = TeachingAssignment.teacher_id == actor.user_id
    rows = session.execute(
        lessons(_written_by(actor).label("is_written")).where(Lesson.date == today, or_(_written_by(actor), own))
    )
    return [
        TodayLesson(line(lesson, bell, unmarked), bool(is_written), lesson.substitute_id == actor.user_id)
        for lesson, bell, unmarked, is_written in rows
    ]


def _written_by(actor: policy.Actor) -> ColumnElement[bool]:
    return policy.criterion(actor, Lesson, Action.CHANGE, policy.TAUGHT)
