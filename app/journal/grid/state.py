"""What the journal page shows, as data: students, lessons, works, marks, absences, final marks.

The shape is the one that docs/journal-page.md describes. Rights have narrowed every row already.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from app import clock, policy
from app.journal.final_columns import brings_marks, columns_of
from app.journal.grading import Grading
from app.journal.grid.letters import FINAL_WORDS, LETTERS
from app.journal.grid.page import Page
from app.journal.plan import planned_topics
from app.models import (
    Attendance,
    Enrollment,
    FinalMark,
    HomeworkFile,
    Lesson,
    Mark,
    RollCall,
    SchoolClass,
    StaffNote,
    Student,
    StudentHomework,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    User,
    Work,
)
from app.models.journal import WorkKind
from app.policy import Action
from app.regulation import MARKS_WITHIN, without_marks

USUAL_WEIGHTS = {
    WorkKind.ANSWER: 1, WorkKind.HOMEWORK: 1, WorkKind.TEST: 3, WorkKind.DICTATION: 3, WorkKind.PRACTICAL: 2,
    WorkKind.PROJECT: 2,
}  # fmt: skip

Row = dict[str, Any]


def state(session: Session, page: Page, today: date, grading: Grading) -> Row:
    """Everything that the page of a journal shows; that of a year has final marks only."""
    lessons = lesson_rows(session, page.assignment.id, page.days, today) if page.term else []
    works = work_rows(session, [lesson["id"] for lesson in lessons])
    entries = entry_rows(session, works, {lesson["id"]: lesson["date"] for lesson in lessons})
    columns = final_columns(page)
    absences = absence_rows(session, [lesson["id"] for lesson in lessons])
    shown = {entry[1] for entry in entries} | {absence[1] for absence in absences}
    return {
        "assignment": page.assignment.id,
        "term": page.term.id if page.term else None,
        "today": today.isoformat(),
        "marks": page.term is None or brings_marks(page.school_class, page.term),
        "whole": page.is_whole,
        "locked": page.term.is_locked if page.term else False,
        "grading": {"threshold": grading.threshold, "minimum": grading.minimum, "tolerance": grading.tolerance},
        "kinds": [{"id": kind.value, "name": str(kind), "weight": USUAL_WEIGHTS[kind]} for kind in WorkKind],
        "students": student_rows(session, page, shown),
        "lessons": lessons,
        "works": works,
        "entries": entries,
        "absences": absences,
        "columns": columns,
        "finals": final_rows(session, page, columns),
    }


def lesson_rows(session: Session, assignment_id: int, days: tuple[date, date], today: date) -> list[Row]:
    """The lessons of a journal from the first to the last of ``days``, in their order."""
    return _lessons(session, today, Lesson.teaching_assignment_id == assignment_id, Lesson.date.between(*days))


def lesson_row(session: Session, lesson_id: int, today: date) -> Row:
    """One lesson as the page shows it."""
    return _lessons(session, today, Lesson.id == lesson_id)[0]


def _lessons(session: Session, today: date, *which: ColumnElement[bool]) -> list[Row]:
    written = policy.granted(session, Lesson, Action.CHANGE, policy.TAUGHT)
    files = select(func.count(HomeworkFile.id)).where(HomeworkFile.lesson_id == Lesson.id).scalar_subquery()
    personal = select(func.count(StudentHomework.id)).where(StudentHomework.lesson_id == Lesson.id).scalar_subquery()
    taken = exists().where(RollCall.lesson_id == Lesson.id)
    rows = session.execute(
        select(Lesson, without_marks(), written, files, personal, taken, User)
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .outerjoin(User, User.id == Lesson.substitute_id)
        .where(*which)
        .order_by(Lesson.date, Lesson.number, Lesson.id)
    )
    found = list(rows)
    lessons = [row[0] for row in found]
    planned = planned_topics(session, lessons[0].teaching_assignment_id, lessons) if lessons else {}
    return [_lesson(*row) | {"planned": planned.get(row[0].id, "")} for row in found]


def _lesson(
    lesson: Lesson, unmarked: bool, written: bool, files: int, personal: int, taken: bool, substitute: User | None
) -> Row:
    entered = lesson.homework_entered_at
    return {
        "id": lesson.id,
        "date": lesson.date.isoformat(),
        "number": lesson.number,
        "room": lesson.room,
        "topic": lesson.topic,
        "homework": lesson.homework,
        "version": lesson.version,
        "writable": bool(written) and not lesson.is_cancelled,
        "marks": not unmarked,
        "cancelled": lesson.is_cancelled,
        "reason": lesson.cancel_reason,
        "substitute": substitute.short_name if substitute else None,
        "late": bool(entered and clock.day_of(entered) > lesson.date),
        "files": files,
        "personal": personal,
        "roll": bool(taken),
    }


def work_rows(session: Session, lesson_ids: Sequence[int]) -> list[Row]:
    """The works of lessons, in the order they were made."""
    works = session.scalars(select(Work).where(Work.lesson_id.in_(lesson_ids)).order_by(Work.id))
    return [work_row(work) for work in works]


def work_row(work: Work) -> Row:
    """A work as the page shows it."""
    return {
        "id": work.id,
        "lesson": work.lesson_id,
        "kind": work.kind.value,
        "title": work.title,
        "weight": work.weight,
    }


def entry_rows(session: Session, works: Sequence[Row], day_of_lesson: dict[int, str]) -> list[list[Any]]:
    """Marks: work, student, value, version, whether it came late (clause 2.4), comment, note for staff."""
    rows = session.execute(
        select(
            Mark.work_id, Mark.student_id, Mark.value, Mark.version, Mark.entered_at, Mark.comment,
            select(StaffNote.text).where(StaffNote.mark_id == Mark.id).scalar_subquery(),
        )
        .where(Mark.work_id.in_([work["id"] for work in works]))
        .order_by(Mark.work_id, Mark.student_id)
    )  # fmt: skip
    days = {work["id"]: date.fromisoformat(day_of_lesson[work["lesson"]]) for work in works}
    return [
        [work, student, value, version, int(is_late(entered, days[work])), comment, note or ""]
        for work, student, value, version, entered, comment, note in rows
    ]


def is_late(entered: Any, day: date) -> bool:
    """A mark entered later than a week after the day of its lesson; saved, and flagged."""
    return clock.day_of(entered) - day > MARKS_WITHIN


def absence_rows(session: Session, lesson_ids: Sequence[int]) -> list[list[Any]]:
    """Attendance: lesson, student, letter, version, reason."""
    rows = session.execute(
        select(
            Attendance.lesson_id, Attendance.student_id, Attendance.status, Attendance.version, Attendance.reason
        )
        .where(Attendance.lesson_id.in_(lesson_ids))
        .order_by(Attendance.lesson_id, Attendance.student_id)
    )  # fmt: skip
    return [[lesson, student, LETTERS[status], version, reason] for lesson, student, status, version, reason in rows]


def student_rows(session: Session, page: Page, shown: set[int]) -> list[Row]:
    """Who belongs or belonged to the group in these days, and who has something written in them, by name.

    "from" and "until" are the days in the group, where they do not cover what is shown.
    """
    first, last = page.days
    spells = defaultdict(list)
    for student_id, starts_on, ends_on in _memberships(session, page.assignment.study_group):
        spells[student_id].append((starts_on, ends_on))
    here = {
        student_id
        for student_id, spans in spells.items()
        if any(starts_on <= last and (ends_on is None or ends_on >= first) for starts_on, ends_on in spans)
    }
    students = session.execute(
        select(Student.id, Student.family_name, Student.given_name, Student.patronymic)
        .where(Student.id.in_(here | shown))
        .order_by(Student.sort_name, Student.id)
    ).all()
    namesakes = Counter((family, given) for _id, family, given, _patronymic in students)
    rows = []
    for student_id, family, given, patronymic in students:
        same = namesakes[family, given] > 1
        starts = min((starts_on for starts_on, _ends_on in spells[student_id]), default=first)
        ends = [ends_on for _starts_on, ends_on in spells[student_id]]
        until = None if not ends or None in ends else max(ends)
        rows.append(
            {
                "id": student_id,
                "name": " ".join((family, given, *([patronymic] if same and patronymic else []))),
                "from": starts.isoformat() if starts > first else None,
                "until": until.isoformat() if until and until < last else None,
            }
        )
    return rows


def _memberships(session: Session, group: StudyGroup) -> Sequence[Any]:
    """Students of a group with their first and last days."""
    if group.is_whole_class:
        days = select(Enrollment.student_id, Enrollment.starts_on, Enrollment.ends_on).where(
            Enrollment.school_class_id == group.school_class_id
        )
    else:
        days = select(StudyGroupMember.student_id, StudyGroupMember.starts_on, StudyGroupMember.ends_on).where(
            StudyGroupMember.study_group_id == group.id
        )
    return session.execute(days).all()


def final_columns(page: Page) -> list[Row]:
    """The final marks that the page shows: of its term, or of the whole year."""
    columns = columns_of(page.school_class, page.terms) if page.is_whole else []
    return [
        {
            "id": f"term:{column.term.id}" if column.term else column.kind.value,
            "name": column.name,
            "writable": page.writes_final and not (column.term and column.term.is_locked),
        }
        for column in columns
        if page.term in (None, column.term)
    ]


def final_rows(session: Session, page: Page, columns: Sequence[Row]) -> list[list[Any]]:
    """Final marks of the subject and year: student, column, value, version, reason."""
    rows = session.execute(
        select(
            FinalMark.student_id, FinalMark.kind, FinalMark.term_id, FinalMark.value, FinalMark.version,
            FinalMark.reason,
        )
        .where(
            FinalMark.subject_id == page.assignment.subject_id,
            FinalMark.academic_year_id == page.school_class.academic_year_id,
            FinalMark.student_id.in_(_students_of(page)),
        )
        .order_by(FinalMark.student_id, FinalMark.id)
    )  # fmt: skip
    shown = {column["id"] for column in columns}
    found = [
        [student, f"term:{term}" if term else kind.value, FINAL_WORDS[value], version, reason]
        for student, kind, term, value, version, reason in rows
    ]
    return [row for row in found if row[1] in shown]


def _students_of(page: Page) -> Any:
    group = page.assignment.study_group
    if group.is_whole_class:
        return select(Enrollment.student_id).where(Enrollment.school_class_id == group.school_class_id)
    return select(StudyGroupMember.student_id).where(StudyGroupMember.study_group_id == group.id)
