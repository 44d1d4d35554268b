"""What families add to the diary: ticks, notes of absence, corrections, consent; and how it is used."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext
from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.columns import Created, Key, Moment, Titled, ordered, reference, words
from app.models.journal import AttendanceStatus, Lesson
from app.models.people import Student, User


class HomeworkDone(Model):
    """A family has ticked off the homework of a lesson; nobody else sees it."""

    __tablename__ = "homework_done"
    __table_args__ = (UniqueConstraint("lesson_id", "student_id"),)
    id: Mapped[Key]
    lesson_id: Mapped[int] = reference("lesson", index=False)
    student_id: Mapped[int] = reference("student")
    done_by_id: Mapped[int] = reference("user")
    done_at: Mapped[Created]
    lesson: Mapped[Lesson] = relationship()
    student: Mapped[Student] = relationship()


class RequestState(Titled):
    """Where something stands that a family has asked the class teacher to confirm."""

    SENT = "sent", lazy_gettext("Sent to the class teacher")
    CONFIRMED = "confirmed", lazy_gettext("Confirmed")
    DECLINED = "declined", lazy_gettext("Declined")
    WITHDRAWN = "withdrawn", lazy_gettext("Withdrawn")


class AbsenceNote(Model):
    """A guardian announces or explains an absence: whole days, or lessons ``first_number`` to ``last_number`` of one.

    Confirmed by the class teacher it stands in the journal as ``status`` with the reason.
    """

    __tablename__ = "absence_note"
    __table_args__ = (
        ordered("starts_on", "ends_on", "dates"),
        CheckConstraint("status IN ('excused', 'ill')", name="status"),
        CheckConstraint("first_number IS NULL OR starts_on = ends_on", name="part_of_one_day"),
        CheckConstraint("(first_number IS NULL) = (last_number IS NULL)", name="both_numbers"),
        CheckConstraint("last_number >= first_number", name="numbers"),
    )
    id: Mapped[Key]
    student_id: Mapped[int] = reference("student")
    author_id: Mapped[int] = reference("user")
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    first_number: Mapped[int | None]
    last_number: Mapped[int | None]
    status: Mapped[AttendanceStatus] = mapped_column(words(AttendanceStatus))
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[RequestState] = mapped_column(words(RequestState), default=RequestState.SENT)
    answer: Mapped[str] = mapped_column(String(300), default="", server_default="")
    answered_by_id: Mapped[int | None] = reference("user")
    answered_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    student: Mapped[Student] = relationship()
    author: Mapped[User] = relationship(foreign_keys="AbsenceNote.author_id")
    answered_by: Mapped[User | None] = relationship(foreign_keys="AbsenceNote.answered_by_id")

    def __str__(self) -> str:
        return f"{self.student}: {self.starts_on:%d.%m.%Y}"


class CorrectedField(Titled):
    """What can be wrong in the data the school holds."""

    FAMILY_NAME = "family_name", lazy_gettext("Family name")
    GIVEN_NAME = "given_name", lazy_gettext("Given name")
    PATRONYMIC = "patronymic", lazy_gettext("Patronymic")
    BIRTH_DATE = "birth_date", lazy_gettext("Date of birth")
    PHONE = "phone", lazy_gettext("Phone")
    EMAIL = "email", lazy_gettext("E-mail")
    ADDRESS = "address", lazy_gettext("Address")


class Correction(Model):
    """A person asks to correct the data of a student, or with ``user`` the own name; the class teacher confirms."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("user_id IS NULL OR field IN ('family_name', 'given_name', 'patronymic')", name="own_name"),
    )
    id: Mapped[Key]
    student_id: Mapped[int] = reference("student")
    user_id: Mapped[int | None] = reference("user")
    author_id: Mapped[int] = reference("user")
    field: Mapped[CorrectedField] = mapped_column(words(CorrectedField))
    was: Mapped[str] = mapped_column(String(300), default="", server_default="")  # when it was asked
    value: Mapped[str] = mapped_column(String(300))
    state: Mapped[RequestState] = mapped_column(words(RequestState), default=RequestState.SENT)
    answer: Mapped[str] = mapped_column(String(300), default="", server_default="")
    answered_by_id: Mapped[int | None] = reference("user")
    answered_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    student: Mapped[Student] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys="Correction.user_id")
    author: Mapped[User] = relationship(foreign_keys="Correction.author_id")
    answered_by: Mapped[User | None] = relationship(foreign_keys="Correction.answered_by_id")

    def __str__(self) -> str:
        return f"{self.user or self.student}: {self.field}"


class TextKind(Titled):
    """Texts that the school writes itself."""

    ABOUT = "about", lazy_gettext("About the diary")
    CONSENT = "consent", lazy_gettext("Consent to the processing of personal data")


class SchoolText(Model):
    """A version of a text of the school, in Markdown; a change is a new version, the last one counts."""

    __tablename__ = "school_text"
    __table_args__ = (UniqueConstraint("kind", "version"),)
    id: Mapped[Key]
    kind: Mapped[TextKind] = mapped_column(words(TextKind))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    published_at: Mapped[Created]
    author_id: Mapped[int | None] = reference("user")
    author: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{self.kind}, {self.version}"


class Consent(Model):
    """A person's consent to the processing of personal data, to exactly this version of the text."""

    __tablename__ = "consent"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    text_id: Mapped[int] = reference("school_text")
    given_at: Mapped[Created]
    withdrawn_at: Mapped[Moment | None]
    user: Mapped[User] = relationship()
    text: Mapped[SchoolText] = relationship()

    def __str__(self) -> str:
        return f"{self.user}: {self.text}"


class CalendarFeed(Model):
    """A secret address of a student's calendar for one reader; a new ``version`` makes the old address useless."""

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("user_id", "student_id"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    student_id: Mapped[int] = reference("student")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Created]
    user: Mapped[User] = relationship()
    student: Mapped[Student] = relationship()


class DiaryVisit(Model):
    """How often a person looked into the diary of a student in a week (its Monday); nothing more is kept."""

    __tablename__ = "diary_visit"
    __table_args__ = (UniqueConstraint("user_id", "student_id", "week"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    student_id: Mapped[int] = reference("student")
    week: Mapped[date] = mapped_column(index=True)
    visits: Mapped[int] = mapped_column(default=1, server_default="1")
    first_at: Mapped[Created]
    last_at: Mapped[Created]
    user: Mapped[User] = relationship()
    student: Mapped[Student] = relationship()
