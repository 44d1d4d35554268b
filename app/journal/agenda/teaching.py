"""For whoever writes lessons: those of today, and what is overdue (clause 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import Session

from app import policy
from app.journal.agenda.lessons import LessonLine, lessons, line
from app.models import Lesson, Mark, TeachingAssignment, Work
from app.models.columns import Titled
from app.policy import Action
from app.regulation import MARKS_WITHIN, without_marks

LOOK_BACK = timedelta(14)
MARKS_LOOK_BACK = timedelta(28)


class Lack(Titled):
    """What a lesson lacks."""

    TOPIC = "topic", lazy_gettext("no topic")
    HOMEWORK = "homework", lazy_gettext("no homework")
    MARKS = "marks", lazy_gettext("no marks")


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


@dataclass(frozen=True)
class OverdueLesson:
    """A past lesson and what it lacks."""

    line: LessonLine
    lacks: Sequence[Lack]


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


def overdue(session: Session, today: date) -> list[OverdueLesson]:
    """Lessons that the person should have written, the latest first.

    Topic and homework are due on the day, and asked for 14 days back; marks of a work a week later,
    and asked for 28 days back.
    """
    fresh = Lesson.date >= today - LOOK_BACK
    no_topic = and_(Lesson.topic == "", fresh)
    no_homework = and_(Lesson.homework == "", fresh, ~without_marks())
    no_marks = and_(_work_without_marks(), Lesson.date < today - MARKS_WITHIN)
    found = lessons(no_topic.label("no_topic"), no_homework.label("no_homework"), no_marks.label("no_marks"))
    rows = session.execute(
        found.where(
            Lesson.date.between(today - MARKS_LOOK_BACK, today - timedelta(1)),
            ~Lesson.is_cancelled,
            _written_by(policy.actor_of(session)),
            or_(no_topic, no_homework, no_marks),
        )
    )
    late = [
        OverdueLesson(line(lesson, bell, unmarked), tuple(compress(Lack, lacks)))
        for lesson, bell, unmarked, *lacks in rows
    ]
    return sorted(late, key=lambda lesson: lesson.line.date, reverse=True)


def _written_by(actor: policy.Actor) -> ColumnElement[bool]:
    return policy.criterion(actor, Lesson, Action.CHANGE, policy.TAUGHT)


def _work_without_marks() -> ColumnElement[bool]:
    unmarked = ~exists().where(Mark.work_id == Work.id)
    return exists().where(Work.lesson_id == Lesson.id, unmarked)
