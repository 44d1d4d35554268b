"""The journal itself: lessons, works, marks, attendance, final marks."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.columns import Created, Key, Moment, Titled, between, reference, version_column, versioned, words
from app.models.curriculum import AcademicYear, Subject, TeachingAssignment, Term
from app.models.people import Student, User


class Lesson(Model):
    """A lesson that was or will be held."""

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("teaching_assignment_id", "date", "number"),
        CheckConstraint("number BETWEEN 0 AND 14", name="number"),
        Index("ix_lesson_date_assignment", "date", "teaching_assignment_id"),
    )
    id: Mapped[Key]
    teaching_assignment_id: Mapped[int] = reference("teaching_assignment", index=False)
    date: Mapped[date]
    number: Mapped[int] = between(0, 14)
    room: Mapped[str] = mapped_column(String(20), default="", server_default="")
    topic: Mapped[str] = mapped_column(String(300), default="", server_default="")
    homework: Mapped[str] = mapped_column(Text, default="", server_default="")
    homework_entered_at: Mapped[Moment | None]
    plan_position: Mapped[int | None]  # of the plan's topic that was laid on it; None: written by hand
    substitute_id: Mapped[int | None] = reference("user")
    is_cancelled: Mapped[bool] = mapped_column(default=False, server_default=false())
    cancel_reason: Mapped[str] = mapped_column(String(120), default="", server_default="")
    version: Mapped[int] = version_column(server_default="1")
    assignment: Mapped[TeachingAssignment] = relationship()
    substitute: Mapped[User | None] = relationship()
    __mapper_args__ = versioned(version)

    def __str__(self) -> str:
        return f"{self.date:%d.%m.%Y}, {self.number} · {self.assignment}"


class PlannedTopic(Model):
    """A topic of the lesson plan (КТП) of an assignment, by the number of the lesson it is for."""

    __tablename__ = "planned_topic"
    __table_args__ = (
        UniqueConstraint("teaching_assignment_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 999", name="position"),
    )
    id: Mapped[Key]
    teaching_assignment_id: Mapped[int] = reference("teaching_assignment", index=False)
    position: Mapped[int] = between(1, 999)
    topic: Mapped[str] = mapped_column(String(300))
    homework: Mapped[str] = mapped_column(Text, default="", server_default="")
    assignment: Mapped[TeachingAssignment] = relationship()

    def __str__(self) -> str:
        return f"{self.position}. {self.topic}"


class HomeworkFile(Model):
    """A file that belongs to the homework of a lesson; ``stored`` is its name on disk, ``name`` the one people read."""

    __tablename__ = "homework_file"
    id: Mapped[Key]
    lesson_id: Mapped[int] = reference("lesson")
    name: Mapped[str] = mapped_column(String(200))
    stored: Mapped[str] = mapped_column(String(80), unique=True)
    size: Mapped[int]  # bytes
    uploaded_at: Mapped[Created]
    uploaded_by_id: Mapped[int | None] = reference("user")
    lesson: Mapped[Lesson] = relationship()
    uploaded_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return self.name


class StudentHomework(Model):
    """Homework of a lesson for one student only, besides that for all."""

    __tablename__ = "student_homework"
    __table_args__ = (UniqueConstraint("lesson_id", "student_id"),)
    id: Mapped[Key]
    lesson_id: Mapped[int] = reference("lesson", index=False)
    student_id: Mapped[int] = reference("student")
    text: Mapped[str] = mapped_column(Text)
    lesson: Mapped[Lesson] = relationship()
    student: Mapped[Student] = relationship()

    def __str__(self) -> str:
        return f"{self.student} · {self.lesson}"


class WorkKind(Titled):
    """What is marked in a lesson."""

    ANSWER = "answer", lazy_gettext("Answer")
    HOMEWORK = "homework", lazy_gettext("Homework done")
    TEST = "test", lazy_gettext("Test")
    DICTATION = "dictation", lazy_gettext("Dictation")
    PRACTICAL = "practical", lazy_gettext("Practical work")
    PROJECT = "project", lazy_gettext("Project")


class Work(Model):
    """A column of the journal: something marked in a lesson, with its weight."""

    __tablename__ = "work"
    __table_args__ = (CheckConstraint("weight BETWEEN 1 AND 10", name="weight"),)
    id: Mapped[Key]
    lesson_id: Mapped[int] = reference("lesson")
    kind: Mapped[WorkKind] = mapped_column(words(WorkKind), default=WorkKind.ANSWER)
    title: Mapped[str] = mapped_column(String(120), default="", server_default="")
    weight: Mapped[int] = between(1, 10, default=1, server_default="1")
    lesson: Mapped[Lesson] = relationship()

    def __str__(self) -> str:
        return f"{self.title or self.kind} · {self.lesson}"


class Mark(Model):
    """One student's mark for one work, 1-5."""

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("work_id", "student_id"),
        CheckConstraint("value BETWEEN 1 AND 5", name="value"),
    )
    id: Mapped[Key]
    work_id: Mapped[int] = reference("work", index=False)
    student_id: Mapped[int] = reference("student")
    value: Mapped[int] = between(1, 5)
    comment: Mapped[str] = mapped_column(String(500), default="", server_default="")
    version: Mapped[int] = version_column()
    entered_at: Mapped[Created]
    entered_by_id: Mapped[int | None] = reference("user")
    work: Mapped[Work] = relationship()
    student: Mapped[Student] = relationship()
    entered_by: Mapped[User | None] = relationship()
    note: Mapped[StaffNote | None] = relationship(back_populates="mark", cascade="all, delete-orphan")
    __mapper_args__ = versioned(version)

    def __str__(self) -> str:
        return f"{self.student}: {self.value}"


class StaffNote(Model):
    """What a teacher notes about a mark for colleagues; a row of its own, because parents see the mark's whole."""

    __tablename__ = "staff_note"
    id: Mapped[Key]
    mark_id: Mapped[int] = reference("mark", unique=True)
    text: Mapped[str] = mapped_column(String(500))
    mark: Mapped[Mark] = relationship(back_populates="note")

    def __str__(self) -> str:
        return str(self.mark)


class AttendanceStatus(Titled):
    """Н absent, У with good reason, Б ill, О late."""

    ABSENT = "absent", lazy_gettext("Absent")
    EXCUSED = "excused", lazy_gettext("Good reason")
    ILL = "ill", lazy_gettext("Ill")
    LATE = "late", lazy_gettext("Late")


class Attendance(Model):
    """One student in one lesson, when not simply present."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("lesson_id", "student_id"),)
    id: Mapped[Key]
    lesson_id: Mapped[int] = reference("lesson", index=False)
    student_id: Mapped[int] = reference("student")
    status: Mapped[AttendanceStatus] = mapped_column(words(AttendanceStatus))
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    version: Mapped[int] = version_column()
    entered_at: Mapped[Created]
    entered_by_id: Mapped[int | None] = reference("user")
    lesson: Mapped[Lesson] = relationship()
    student: Mapped[Student] = relationship()
    entered_by: Mapped[User | None] = relationship()
    __mapper_args__ = versioned(version)

    def __str__(self) -> str:
        return f"{self.student}: {self.status}"


class RollCall(Model):
    """The attendance of a lesson was taken: who is away was noted, or that nobody is; an empty column tells neither.

    A row of its own, so that it does not give the lesson a new version under the hands of who writes in it.
    """

    __tablename__ = "roll_call"
    id: Mapped[Key]
    lesson_id: Mapped[int] = reference("lesson", unique=True)
    taken_at: Mapped[Created]
    taken_by_id: Mapped[int | None] = reference("user")
    lesson: Mapped[Lesson] = relationship()
    taken_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return str(self.lesson)


class FinalMarkKind(Titled):
    """Of a term, the year, the exam, or what goes into the certificate."""

    TERM = "term", lazy_gettext("Term mark")
    YEAR = "year", lazy_gettext("Year mark")
    EXAM = "exam", lazy_gettext("Exam mark")
    FINAL = "final", lazy_gettext("Final mark")


class FinalMarkValue(Titled):
    """1-5, зач (passed), н/а (not assessed), осв (exempt)."""

    ONE = "1", "1"
    TWO = "2", "2"
    THREE = "3", "3"
    FOUR = "4", "4"
    FIVE = "5", "5"
    PASSED = "passed", lazy_gettext("passed")
    NOT_ASSESSED = "not_assessed", lazy_gettext("not assessed")
    EXEMPT = "exempt", lazy_gettext("exempt")


NUMBERS = {value: int(value.value) for value in FinalMarkValue if value.value.isdigit()}
"""The marks that are figures."""


class FinalMark(Model):
    """A student's final mark in a subject."""

    __tablename__ = "final_mark"
    __table_args__ = (
        UniqueConstraint("student_id", "subject_id", "academic_year_id", "kind", "term_id"),
        CheckConstraint("(kind = 'term') = (term_id IS NOT NULL)", name="term"),
        # NULLs are distinct in a unique constraint, so marks without a term need one of their own.
        Index("uq_final_mark_without_term", "student_id", "subject_id", "academic_year_id", "kind", unique=True,
              sqlite_where=text("term_id IS NULL"), postgresql_where=text("term_id IS NULL")),
        # Everything that the figures of a year count: they are read from the index alone.
        Index("ix_final_mark_figures", "academic_year_id", "kind", "term_id", "teaching_assignment_id", "value"),
    )  # fmt: skip
    id: Mapped[Key]
    student_id: Mapped[int] = reference("student", index=False)
    subject_id: Mapped[int] = reference("subject")
    academic_year_id: Mapped[int] = reference("academic_year", index=False)
    teaching_assignment_id: Mapped[int] = reference("teaching_assignment")
    kind: Mapped[FinalMarkKind] = mapped_column(words(FinalMarkKind))
    term_id: Mapped[int | None] = reference("term")
    value: Mapped[FinalMarkValue] = mapped_column(words(FinalMarkValue))
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")  # why it is not the proposed one
    version: Mapped[int] = version_column()
    entered_at: Mapped[Created]
    entered_by_id: Mapped[int | None] = reference("user")
    student: Mapped[Student] = relationship()
    subject: Mapped[Subject] = relationship()
    term: Mapped[Term | None] = relationship()
    assignment: Mapped[TeachingAssignment] = relationship()
    academic_year: Mapped[AcademicYear] = relationship()
    entered_by: Mapped[User | None] = relationship()
    __mapper_args__ = versioned(version)

    def __str__(self) -> str:
        return f"{self.student} · {self.subject}: {self.value}"


class EditReceipt(Model):
    """The answer to an edit of the journal page, by the key its browser made: sent again, it changes nothing."""

    __tablename__ = "edit_receipt"
    __table_args__ = (UniqueConstraint("user_id", "key"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[Created] = mapped_column(index=True)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
