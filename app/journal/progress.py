"""How far a class is in its lesson plan, and what the plan page and the list of plans show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.journal.limits import Limits
from app.journal.plan import Board, boards
from app.journal.planning import opens
from app.models import Lesson, PlannedTopic, SchoolClass, StudyGroup, TeachingAssignment
from app.policy import Action


@dataclass(frozen=True)
class Line:
    """A topic with the lesson it has or will have; ``is_given`` when that lesson has it for good."""

    topic: PlannedTopic
    lesson: Lesson | None
    is_given: bool
    is_fixed: bool


@dataclass(frozen=True)
class Progress:
    """``lessons_left`` are open lessons from today on, ``topics_left`` topics that no lesson has for good.

    ``off`` are topics for which the year has no lesson. ``is_laid`` says that topics stand on lessons to come,
    ``is_stale`` that these are not those that belong there.
    """

    lines: list[Line]
    lessons_left: int
    topics_left: int
    off: list[PlannedTopic]
    is_laid: bool
    is_stale: bool
    takes_homework: bool

    @property
    def ahead(self) -> int:
        """How many more lessons than topics are left; negative: topics without a lesson."""
        return self.lessons_left - self.topics_left


@dataclass(frozen=True)
class PlanLine:
    """A plan on the list of plans."""

    assignment: TeachingAssignment
    topics: int


def progress(session: Session, assignment_id: int, today: date) -> Progress:
    """How far the class is; ``session`` sees the whole journal."""
    board = boards(session, {assignment_id}, today)[assignment_id]
    places, fixed = board.places(), board.fixed()
    lessons = {lesson.id: lesson for lesson in board.lessons}
    given = {position: lessons[number] for number, position in places.given.items()}
    coming = {position: lessons[number] for number, position in places.laid.items()}
    lines = [
        Line(
            topic,
            given.get(topic.position) or coming.get(topic.position),
            topic.position in given,
            topic.position <= fixed,
        )
        for topic in board.topics
    ]
    return Progress(
        lines,
        lessons_left=len(places.laid) + len(places.empty),
        topics_left=len(places.laid) + len(places.left),
        off=places.left,
        is_laid=board.is_laid(),
        is_stale=_is_stale(board, coming),
        takes_homework=_takes_homework(board.limits, board.lessons),
    )


def _is_stale(board: Board, coming: dict[int, Lesson]) -> bool:
    stands = {lesson.id: lesson.plan_position for lesson in board.lessons if board.is_open(lesson)}
    belongs = {lesson.id: position for position, lesson in coming.items()}
    return any(belongs.get(number) != position for number, position in stands.items())


def _takes_homework(limits: Limits | None, lessons: list[Lesson]) -> bool:
    """Whether some lesson of the year may have homework."""
    return limits is None or not lessons or any(limits.takes_homework(lesson.date) for lesson in lessons)


def plans(
    session: Session, actor: policy.Actor, class_id: int | None = None, most: int | None = None
) -> list[PlanLine]:
    """Assignments of today whose plan the person sees, own ones first, with their topics; of one class, or ``most``."""
    count = (
        select(func.count(PlannedTopic.id))
        .where(PlannedTopic.teaching_assignment_id == TeachingAssignment.id)
        .correlate(TeachingAssignment)
        .scalar_subquery()
    )
    rows = (
        opens(actor, Action.SEE)
        .add_columns(count)
        .join(TeachingAssignment.study_group)
        .join(StudyGroup.school_class)
        .where(
            TeachingAssignment.starts_on <= actor.today,
            (TeachingAssignment.ends_on.is_(None)) | (TeachingAssignment.ends_on >= actor.today),
        )
        .options(
            joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
            joinedload(TeachingAssignment.subject),
            joinedload(TeachingAssignment.teacher),
        )
        .order_by(
            TeachingAssignment.teacher_id != actor.user_id,
            SchoolClass.grade,
            SchoolClass.letter,
            TeachingAssignment.subject_id,
            TeachingAssignment.id,
        )
    )
    if class_id is not None:
        rows = rows.where(SchoolClass.id == class_id)
    rows = rows.limit(most)
    return [PlanLine(assignment, topics) for assignment, topics in session.execute(rows)]


def classes_with_plans(session: Session, actor: policy.Actor) -> list[SchoolClass]:
    """Classes with an assignment of today whose plan the person sees."""
    groups = (
        opens(actor, Action.SEE)
        .with_only_columns(TeachingAssignment.study_group_id)
        .where(
            TeachingAssignment.starts_on <= actor.today,
            (TeachingAssignment.ends_on.is_(None)) | (TeachingAssignment.ends_on >= actor.today),
        )
    )
    rows = select(SchoolClass).where(
        SchoolClass.id.in_(select(StudyGroup.school_class_id).where(StudyGroup.id.in_(groups)))
    )
    return list(session.scalars(rows.order_by(SchoolClass.grade, SchoolClass.letter, SchoolClass.id)))
