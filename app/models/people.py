"""People and where they belong: users, students, guardians, classes, groups."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    Index,
    String,
    UniqueConstraint,
    Update,
    and_,
    bindparam,
    cast,
    event,
    exists,
    false,
    insert,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, Mapper, aliased, foreign, mapped_column, relationship

from app.collation import search_key, sort_key
from app.extensions import Model
from app.models.columns import Created, Key, Moment, Titled, between, ordered, reference, words

if TYPE_CHECKING:
    from app.models.access import Credential, SecondFactor, UserSession
    from app.models.curriculum import AcademicYear
    from app.models.diary import Consent


def initials(family_name: str, given_name: str, patronymic: str) -> str:
    """«Орлова В. П.»."""
    return " ".join((family_name, *(f"{name[0]}." for name in (given_name, patronymic) if name)))


def whole_name(family_name: str | None, given_name: str | None, patronymic: str | None) -> str:
    """«Семёнов Пётр Ильич»; empty for nobody."""
    return " ".join(part for part in (family_name, given_name, patronymic) if part)


NAME_COLUMNS = ("family_name", "given_name", "patronymic", "search_name", "sort_name")


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
        return whole_name(self.family_name, self.given_name, self.patronymic)

    @property
    def short_name(self) -> str:
        """«Семёнов П. И.»."""
        return initials(self.family_name, self.given_name, self.patronymic)

    def __str__(self) -> str:
        return self.full_name


class Channel(Titled):
    """How a person wants to be reached."""

    SMS = "sms", lazy_gettext("SMS")
    EMAIL = "email", lazy_gettext("E-mail")


class User(Named, Model):
    """Somebody the journal knows: staff, a guardian, a student with access of their own.

    What only few may see stands in the account, so that a name can be shown without it.
    """

    __tablename__ = "user"
    id: Mapped[Key]
    is_deputy_director: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[Created]
    account: Mapped[Account | None] = relationship(back_populates="user", cascade="all, delete-orphan")
    guardianships: Mapped[list[Guardianship]] = relationship(back_populates="user", cascade="all, delete-orphan")
    second_factor: Mapped[SecondFactor | None] = relationship(viewonly=True)
    newest_credential: Mapped[Credential | None] = relationship(
        primaryjoin=lambda: _newest("Credential", "version"), viewonly=True
    )
    newest_consent: Mapped[Consent | None] = relationship(primaryjoin=lambda: _newest("Consent", "id"), viewonly=True)
    sessions: Mapped[list[UserSession]] = relationship(  # that nobody has ended, the latest first
        primaryjoin="and_(UserSession.user_id == User.id, UserSession.ended_at.is_(None))",
        order_by="UserSession.last_seen_at.desc()",
        viewonly=True,
    )
    login: AssociationProxy[str | None] = association_proxy("account", "login", creator=lambda v: Account(login=v))
    email: AssociationProxy[str | None] = association_proxy("account", "email", creator=lambda v: Account(email=v))
    phone: AssociationProxy[str | None] = association_proxy("account", "phone", creator=lambda v: Account(phone=v))
    channel: AssociationProxy[Channel | None] = association_proxy(
        "account", "channel", creator=lambda v: Account(channel=v)
    )


def _newest(name: str, order: str) -> ColumnElement[bool]:
    """The row of a person after which there is none in the order of a column."""
    model: Any = next(mapper.class_ for mapper in Model.registry.mappers if mapper.class_.__name__ == name)
    later = aliased(model)
    newer = exists().where(later.user_id == model.user_id, getattr(later, order) > getattr(model, order))
    return and_(foreign(model.user_id) == User.id, ~newer)


class Account(Model):
    """How a person signs in and is reached; seen by few (see the policy)."""

    __tablename__ = "account"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", unique=True)
    login: Mapped[str | None] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254), index=True)  # in lower case
    phone: Mapped[str | None] = mapped_column(String(16), index=True)  # E.164
    channel: Mapped[Channel | None] = mapped_column(words(Channel))
    locale: Mapped[str | None] = mapped_column(String(8))
    last_seen_at: Mapped[Moment | None]
    introduced_at: Mapped[Moment | None]  # has seen what the diary is
    user: Mapped[User] = relationship(back_populates="account")


class Student(Named, Model):
    """A student. Students leave (their enrolment ends); they are not deleted."""

    __tablename__ = "student"
    id: Mapped[Key]
    user_id: Mapped[int | None] = reference("user", unique=True)
    created_at: Mapped[Created]
    user: Mapped[User | None] = relationship()
    details: Mapped[StudentDetails | None] = relationship(back_populates="student", cascade="all, delete-orphan")
    # A student written by mistake goes with these; marks and absences hold a student.
    guardianships: Mapped[list[Guardianship]] = relationship(back_populates="student", cascade="all, delete-orphan")
    enrollments: Mapped[list[Enrollment]] = relationship(
        back_populates="student", order_by="Enrollment.starts_on", cascade="all, delete-orphan"
    )
    memberships: Mapped[list[StudyGroupMember]] = relationship(back_populates="student", cascade="all, delete-orphan")
    birth_date: AssociationProxy[date | None] = association_proxy(
        "details", "birth_date", creator=lambda v: StudentDetails(birth_date=v)
    )
    email: AssociationProxy[str | None] = association_proxy(
        "details", "email", creator=lambda v: StudentDetails(email=v)
    )
    phone: AssociationProxy[str | None] = association_proxy(
        "details", "phone", creator=lambda v: StudentDetails(phone=v)
    )
    address: AssociationProxy[str | None] = association_proxy(
        "details", "address", creator=lambda v: StudentDetails(address=v)
    )


class StudentDetails(Model):
    """What is known of a student beyond the name; a teacher of the group does not see it."""

    __tablename__ = "student_details"
    id: Mapped[Key]
    student_id: Mapped[int] = reference("student", unique=True)
    birth_date: Mapped[date | None]
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(16), index=True)  # E.164
    address: Mapped[str | None] = mapped_column(String(300))
    # Name and birth date: the same student cannot be written twice. Kept by _keep_identity.
    identity: Mapped[str | None] = mapped_column(String(320), unique=True)
    student: Mapped[Student] = relationship(back_populates="details")


@event.listens_for(User, "before_insert", propagate=True)
@event.listens_for(User, "before_update", propagate=True)
@event.listens_for(Student, "before_insert", propagate=True)
@event.listens_for(Student, "before_update", propagate=True)
def _keep_name_keys(_mapper: Mapper[Named], _connection: object, person: Named) -> None:
    names = (person.family_name, person.given_name, person.patronymic)
    person.search_name = search_key(*names)
    person.sort_name = sort_key(*names)


def _write_identity() -> Update:
    """What two children cannot share, of the details of ``:whose``; built once, for lists of a thousand children."""
    details, student = StudentDetails.__table__.c, Student.__table__.c
    name = select(student.sort_name).where(student.id == bindparam("whose")).scalar_subquery()
    return (
        update(StudentDetails.__table__)  # type: ignore[arg-type]
        .where(details.student_id == bindparam("whose"))
        .values(identity=name + literal("|") + cast(details.birth_date, String))
    )


WRITE_IDENTITY = _write_identity()


@event.listens_for(Student, "after_update")
@event.listens_for(StudentDetails, "after_insert")
@event.listens_for(StudentDetails, "after_update")
def _keep_identity(_mapper: object, connection: Connection, row: Student | StudentDetails) -> None:
    connection.execute(WRITE_IDENTITY, {"whose": row.id if isinstance(row, Student) else row.student_id})


@event.listens_for(Student, "after_update")
def _keep_user_named(_mapper: object, connection: Connection, student: Student) -> None:
    """A student with access of their own signs in under the name of the class list."""
    if student.user_id is not None:
        names = {name: getattr(student, name) for name in NAME_COLUMNS}
        connection.execute(update(User.__table__).where(User.__table__.c.id == student.user_id).values(names))  # type: ignore[arg-type]


class Relation(Titled):
    """What a guardian is to the student."""

    MOTHER = "mother", lazy_gettext("mother")
    FATHER = "father", lazy_gettext("father")
    GUARDIAN = "guardian", lazy_gettext("legal guardian")
    OTHER = "other", lazy_gettext("other relative")


class Guardianship(Model):
    """A guardian of a student."""

    __tablename__ = "guardianship"
    __table_args__ = (UniqueConstraint("user_id", "student_id"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    student_id: Mapped[int] = reference("student")
    relation: Mapped[Relation] = mapped_column(words(Relation), default=Relation.GUARDIAN)
    user: Mapped[User] = relationship(back_populates="guardianships")
    student: Mapped[Student] = relationship(back_populates="guardianships")

    def __str__(self) -> str:
        return f"{self.user} · {self.student}"


class TermKind(Titled):
    """How a class's year is divided: quarters in grades 1-9, half-years in 10-11; trimesters possible."""

    QUARTER = "quarter", lazy_gettext("Quarter")
    TRIMESTER = "trimester", lazy_gettext("Trimester")
    HALF_YEAR = "half_year", lazy_gettext("Half-year")


def usual_term_kind(grade: int) -> TermKind:
    """Quarters in grades 1-9, half-years in 10-11."""
    return TermKind.HALF_YEAR if grade >= 10 else TermKind.QUARTER


def _class_key(context: DefaultExecutionContext) -> str:
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return search_key(f"{values['grade']}{values['letter']}")


class SchoolClass(Model):
    """A class in one academic year: 5А."""

    __tablename__ = "school_class"
    __table_args__ = (
        UniqueConstraint("academic_year_id", "grade", "letter"),
        CheckConstraint("grade BETWEEN 1 AND 11", name="grade"),
    )
    id: Mapped[Key]
    academic_year_id: Mapped[int] = reference("academic_year", index=False)
    grade: Mapped[int] = between(1, 11)
    letter: Mapped[str] = mapped_column(String(4))
    search_name: Mapped[str] = mapped_column(String(8), default=lambda context: _class_key(context))
    term_kind: Mapped[TermKind] = mapped_column(words(TermKind))
    class_teacher_id: Mapped[int | None] = reference("user")
    class_teacher: Mapped[User | None] = relationship()
    academic_year: Mapped[AcademicYear] = relationship()
    groups: Mapped[list[StudyGroup]] = relationship(back_populates="school_class", cascade="all, delete-orphan")
    enrollments: Mapped[list[Enrollment]] = relationship(back_populates="school_class")

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


@event.listens_for(SchoolClass, "before_insert")
@event.listens_for(SchoolClass, "before_update")
def _keep_class_key(_mapper: object, _connection: object, school_class: SchoolClass) -> None:
    school_class.search_name = search_key(str(school_class))
    school_class.term_kind = school_class.term_kind or usual_term_kind(school_class.grade)


@event.listens_for(SchoolClass, "after_insert")
def _make_its_group(_mapper: object, connection: Connection, school_class: SchoolClass) -> None:
    """Every class is also the group of all its students; one that is brought back brings its own."""
    if any(group.is_whole_class for group in school_class.groups):
        return
    connection.execute(insert(StudyGroup).values(school_class_id=school_class.id, is_whole_class=True, name=""))


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
    student_id: Mapped[int] = reference("student", index=False)
    school_class_id: Mapped[int] = reference("school_class")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    student: Mapped[Student] = relationship(back_populates="enrollments")
    school_class: Mapped[SchoolClass] = relationship(back_populates="enrollments")

    def __str__(self) -> str:
        return f"{self.student} · {self.school_class}"


class StudyGroup(Model):
    """Those taught together: the whole class, or a part of it."""

    __tablename__ = "study_group"
    __table_args__ = (
        UniqueConstraint("school_class_id", "name"),
        CheckConstraint("is_whole_class = (name = '')", name="whole_class_has_no_name"),
    )
    id: Mapped[Key]
    school_class_id: Mapped[int] = reference("school_class", index=False)
    name: Mapped[str] = mapped_column(String(60))
    is_whole_class: Mapped[bool] = mapped_column(default=False, server_default=false())
    school_class: Mapped[SchoolClass] = relationship(back_populates="groups")
    members: Mapped[list[StudyGroupMember]] = relationship(back_populates="study_group", cascade="all, delete-orphan")

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
    study_group_id: Mapped[int] = reference("study_group", index=False)
    student_id: Mapped[int] = reference("student")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    study_group: Mapped[StudyGroup] = relationship(back_populates="members")
    student: Mapped[Student] = relationship(back_populates="memberships")

    def __str__(self) -> str:
        return f"{self.student} · {self.study_group}"
