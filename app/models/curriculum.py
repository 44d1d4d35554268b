"""What is taught, by whom and when: years, terms, subjects, assignments, timetable."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint, event, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.collation import search_key
from app.extensions import Model
from app.models.columns import Created, Key, Moment, between, ordered, reference, words
from app.models.people import StudyGroup, TermKind, User


class AcademicYear(Model):
    """An academic year: 2026/2027."""

    __tablename__ = "academic_year"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="dates"),)
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(20), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]

    def __str__(self) -> str:
        return self.name


ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


class Term(Model):
    """A part of the year that ends with final marks; a locked one takes no more changes."""

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("academic_year_id", "kind", "number"),
        CheckConstraint("ends_on > starts_on", name="dates"),
        CheckConstraint("number BETWEEN 1 AND 4", name="number"),
    )
    id: Mapped[Key]
    academic_year_id: Mapped[int] = reference("academic_year", index=False)
    kind: Mapped[TermKind] = mapped_column(words(TermKind))
    number: Mapped[int] = between(1, 4)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    is_locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    unlock_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")  # why it was opened again
    academic_year: Mapped[AcademicYear] = relationship()

    @property
    def short_name(self) -> str:
        """«II четверть»."""
        return f"{ROMAN[self.number]} {str(self.kind).lower()}"

    def __str__(self) -> str:
        return f"{self.number} · {self.kind} · {self.academic_year}"


@event.listens_for(Term, "before_update")
def _forget_why_it_was_open(_mapper: object, _connection: object, term: Term) -> None:
    """A term that is locked again needs a new reason to be opened again."""
    if term.is_locked:
        term.unlock_reason = ""


class Holiday(Model):
    """Days without lessons inside the year, both days included."""

    __tablename__ = "holiday"
    __table_args__ = (ordered("starts_on", "ends_on", "dates"),)
    id: Mapped[Key]
    academic_year_id: Mapped[int] = reference("academic_year")
    name: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    academic_year: Mapped[AcademicYear] = relationship()

    def __str__(self) -> str:
        return self.name


class BellTime(Model):
    """When the lesson of a number begins and ends, in the school's zone."""

    __tablename__ = "bell_time"
    __table_args__ = (
        CheckConstraint("number BETWEEN 0 AND 14", name="number"),
        CheckConstraint("ends_at > starts_at", name="times"),
    )
    id: Mapped[Key]
    number: Mapped[int] = between(0, 14, unique=True)
    starts_at: Mapped[time]
    ends_at: Mapped[time]

    def __str__(self) -> str:
        return f"{self.number}. {self.starts_at:%H:%M}-{self.ends_at:%H:%M}"


class Subject(Model):
    """A school subject, as it stands in the curriculum."""

    __tablename__ = "subject"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    search_name: Mapped[str] = mapped_column(
        String(80), default=lambda context: search_key(context.get_current_parameters()["name"])
    )

    def __str__(self) -> str:
        return self.name


@event.listens_for(Subject, "before_update")
def _keep_subject_key(_mapper: object, _connection: object, subject: Subject) -> None:
    subject.search_name = search_key(subject.name)


class TeachingAssignment(Model):
    """Who teaches what to which group; no last day while it lasts."""

    __tablename__ = "teaching_assignment"
    __table_args__ = (
        UniqueConstraint("teacher_id", "subject_id", "study_group_id", "starts_on"),
        ordered("starts_on", "ends_on", "dates"),
    )
    id: Mapped[Key]
    teacher_id: Mapped[int] = reference("user", index=False)
    subject_id: Mapped[int] = reference("subject")
    study_group_id: Mapped[int] = reference("study_group")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    teacher: Mapped[User] = relationship()
    subject: Mapped[Subject] = relationship()
    study_group: Mapped[StudyGroup] = relationship()

    def __str__(self) -> str:
        return f"{self.subject} · {self.study_group}"


class Handover(Model):
    """A journal was handed over: the assignment with all its lessons has another teacher from ``since`` on."""

    __tablename__ = "handover"
    id: Mapped[Key]
    teaching_assignment_id: Mapped[int] = reference("teaching_assignment")
    from_teacher_id: Mapped[int] = reference("user")
    to_teacher_id: Mapped[int] = reference("user")
    since: Mapped[date]
    assignment: Mapped[TeachingAssignment] = relationship()
    from_teacher: Mapped[User] = relationship(foreign_keys="Handover.from_teacher_id")
    to_teacher: Mapped[User] = relationship(foreign_keys="Handover.to_teacher_id")


class YearChange(Model):
    """The step into a new academic year: what it wrote, so that it can be taken back until it is confirmed.

    ``made`` are ids of new rows by table, ``ended`` of those that had no last day and got one: enrolments, memberships,
    assignments. A change that was taken back is gone.
    """

    __tablename__ = "year_change"
    id: Mapped[Key]
    from_year_id: Mapped[int] = reference("academic_year")
    to_year_id: Mapped[int] = reference("academic_year", unique=True)
    made_by_id: Mapped[int] = reference("user")
    made_at: Mapped[Created]
    confirmed_at: Mapped[Moment | None]
    made: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    ended: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    from_year: Mapped[AcademicYear] = relationship(foreign_keys="YearChange.from_year_id")
    to_year: Mapped[AcademicYear] = relationship(foreign_keys="YearChange.to_year_id")
    made_by: Mapped[User] = relationship()


class TimetableSlot(Model):
    """A weekly lesson of an assignment, from a date on."""

    __tablename__ = "timetable_slot"
    __table_args__ = (
        UniqueConstraint("teaching_assignment_id", "weekday", "number", "valid_from"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),  # ISO: 1 is Monday
        CheckConstraint("number BETWEEN 0 AND 14", name="number"),
        ordered("valid_from", "valid_until", "dates"),
    )
    id: Mapped[Key]
    teaching_assignment_id: Mapped[int] = reference("teaching_assignment", index=False)
    weekday: Mapped[int] = between(1, 7)
    number: Mapped[int] = between(0, 14)
    room: Mapped[str] = mapped_column(String(20), default="", server_default="")
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    assignment: Mapped[TeachingAssignment] = relationship()

    def __str__(self) -> str:
        return f"{self.assignment} · {self.weekday}/{self.number}"
