"""What the journal page shows, as data: students, lessons, works, marks, absences, final marks.

The shape is the one that docs/journal-page.md describes. Rights have narrowed every row already.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, exists, func, null, select, union_all
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
from app.policy.kept import kept
from app.regulation import MARKS_WITHIN, without_marks

USUAL_WEIGHTS = {
    WorkKind.ANSWER: 1, WorkKind.HOMEWORK: 1, WorkKind.TEST: 3, WorkKind.DICTATION: 3, WorkKind.PRACTICAL: 2,
    WorkKind.PROJECT: 2,
}  # fmt: skip

Row = dict[str, Any]
ALWAYS = date.min, date.max


@dataclass(frozen=True)
class Content:
    """What stands in a journal in some days, as rows of the page's data (see ``state``)."""

    students: list[Row]
    lessons: list[Row]
    works: list[Row]
    entries: list[list[Any]]
    absences: list[list[Any]]
    finals: list[list[Any]]


def state(session: Session, page: Page, today: date, grading: Grading) -> Row:
    """Everything that the page of a journal shows; that of a year has final marks only."""
    columns = final_columns(page)
    shown = content(session, page, page.days if page.term else None, {column["id"] for column in columns})
    return {
        "assignment": page.assignment.id,
        "term": page.term.id if page.term else None,
        "today": today.isoformat(),
        "marks": page.term is None or brings_marks(page.school_class, page.term),
        "whole": page.is_whole,
        "locked": page.term.is_locked if page.term else False,
        "grading": {"threshold": grading.threshold, "minimum": grading.minimum, "tolerance": grading.tolerance},
        "kinds": [{"id": kind.value, "name": str(kind), "weight": USUAL_WEIGHTS[kind]} for kind in WorkKind],
        "students": shown.students,
        "lessons": shown.lessons,
        "works": shown.works,
        "entries": shown.entries,
        "absences": shown.absences,
        "columns": columns,
        "finals": shown.finals,
    }


def content(session: Session, page: Page, days: tuple[date, date] | None, columns: Collection[str]) -> Content:
    """What stands in the lessons from the first to the last of ``days``, if there are any, and in the ``columns`` of
    final marks; four statements, and one of the plan where a lesson lacks its topic."""
    lessons, works = _lessons(session, page.assignment.id, days=days) if days else ([], [])
    entries = entry_rows(session, works, {lesson["id"]: lesson["date"] for lesson in lessons})
    absences, finals = _absences_and_finals(session, page, lessons)
    written = {entry[1] for entry in entries} | {absence[1] for absence in absences}
    given = [final for final in finals if final[1] in columns]
    return Content(student_rows(session, page, written), lessons, works, entries, absences, given)


def lesson_row(session: Session, assignment_id: int, lesson_id: int) -> Row:
    """One lesson as the page shows it."""
    return _lessons(session, assignment_id, lesson_id=lesson_id)[0][0]


def _lessons(
    session: Session, assignment_id: int, *, days: tuple[date, date] = ALWAYS, lesson_id: int = 0
) -> tuple[list[Row], list[Row]]:
    """Lessons in their order, and their works in the order they were made."""
    written = policy.granted(session, Lesson, Action.CHANGE, policy.TAUGHT)
    asked = {"assignment_id": assignment_id, "first": days[0], "last": days[1]}
    found = session.execute(_LESSONS(written, lesson_id > 0), asked | ({"lesson_id": lesson_id} if lesson_id else {}))
    rows, works = {}, []
    for row in found.all():
        rows[row.id] = row
        if row.work_id is not None:
            works.append(_work(row.work_id, row.id, row.kind, row.title, row.weight))
    planned = planned_topics(session, assignment_id, list(rows.values()))
    works.sort(key=itemgetter("id"))
    return [_lesson(row) | {"planned": planned.get(row.id, "")} for row in rows.values()], works


@lru_cache(maxsize=64)
def _LESSONS(written: ColumnElement[bool], is_one: bool) -> Any:
    files = select(func.count(HomeworkFile.id)).where(HomeworkFile.lesson_id == Lesson.id).scalar_subquery()
    personal = select(func.count(StudentHomework.id)).where(StudentHomework.lesson_id == Lesson.id).scalar_subquery()
    taken = exists().where(RollCall.lesson_id == Lesson.id)
    found = (
        select(
            Lesson.id, Lesson.date, Lesson.number, Lesson.room, Lesson.topic, Lesson.homework,
            Lesson.homework_entered_at, Lesson.plan_position, Lesson.is_cancelled, Lesson.cancel_reason, Lesson.version,
            without_marks().label("unmarked"), written.label("is_written"), files.label("files"),
            personal.label("personal"), taken.label("taken"), User,
            Work.id.label("work_id"), Work.kind, Work.title, Work.weight,
        )
        .join(TeachingAssignment, TeachingAssignment.id == Lesson.teaching_assignment_id)
        .join(StudyGroup, StudyGroup.id == TeachingAssignment.study_group_id)
        .join(SchoolClass, SchoolClass.id == StudyGroup.school_class_id)
        .outerjoin(User, User.id == Lesson.substitute_id)
        .outerjoin(Work, Work.lesson_id == Lesson.id)
        .where(
            Lesson.teaching_assignment_id == bindparam("assignment_id"),
            Lesson.date.between(bindparam("first"), bindparam("last")),
        )
        .order_by(Lesson.date, Lesson.number, Lesson.id)
    )  # fmt: skip
    return kept(found.where(Lesson.id == bindparam("lesson_id")) if is_one else found)


def _lesson(row: Any) -> Row:
    entered = row.homework_entered_at
    return {
        "id": row.id,
        "date": row.date.isoformat(),
        "number": row.number,
        "room": row.room,
        "topic": row.topic,
        "homework": row.homework,
        "version": row.version,
        "writable": bool(row.is_written) and not row.is_cancelled,
        "marks": not row.unmarked,
        "cancelled": row.is_cancelled,
        "reason": row.cancel_reason,
        "substitute": row.User.short_name if row.User else None,
        "late": bool(entered and clock.day_of(entered) > row.date),
        "files": row.files,
        "personal": row.personal,
        "roll": bool(row.taken),
    }


def work_row(work: Work) -> Row:
    """A work as the page shows it."""
    return _work(work.id, work.lesson_id, work.kind, work.title, work.weight)


def _work(number: int, lesson_id: int, kind: WorkKind, title: str, weight: int) -> Row:
    return {"id": number, "lesson": lesson_id, "kind": kind.value, "title": title, "weight": weight}


_MEMBERS: dict[bool, tuple[Any, ColumnElement[bool]]] = {
    True: (Enrollment, Enrollment.school_class_id == bindparam("members_of")),
    False: (StudyGroupMember, StudyGroupMember.study_group_id == bindparam("members_of")),
}
"""Who is in the group ``members_of``, by whether it is the whole class: then that is its number."""


def _members_of(page: Page) -> int:
    group = page.assignment.study_group
    return group.school_class_id if group.is_whole_class else group.id


_MARKS = kept(
    select(
        Mark.work_id, Mark.student_id, Mark.value, Mark.version, Mark.entered_at, Mark.comment,
        select(StaffNote.text).where(StaffNote.mark_id == Mark.id).scalar_subquery(),
    )
    .where(Mark.work_id.in_(bindparam("works", expanding=True)))
    .order_by(Mark.work_id, Mark.student_id)
)  # fmt: skip


def entry_rows(session: Session, works: Sequence[Row], day_of_lesson: dict[int, str]) -> list[list[Any]]:
    """Marks: work, student, value, version, whether it came late (clause 2.4), comment, note for staff."""
    of_lesson = {number: late_from(date.fromisoformat(day)) for number, day in day_of_lesson.items()}
    is_late_from = {work["id"]: of_lesson[work["lesson"]] for work in works}
    return [
        [work, student, value, version, int(entered >= is_late_from[work]), comment, note or ""]
        for work, student, value, version, entered, comment, note in session.execute(
            _MARKS, {"works": list(is_late_from)}
        ).all()
    ]


def late_from(day: date) -> datetime:
    """From when on a mark for a lesson of the day is entered later than a week after it; it is saved, and flagged."""
    return clock.start_of(day + MARKS_WITHIN + timedelta(1))


@cache
def _ABSENCES_AND_FINALS(is_whole_class: bool) -> Any:
    """Absences in lessons, with no kind; the final marks of a group in a subject and year, with theirs."""
    absences = select(
        Attendance.lesson_id.label("place"), Attendance.student_id, cast(Attendance.status, String).label("value"),
        Attendance.version, Attendance.reason, cast(null(), String).label("kind"),
    ).where(Attendance.lesson_id.in_(bindparam("lessons", expanding=True)))  # fmt: skip
    members, are_here = _MEMBERS[is_whole_class]
    finals = select(
        FinalMark.term_id, FinalMark.student_id, cast(FinalMark.value, String), FinalMark.version, FinalMark.reason,
        cast(FinalMark.kind, String),
    ).where(
        FinalMark.subject_id == bindparam("subject_id"), FinalMark.academic_year_id == bindparam("year_id"),
        FinalMark.student_id.in_(select(members.student_id).where(are_here)),
    )  # fmt: skip
    return kept(union_all(absences, finals).order_by("place", "student_id", "kind"))


def _absences_and_finals(
    session: Session, page: Page, lessons: Sequence[Row]
) -> tuple[list[list[Any]], list[list[Any]]]:
    """Attendance: lesson, student, letter, version, reason; final marks of the subject and year: student, column,
    value, version, reason."""
    asked = {
        "lessons": [lesson["id"] for lesson in lessons], "members_of": _members_of(page),
        "subject_id": page.assignment.subject_id, "year_id": page.school_class.academic_year_id,
    }  # fmt: skip
    absences, finals = [], []
    for place, student, value, version, reason, kind in session.execute(
        _ABSENCES_AND_FINALS(page.assignment.study_group.is_whole_class), asked
    ).all():
        if kind is None:
            absences.append([place, student, LETTERS[value], version, reason])
        else:
            finals.append([student, f"term:{place}" if place else kind, FINAL_WORDS[value], version, reason])
    return absences, finals


@cache
def _STUDENTS(is_whole_class: bool) -> Any:
    """Students of a group with their days in it, and ``written``."""
    columns = Student.sort_name, Student.id, Student.family_name, Student.given_name, Student.patronymic
    members, are_here = _MEMBERS[is_whole_class]
    here = select(*columns, members.starts_on, members.ends_on).join(members, members.student_id == Student.id)
    written = select(*columns, null(), null()).where(Student.id.in_(bindparam("written", expanding=True)))
    return kept(union_all(here.where(are_here), written).order_by("sort_name", "id"))


def student_rows(session: Session, page: Page, written: set[int]) -> list[Row]:
    """Who belongs or belonged to the group in these days, and who has something ``written`` in them, by name.

    "from" and "until" are the days in the group, where they do not cover what is shown.
    """
    first, last = page.days
    asked = {"members_of": _members_of(page), "written": list(written)}
    names: dict[int, tuple[str, str, str]] = {}
    spells = defaultdict[int, list[tuple[date, date | None]]](list)
    for _key, student_id, *name, starts_on, ends_on in session.execute(
        _STUDENTS(page.assignment.study_group.is_whole_class), asked
    ).all():
        names[student_id] = tuple(name)
        if starts_on is not None:
            spells[student_id].append((starts_on, ends_on))
    shown = {
        student_id: name
        for student_id, name in names.items()
        if student_id in written
        or any(starts_on <= last and (ends_on is None or ends_on >= first) for starts_on, ends_on in spells[student_id])
    }
    namesakes = Counter((family, given) for family, given, _patronymic in shown.values())
    rows = []
    for student_id, (family, given, patronymic) in shown.items():
        same = namesakes[family, given] > 1
        starts = min((starts_on for starts_on, _ends_on in spells[student_id]), default=first)
        ends = [ends_on for _starts_on, ends_on in spells[student_id] if ends_on is not None]
        until = max(ends) if ends and len(ends) == len(spells[student_id]) else None
        rows.append(
            {
                "id": student_id,
                "name": " ".join((family, given, *([patronymic] if same and patronymic else []))),
                "from": starts.isoformat() if starts > first else None,
                "until": until.isoformat() if until and until < last else None,
            }
        )
    return rows


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
