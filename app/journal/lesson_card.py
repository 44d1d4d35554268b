"""One lesson as its card shows it: its words, homework for chosen students, and who changed it meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import clock, policy
from app.journal.agenda.lessons import lessons
from app.journal.limits import limits_of
from app.models import (
    AuditRecord,
    BellTime,
    Enrollment,
    HomeworkFile,
    Lesson,
    RollCall,
    Student,
    StudentHomework,
    StudyGroup,
    StudyGroupMember,
)
from app.people.placement import lasting
from app.people.refusal import Refusal

LONGEST_HOMEWORK = 5000
WRITTEN = ("topic", "homework")
SHOWN_CHANGES = 3
NOBODY = lazy_gettext("Choose at least one student.")
NOTHING_TO_DO = lazy_gettext("Write what is to be done.")


@dataclass(frozen=True)
class Card:
    """A lesson with its surroundings. ``takes_homework`` is False where the regulation forbids it (clause 2.2);
    ``writable`` columns are those of the session's person, None: all."""

    lesson: Lesson
    bell: BellTime | None
    takes_homework: bool
    files: list[HomeworkFile]
    personal: list[StudentHomework]
    roll_call: RollCall | None
    is_locked: bool
    writable: frozenset[str] | None

    @property
    def is_late(self) -> bool:
        """The homework was entered after the day of the lesson."""
        entered = self.lesson.homework_entered_at
        return bool(self.lesson.homework and entered and clock.day_of(entered) > self.lesson.date)


@dataclass(frozen=True)
class Change:
    """What somebody wrote in a lesson meanwhile; ``by`` is None for the journal itself, ``values`` old and new."""

    at: datetime
    by: str | None
    values: dict[str, tuple[str, str]]


def card(session: Session, lesson_id: int) -> Card | None:
    """The lesson of a number with what the session's person may see of its homework; None without one."""
    row = session.execute(lessons().where(Lesson.id == lesson_id)).first()
    if row is None:
        return None
    lesson, bell, is_bare = row
    files = select(HomeworkFile).where(HomeworkFile.lesson_id == lesson_id)
    personal = select(StudentHomework).where(StudentHomework.lesson_id == lesson_id).join(StudentHomework.student)
    return Card(
        lesson,
        bell,
        not is_bare,
        list(session.scalars(files.options(joinedload(HomeworkFile.uploaded_by)).order_by(HomeworkFile.id))),
        list(
            session.scalars(
                personal.options(joinedload(StudentHomework.student)).order_by(Student.sort_name, Student.id)
            )
        ),
        session.scalars(
            select(RollCall).where(RollCall.lesson_id == lesson_id).options(joinedload(RollCall.taken_by))
        ).one_or_none(),
        _is_locked(session, lesson),
        policy.writable(session, lesson),
    )


def _is_locked(session: Session, lesson: Lesson) -> bool:
    limits = limits_of(session, {lesson.teaching_assignment_id}).get(lesson.teaching_assignment_id)
    return limits is not None and limits.is_locked(lesson.date)


def take_roll_call(session: Session, lesson: Lesson) -> bool:
    """Nobody but those who are noted was away; False when somebody has said so already. The caller commits."""
    if session.scalars(select(RollCall.id).where(RollCall.lesson_id == lesson.id)).first() is not None:
        return False
    session.add(RollCall(lesson=lesson))
    session.flush()
    return True


def students_that_day(session: Session, lesson: Lesson) -> list[Student]:
    """Who belongs to the group of the lesson on its day, by name."""
    group: StudyGroup = lesson.assignment.study_group
    rows = select(Student).where(
        Student.id.in_(
            select(Enrollment.student_id).where(
                Enrollment.school_class_id == group.school_class_id, lasting(Enrollment, lesson.date)
            )
        )
    )
    if not group.is_whole_class:
        members = select(StudyGroupMember.student_id).where(
            StudyGroupMember.study_group_id == group.id, lasting(StudyGroupMember, lesson.date)
        )
        rows = rows.where(Student.id.in_(members))
    return list(session.scalars(rows.order_by(Student.sort_name, Student.id)))


def set_personal(session: Session, lesson: Lesson, student_ids: Collection[int], text: str) -> None:
    """Write homework for chosen students; one who has some gets the new one instead. Raises Refusal."""
    if not student_ids:
        raise Refusal(NOBODY, "students")
    text = _checked(text)
    rows = select(StudentHomework).where(
        StudentHomework.lesson_id == lesson.id, StudentHomework.student_id.in_(student_ids)
    )
    known = {row.student_id: row for row in session.scalars(rows)}
    for student_id in student_ids:
        if student_id in known:
            known[student_id].text = text
        else:
            session.add(StudentHomework(lesson_id=lesson.id, student_id=student_id, text=text))
    session.flush()


def change_personal(row: StudentHomework, text: str) -> None:
    """Write the homework of one student anew. Raises Refusal."""
    row.text = _checked(text)


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(NOTHING_TO_DO, "text")
    if len(text) > LONGEST_HOMEWORK:
        raise Refusal(gettext("At most %(longest)s characters.", longest=LONGEST_HOMEWORK), "text")
    return text


def changes_since(session: Session, lesson: Lesson, seen: datetime) -> list[Change]:
    """What was written in topic and homework since somebody saw the lesson, newest first."""
    records = (
        select(AuditRecord)
        .where(AuditRecord.model == "Lesson", AuditRecord.object_id == lesson.id, AuditRecord.at >= seen)
        .options(joinedload(AuditRecord.actor))
        .order_by(AuditRecord.id.desc())
        .limit(20)
    )
    changes = [_change(record) for record in session.scalars(records)]
    return [change for change in changes if change.values][:SHOWN_CHANGES]


def _change(record: AuditRecord) -> Change:
    values = {name: record.changes[name] for name in WRITTEN if name in record.changes}
    told = {name: (str(old or ""), str(new or "")) for name, (old, new) in values.items()}
    return Change(record.at, str(record.actor) if record.actor else None, told)
