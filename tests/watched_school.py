"""A school in which a plan says what was done in time, late, or not at all, and what the control must find of it.

5А has six lessons by ``teacher`` and three students; 1А two lessons without marks. ``Plan`` is what hypothesis draws,
``build`` writes it with plain inserts (so that what the regulation refuses can be planted too), ``expected`` says in
plain Python what is open, late and kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from app.control.duties import State
from app.models import (
    AcademicYear,
    Account,
    DiaryVisit,
    Enrollment,
    ExcusedPeriod,
    FinalMark,
    Guardianship,
    Holiday,
    Lesson,
    Mark,
    NewsItem,
    RollCall,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    Subject,
    TeachingAssignment,
    Term,
    User,
    Work,
)
from app.models.communication import Audience
from app.models.journal import FinalMarkKind, FinalMarkValue, WorkKind
from app.models.people import Relation, TermKind

ZONE = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 12, 21)
NOW = datetime(2026, 12, 21, 9, tzinfo=UTC)
SEPTEMBER = date(2026, 9, 1)
FIRST_TERM, SECOND_TERM = (SEPTEMBER, date(2026, 10, 25)), (date(2026, 11, 2), date(2026, 12, 29))
HOLIDAY = (date(2026, 11, 23), date(2026, 11, 29))  # what was due in it is due on 30 November
DAYS = tuple(date(2026, 11, day) for day in (9, 16, 20)) + tuple(date(2026, 12, day) for day in (7, 14, 18))
LITTLE_DAYS = (date(2026, 12, 7), date(2026, 12, 18))
STUDENTS = 3
WITHIN = {"topics": 0, "attendance": 0, "homework": 0, "marks": 7}
FINALS_WITHIN, MINIMUM = 2, 3

KEPT, LATE, OPEN = State.KEPT, State.LATE, State.OPEN
states = st.sampled_from((KEPT, KEPT, LATE, OPEN))


@dataclass(frozen=True)
class Taught:
    """What became of a lesson of 5А."""

    topic: bool
    homework: State
    roll_call: State
    marks: State
    is_cancelled: bool
    has_substitute: bool


@dataclass(frozen=True)
class Known:
    """What is known of a student of 5А, and of the student's guardian."""

    is_complete: bool
    has_access: bool
    visited: bool
    final: State
    marks: int  # in the second term, besides those of the lessons


@dataclass(frozen=True)
class Plan:
    """``excused``: whom ("teacher", "class", "all"), first and last day."""

    lessons: tuple[Taught, ...]
    students: tuple[Known, ...]
    forbidden: tuple[bool, ...]
    teacher_has_access: bool
    news: frozenset[date]
    excused: tuple[str, date, date] | None


days = st.dates(date(2026, 10, 20), date(2026, 12, 20))
plans = st.builds(
    Plan,
    lessons=st.tuples(*[
        st.builds(Taught, st.booleans(), states, states, states, st.sampled_from((False, False, True)), st.booleans())
    ] * len(DAYS)),
    students=st.tuples(*[
        st.builds(Known, st.booleans(), st.booleans(), st.booleans(), states, st.integers(0, 3))
    ] * STUDENTS),
    forbidden=st.tuples(*[st.booleans()] * len(LITTLE_DAYS)),
    teacher_has_access=st.booleans(),
    news=st.frozensets(days, max_size=3),
    excused=st.none() | st.builds(
        lambda whom, day, length, ends: (whom, day - length if ends else day, day if ends else day + length),
        st.sampled_from(("teacher", "class", "all")),
        st.sampled_from(DAYS) | days,  # often the day of a lesson, where being off by one shows
        st.builds(timedelta, st.integers(0, 20)),
        st.booleans(),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Watched:
    """Ids of what was written."""

    deputy: int
    leader: int
    teacher: int
    substitute: int
    students: tuple[int, ...]
    lessons: tuple[int, ...]
    little: tuple[int, ...]
    assignment: int


def due(day: date, within: int) -> date:
    """The last day in time: not in the holiday."""
    last = day + timedelta(within)
    return HOLIDAY[1] + timedelta(1) if HOLIDAY[0] <= last <= HOLIDAY[1] else last


def entered(state: State, day: date, within: int) -> datetime:
    """A minute before it would be late, or just then."""
    late = datetime.combine(due(day, within) + timedelta(1), time(), ZONE).astimezone(UTC)
    return late - timedelta(minutes=1) if state is KEPT else late


class Writer:
    """Plain inserts that give back the key."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, model: Any, **row: Any) -> int:
        """One row."""
        key: int = self.connection.execute(insert(model.__table__).values(row)).inserted_primary_key[0]
        return key

    def user(self, name: str, *, is_staff: bool, password: str | None, **further: Any) -> int:
        """Somebody entered in September."""
        names = {"family_name": name, "given_name": "Анна", "search_name": name, "sort_name": name}
        entered_at = datetime(2026, 9, 1, tzinfo=UTC)
        user = self.add(User, is_staff=is_staff, created_at=entered_at, **names, **further)
        self.add(Account, user_id=user, password_hash=password, email=f"{name.lower()}@example.org")
        return user


def build(connection: Connection, plan: Plan) -> Watched:
    """Write the school; nothing else is in the database."""
    w = Writer(connection)
    deputy = w.user("Завуч", is_staff=True, password="hash", is_deputy_director=True)
    leader = w.user("Классная", is_staff=True, password="hash")
    teacher = w.user("Учитель", is_staff=True, password="hash" if plan.teacher_has_access else None)
    substitute = w.user("Замена", is_staff=True, password="hash")
    year = w.add(AcademicYear, name="2026/2027", starts_on=SEPTEMBER, ends_on=date(2027, 5, 31))
    terms = [
        w.add(Term, academic_year_id=year, kind=TermKind.QUARTER, number=number, starts_on=span[0], ends_on=span[1])
        for number, span in enumerate((FIRST_TERM, SECOND_TERM), 1)
    ]
    w.add(Term, academic_year_id=year, kind=TermKind.QUARTER, number=3, starts_on=date(2027, 1, 11),
          ends_on=date(2027, 5, 25))  # fmt: skip
    w.add(Holiday, academic_year_id=year, name="Каникулы", starts_on=HOLIDAY[0], ends_on=HOLIDAY[1])
    subject = w.add(Subject, name="Алгебра", search_name="алгебра")
    classes, assignments = {}, {}
    for grade, who in ((5, teacher), (1, leader)):
        classes[grade] = w.add(SchoolClass, academic_year_id=year, grade=grade, letter="А", search_name=f"{grade}а",
                               term_kind=TermKind.QUARTER, class_teacher_id=leader)  # fmt: skip
        group = w.add(StudyGroup, school_class_id=classes[grade], name="", is_whole_class=True)
        assignments[grade] = w.add(
            TeachingAssignment, teacher_id=who, subject_id=subject, study_group_id=group, starts_on=SEPTEMBER
        )
    students = tuple(_student(w, number, known, classes[5]) for number, known in enumerate(plan.students))
    for student, known in zip(students, plan.students, strict=True):
        if known.final is not OPEN:
            w.add(FinalMark, student_id=student, subject_id=subject, academic_year_id=year, term_id=terms[0], version=1,
                  teaching_assignment_id=assignments[5], kind=FinalMarkKind.TERM, value=FinalMarkValue.FOUR,
                  entered_at=entered(known.final, FIRST_TERM[1], FINALS_WITHIN))  # fmt: skip
    lessons = tuple(
        _lesson(w, assignments[5], day, taught, substitute, students)
        for day, taught in zip(DAYS, plan.lessons, strict=True)
    )
    _extra_marks(w, assignments[5], plan, students)
    little = tuple(
        w.add(Lesson, teaching_assignment_id=assignments[1], date=day, number=2, topic="Счёт", version=1,
              homework="Задано" if planted else "")
        for day, planted in zip(LITTLE_DAYS, plan.forbidden, strict=True)
    )  # fmt: skip
    for number in little:
        w.add(RollCall, lesson_id=number, taken_at=datetime(2026, 12, 7, 9, tzinfo=UTC))
    for day in plan.news:
        w.add(NewsItem, title="Новость", search_name="новость", body="Текст", audience=Audience.ALL,
              published_at=datetime.combine(day, time(12), ZONE).astimezone(UTC), created_at=NOW)  # fmt: skip
    if plan.excused:
        whom, first, last = plan.excused
        w.add(ExcusedPeriod, starts_on=first, ends_on=last, reason="Болезнь", **{
            "teacher": {"teacher_id": teacher}, "class": {"school_class_id": classes[5]}, "all": {},
        }[whom])  # fmt: skip
    return Watched(deputy, leader, teacher, substitute, students, lessons, little, assignments[5])


def _student(w: Writer, number: int, known: Known, class_id: int) -> int:
    names = {"family_name": f"Ученик{number}", "given_name": "Пётр", "search_name": "у", "sort_name": f"у{number}"}
    student = w.add(Student, created_at=NOW, **names)
    born = date(2015, 3, 1 + number) if known.is_complete else None
    w.add(StudentDetails, student_id=student, birth_date=born, identity=f"{number}" if born else None)
    w.add(Enrollment, student_id=student, school_class_id=class_id, starts_on=SEPTEMBER)
    guardian = w.user(f"Родитель{number}", is_staff=False, password="hash" if known.has_access else None)
    w.add(Guardianship, user_id=guardian, student_id=student, relation=Relation.MOTHER)
    came = NOW - timedelta(3 if known.visited else 40)
    w.add(DiaryVisit, user_id=guardian, student_id=student, visits=1, first_at=came, last_at=came,
          week=came.date() - timedelta(came.weekday()))  # fmt: skip
    return student


def _lesson(w: Writer, assignment: int, day: date, taught: Taught, substitute: int, students: tuple[int, ...]) -> int:
    homework = taught.homework is not OPEN
    lesson = w.add(
        Lesson, teaching_assignment_id=assignment, date=day, number=1, version=1, topic="Дроби" if taught.topic else "",
        homework="§ 5" if homework else "", is_cancelled=taught.is_cancelled,
        homework_entered_at=entered(taught.homework, day, 0) if homework else None,
        substitute_id=substitute if taught.has_substitute else None,
    )  # fmt: skip
    if taught.roll_call is not OPEN:
        w.add(RollCall, lesson_id=lesson, taken_at=entered(taught.roll_call, day, 0))
    work = w.add(Work, lesson_id=lesson, kind=WorkKind.ANSWER)
    if taught.marks is not OPEN:  # the first in time decides, the second was away and comes much later
        first = entered(taught.marks, day, 7)
        for student, at in zip(students[:2], (first, NOW), strict=True):
            w.add(Mark, work_id=work, student_id=student, value=4, version=1, entered_at=at)
    return lesson


def _extra_marks(w: Writer, assignment: int, plan: Plan, students: tuple[int, ...]) -> None:
    """So many further marks of each student, all in time."""
    day = date(2026, 12, 4)
    lesson = w.add(
        Lesson, teaching_assignment_id=assignment, date=day, number=1, version=1, topic="Опрос", homework="§ 1",
        homework_entered_at=entered(KEPT, day, 0),
    )  # fmt: skip
    w.add(RollCall, lesson_id=lesson, taken_at=entered(KEPT, day, 0))
    for number in range(max(known.marks for known in plan.students)):
        work = w.add(Work, lesson_id=lesson, kind=WorkKind.ANSWER)
        for student, known in zip(students, plan.students, strict=True):
            if number < known.marks:
                w.add(Mark, work_id=work, student_id=student, value=5, version=1, entered_at=entered(KEPT, day, 7))


Found = dict[str, Counter[State]]
Case = tuple[str, date | None, int | None, int | None]
"""Rule, day, whom it is up to, and the lesson or student."""


def expected(plan: Plan, w: Watched) -> tuple[Found, set[Case]]:
    """How many cases of which state each rule has, and which are open."""
    found: Found = {
        key: Counter()
        for key in (*WITHIN, "forbidden", "data", "guardians", "visits", "finals", "enough", "staff", "news")
    }
    still_open: set[Case] = set()

    def case(key: str, state: State, *what: Any) -> None:
        found[key][state] += 1
        if state is OPEN:
            still_open.add((key, *what))

    _lesson_cases(plan, w, case)
    _student_cases(plan, w, case)
    for lesson, day, planted in zip(w.little, LITTLE_DAYS, plan.forbidden, strict=True):
        case("forbidden", OPEN if planted else KEPT, day, w.leader, lesson)
        for key in ("topics", "attendance"):
            if not (plan.excused and plan.excused[0] == "all" and touches(plan.excused, day, due(day, 0))):
                case(key, KEPT, day, w.leader, lesson)
    case("staff", KEPT, None, w.leader, None)
    case("staff", KEPT if plan.teacher_has_access else OPEN, None, w.teacher, None)
    _news_cases(plan, case)
    return found, still_open


def touches(excused: tuple[str, date, date] | None, first: date, last: date) -> bool:
    """Whether some of the days do not count."""
    return excused is not None and excused[1] <= last and excused[2] >= first


def _lesson_cases(plan: Plan, w: Watched, case: Any) -> None:
    spare = Taught(True, KEPT, KEPT, KEPT, False, False)
    extra = max(known.marks for known in plan.students)
    held = [*zip(DAYS, plan.lessons, w.lessons, [1] * len(DAYS), strict=True), (date(2026, 12, 4), spare, 0, extra)]
    for day, taught, lesson, works in held:
        who = w.substitute if taught.has_substitute else w.teacher
        became = {
            "topics": KEPT if taught.topic else OPEN, "attendance": taught.roll_call, "homework": taught.homework,
            "marks": taught.marks,
        }  # fmt: skip
        for key, state in became.items():
            last = due(day, WITHIN[key])
            whom = plan.excused[0] if plan.excused else ""
            counts = not touches(plan.excused, day, last) or (whom == "teacher" and who != w.teacher)
            if not taught.is_cancelled and last < TODAY and counts:
                for _work in range(works if key == "marks" else 1):
                    case(key, state, day, who, lesson)


def _student_cases(plan: Plan, w: Watched, case: Any) -> None:
    whom = plan.excused[0] if plan.excused else ""
    final_due = due(FIRST_TERM[1], FINALS_WITHIN)
    for student, known in zip(w.students, plan.students, strict=True):
        if not touches(plan.excused, TODAY, TODAY) or whom == "teacher":
            case("data", KEPT if known.is_complete else OPEN, SEPTEMBER, w.leader, student)
            case("guardians", KEPT if known.has_access else OPEN, SEPTEMBER, w.leader, student)
            if known.has_access:
                came = (NOW - timedelta(3 if known.visited else 40)).date()
                monday = came - timedelta(came.weekday())
                case("visits", KEPT if known.visited else OPEN, monday, w.leader, student)
        if not touches(plan.excused, FIRST_TERM[1], final_due):
            case("finals", known.final, FIRST_TERM[1], w.teacher, student)
        if not touches(plan.excused, TODAY, TODAY):
            case("enough", KEPT if _marks(plan, w, student) >= MINIMUM else OPEN, SECOND_TERM[1], w.teacher, student)


def _marks(plan: Plan, w: Watched, student: int) -> int:
    number = w.students.index(student)
    of_lessons = sum(taught.marks is not OPEN for taught in plan.lessons) if number < 2 else 0
    return of_lessons + plan.students[number].marks


def _news_cases(plan: Plan, case: Any) -> None:
    held = {day for day, taught in zip(DAYS, plan.lessons, strict=True) if not taught.is_cancelled}
    held |= {date(2026, 12, 4), *LITTLE_DAYS}
    for monday in sorted({day - timedelta(day.weekday()) for day in held}):
        sunday = min(monday + timedelta(6), TODAY)
        fresh = any(sunday - timedelta(14) < day <= sunday for day in plan.news)
        case("news", KEPT if fresh else OPEN, sunday, None, None)
