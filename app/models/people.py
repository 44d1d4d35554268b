"""People and where they belong: users, students, guardians, classes, groups."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, event, false, text, true
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from app.collation import search_key, sort_key
from app.extensions import Model
from app.models.columns import Created, Key, Moment, ordered, reference, words


class Named:
    """A person's name with the keys it is searched and sorted by."""

    family_name: Mapped[str] = mapped_column(String(80))
    given_name: Mapped[str] = mapped_column(String(80))
    patronymic: Mapped[str] = mapped_column(String(80), default="", server_default="")
    search_name: Mapped[str] = mapped_column(String(250), index=True)
    sort_name: Mapped[str] = mapped_column(String(300), index=True)

    @property
    def full_name(self) -> str:
        """«Семёнов Пётр Ильич»."""
        return " ".join(part for part in (self.family_name, self.given_name, self.patronymic) if part)

    def __str__(self) -> str:
        return self.full_name


class Channel(StrEnum):
    """How a person wants to be reached."""

    SMS = "sms"
    EMAIL = "email"


class User(Named, Model):
    """Somebody who can sign in: staff, a guardian, a student with access of their own."""

    __tablename__ = "user"
    id: Mapped[Key]
    login: Mapped[str | None] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    phone: Mapped[str | None] = mapped_column(String(16), index=True)  # E.164
    channel: Mapped[Channel | None] = mapped_column(words(Channel))
    locale: Mapped[str | None] = mapped_column(String(8))
    is_deputy_director: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Raised to end every session of the person, copied cookies too.
    session_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[Created]
    last_seen_at: Mapped[Moment | None]


class Student(Named, Model):
    """A student. Students leave (their enrolment ends); they are not deleted."""

    __tablename__ = "student"
    __table_args__ = (UniqueConstraint("family_name", "given_name", "patronymic", "birth_date"),)
    id: Mapped[Key]
    birth_date: Mapped[date | None]
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(String(300))
    user_id: Mapped[int | None] = reference("user", unique=True)
    created_at: Mapped[Created]
    user: Mapped[User | None] = relationship()
    guardianships: Mapped[list[Guardianship]] = relationship(back_populates="student")
    enrollments: Mapped[list[Enrollment]] = relationship(back_populates="student", order_by="Enrollment.starts_on")


@event.listens_for(User, "before_insert", propagate=True)
@event.listens_for(User, "before_update", propagate=True)
@event.listens_for(Student, "before_insert", propagate=True)
@event.listens_for(Student, "before_update", propagate=True)
def _keep_name_keys(_mapper: Mapper[Named], _connection: object, person: Named) -> None:
    names = (person.family_name, person.given_name, person.patronymic)
    person.search_name = search_key(*names)
    person.sort_name = sort_key(*names)


class Relation(StrEnum):
    """What a guardian is to the student."""

    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"
    OTHER = "other"


class Guardianship(Model):
    """A guardian of a student."""

    __tablename__ = "guardianship"
    __table_args__ = (UniqueConstraint("user_id", "student_id"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    student_id: Mapped[int] = reference("student")
    relation: Mapped[Relation] = mapped_column(words(Relation), default=Relation.GUARDIAN)
    user: Mapped[User] = relationship()
    student: Mapped[Student] = relationship(back_populates="guardianships")


class SchoolClass(Model):
    """A class in one academic year: 5А."""

    __tablename__ = "school_class"
    __table_args__ = (
        UniqueConstraint("academic_year_id", "grade", "letter"),
        CheckConstraint("grade BETWEEN 1 AND 11", name="grade"),
    )
    id: Mapped[Key]
    academic_year_id: Mapped[int] = reference("academic_year")
    grade: Mapped[int]
    letter: Mapped[str] = mapped_column(String(4))
    class_teacher_id: Mapped[int | None] = reference("user")
    class_teacher: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


class Enrollment(Model):
    """A student's membership of a class, both days included; no last day while it lasts."""

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("student_id", "school_class_id", "starts_on"),
        ordered("starts_on", "ends_on", "dates"),
        # A student is in one class at a time; the period check stands in the service.
        Index("uq_enrollment_open", "student_id", unique=True,
              sqlite_where=text("ends_on IS NULL"), postgresql_where=text("ends_on IS NULL")),
    )  # fmt: skip
    id: Mapped[Key]
    student_id: Mapped[int] = reference("student")
    school_class_id: Mapped[int] = reference("school_class")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    student: Mapped[Student] = relationship(back_populates="enrollments")
    school_class: Mapped[SchoolClass] = relationship()


class StudyGroup(Model):
    """Those taught together: the whole class, or a part of it."""

    __tablename__ = "study_group"
    __table_args__ = (UniqueConstraint("school_class_id", "name"),)
    id: Mapped[Key]
    school_class_id: Mapped[int] = reference("school_class")
    name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    is_whole_class: Mapped[bool] = mapped_column(default=True, server_default=true())
    school_class: Mapped[SchoolClass] = relationship()

    def __str__(self) -> str:
        return f"{self.school_class} {self.name}".strip()


class StudyGroupMember(Model):
    """A student of a group that is a part of a class, both days included."""

    __tablename__ = "study_group_member"
    __table_args__ = (
        UniqueConstraint("study_group_id", "student_id", "starts_on"),
        ordered("starts_on", "ends_on", "dates"),
    )
    id: Mapped[Key]
    study_group_id: Mapped[int] = reference("study_group")
    student_id: Mapped[int] = reference("student")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    study_group: Mapped[StudyGroup] = relationship()
    student: Mapped[Student] = relationship()
