"""Random schools: who is whose guardian, who leads and teaches whom, and a secret word in every row about a student.

``Plan`` is what hypothesis draws; ``build`` writes it; ``Truth`` says in plain Python whose is what.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select

from app.extensions import db
from app.models import (
    AbsenceNote,
    AcademicYear,
    Attendance,
    Correction,
    Enrollment,
    FinalMark,
    Guardianship,
    Lesson,
    Mark,
    NewsItem,
    SchoolClass,
    Student,
    StudentHomework,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    User,
    Work,
)
from app.models.communication import Audience
from app.models.diary import CorrectedField
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.models.people import TermKind
from tests.school_panel import NOW, TODAY

CLASSES, STUDENTS, GUARDIANS, TEACHERS = 2, 4, 4, 3
BEGINS = date(2026, 9, 1)
numbers = count(1)


@dataclass(frozen=True)
class Plan:
    """By index: the class of each student, guardian x student, the leader of each class, teacher x class."""

    classes: tuple[int, ...]
    guardians: frozenset[tuple[int, int]]
    own_access: frozenset[int]
    leaders: tuple[int | None, ...]
    teaches: frozenset[tuple[int, int]]
    taught_once: frozenset[tuple[int, int]]


def indices(*limits: int) -> Any:
    return st.frozensets(st.tuples(*(st.integers(0, limit - 1) for limit in limits)), max_size=5)


plans = st.builds(
    Plan,
    classes=st.tuples(*[st.integers(0, CLASSES - 1)] * STUDENTS),
    guardians=indices(GUARDIANS, STUDENTS),
    own_access=st.frozensets(st.integers(0, STUDENTS - 1), max_size=2),
    leaders=st.tuples(*[st.none() | st.integers(0, TEACHERS - 1)] * CLASSES),
    teaches=indices(TEACHERS, CLASSES),
    taught_once=indices(TEACHERS, CLASSES),
)


@dataclass
class Truth:
    """The written school, and whose is what."""

    plan: Plan
    people: dict[str, int] = field(default_factory=dict)  # g0, s0, t0, dep -> user
    students: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    secrets: dict[int, set[str]] = field(default_factory=dict)  # of a student (by index), for its readers alone
    class_secrets: dict[int, set[str]] = field(default_factory=dict)
    rows: dict[int, list[Any]] = field(default_factory=dict)  # what was written about a student

    def reads(self, who: str, student: int) -> bool:
        """Whether the diary of a student is this person's to read."""
        number = int(who[1:]) if who[0] in "gs" else -1
        return (who[0] == "g" and (number, student) in self.plan.guardians) or (who[0] == "s" and number == student)

    def has_to_do(self, who: str, other: str) -> bool:
        """Whether two people may write to each other."""
        if who == other or "s" in (who[0], other[0]):
            return False
        staff = [name for name in (who, other) if name[0] != "g"]
        if len(staff) == 2:
            return True
        guardian = next((name for name in (who, other) if name[0] == "g"), "")
        wards = {student for number, student in self.plan.guardians if f"g{number}" == guardian}
        if not staff or not wards:
            return False
        classes = {self.plan.classes[student] for student in wards}
        if staff[0] == "dep":
            return True
        teacher = int(staff[0][1:])
        return any(self.plan.leaders[one] == teacher or (teacher, one) in self.plan.teaches for one in classes)

    def readers(self) -> list[str]:
        """Everybody who reads a diary."""
        return [who for who in self.people if any(self.reads(who, student) for student in range(STUDENTS))]

    def foreign_words(self, who: str) -> set[str]:
        """What no page may show to this person."""
        words: set[str] = set()
        for student in range(STUDENTS):
            if not self.reads(who, student):
                words |= self.secrets[student]
        near = {self.plan.classes[student] for student in range(STUDENTS) if self.reads(who, student)}
        return words.union(*(self.class_secrets[one] for one in range(CLASSES) if one not in near))


def word() -> str:
    """A word that stands nowhere else."""
    return f"тайна{next(numbers)}я"


def build(plan: Plan) -> Truth:
    """Write the school beside whatever is there; the session is the system's."""
    truth = Truth(plan)
    year = db.session.scalars(select(AcademicYear)).first()
    if year is None:
        year = AcademicYear(name="2026/2027", starts_on=BEGINS, ends_on=date(2027, 8, 31))
        quarter = {"kind": TermKind.QUARTER, "number": 1, "starts_on": BEGINS, "ends_on": date(2026, 10, 25)}
        db.session.add_all([year, Term(academic_year=year, **quarter)])
    users = _people(truth)
    students = [Student(family_name=f"Ученик{next(numbers)}", given_name="Пётр") for _ in range(STUDENTS)]
    db.session.add_all([*users.values(), *students])
    db.session.flush()
    truth.people = {name: user.id for name, user in users.items()}
    truth.students = [student.id for student in students]
    for number in plan.own_access:
        students[number].user = users[f"s{number}"]
    for guardian, number in plan.guardians:
        db.session.add(Guardianship(user=users[f"g{guardian}"], student=students[number]))
    for number in range(CLASSES):
        _class(truth, number, year, users, students)
    for number, student in enumerate(students):
        _requests(truth, number, student, users)
    db.session.commit()
    return truth


def _people(truth: Truth) -> dict[str, User]:
    names = [f"g{number}" for number in range(GUARDIANS)] + [f"t{number}" for number in range(TEACHERS)] + ["dep"]
    names += [f"s{number}" for number in truth.plan.own_access]
    users = {}
    for name in names:
        number = next(numbers)
        users[name] = User(
            family_name=f"Человек{number}", given_name="Анна", is_staff=name[0] in "td", login=f"login{number}",
            is_deputy_director=name == "dep", email=f"mail{number}@example.org",
        )  # fmt: skip
        assert users[name].account is not None
        users[name].account.password_hash = "hash"
        users[name].account.introduced_at = NOW
    return users


def _class(truth: Truth, number: int, year: AcademicYear, users: dict[str, User], students: list[Student]) -> None:
    plan = truth.plan
    leader = plan.leaders[number]
    school_class = SchoolClass(
        academic_year=year, grade=5, letter=f"{next(numbers):x}", class_teacher=users.get(f"t{leader}")
    )
    db.session.add(school_class)
    db.session.flush()
    truth.classes.append(school_class.id)
    secrets = truth.class_secrets.setdefault(number, set())
    group = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == school_class.id)).one()
    here = [index for index, of in enumerate(plan.classes) if of == number]
    for index in here:
        db.session.add(Enrollment(student=students[index], school_class=school_class, starts_on=BEGINS))
    news = NewsItem(title=word(), body=word(), audience=Audience.CLASSES, published_at=NOW - timedelta(1))
    news.classes.append(school_class)
    db.session.add(news)
    secrets |= {news.title, news.body}
    ended = {"ends_on": TODAY - timedelta(days=7)}
    kept = [(of, {}) for of, one in plan.teaches if one == number] + [
        (of, ended) for of, one in plan.taught_once if one == number and (of, one) not in plan.teaches
    ]
    for teacher, until in kept:
        subject = Subject(name=word())
        assignment = TeachingAssignment(
            teacher=users[f"t{teacher}"], subject=subject, study_group=group, starts_on=BEGINS, **until
        )
        db.session.add(assignment)
        secrets.add(subject.name)
        lesson = Lesson(
            assignment=assignment, date=TODAY - timedelta(days=7), number=1 + next(numbers) % 14, topic=word(),
            homework=word(),
        )  # fmt: skip
        secrets |= {lesson.topic, lesson.homework}
        work = Work(lesson=lesson)
        db.session.add_all([lesson, work])
        for index in here:
            _about(truth, index, students[index], lesson, work, assignment, year)


def _about(
    truth: Truth, index: int, student: Student, lesson: Lesson, work: Work, assignment: Any, year: AcademicYear
) -> None:
    rows: list[Any] = [
        Mark(work=work, student=student, value=2, comment=word()),
        Attendance(lesson=lesson, student=student, status=AttendanceStatus.LATE, reason=word()),
        StudentHomework(lesson=lesson, student=student, text=word()),
        FinalMark(student=student, subject=assignment.subject, academic_year=year, assignment=assignment,
                  kind=FinalMarkKind.YEAR, value=FinalMarkValue.FIVE, reason=word()),
    ]  # fmt: skip
    db.session.add_all(rows)
    truth.rows.setdefault(index, []).extend(rows)
    truth.secrets.setdefault(index, set()).update((rows[0].comment, rows[1].reason, rows[2].text, rows[3].reason))


def _requests(truth: Truth, index: int, student: Student, users: dict[str, User]) -> None:
    secrets = truth.secrets.setdefault(index, set())
    for guardian, number in truth.plan.guardians:
        if number == index:
            author = users[f"g{guardian}"]
            note = AbsenceNote(
                student=student, author=author, starts_on=TODAY, ends_on=TODAY, status=AttendanceStatus.ILL,
                reason=word(),
            )  # fmt: skip
            correction = Correction(student=student, author=author, field=CorrectedField.ADDRESS, value=word())
            db.session.add_all([note, correction])
            secrets |= {note.reason}
