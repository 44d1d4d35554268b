"""No teacher, room or group in two places at once: refused whoever writes, with both lessons named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from threading import Barrier, Thread
from time import sleep
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import policy
from app.extensions import db
from app.models import (
    Enrollment,
    Lesson,
    SchoolClass,
    Student,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    TimetableSlot,
    User,
)
from app.regulation import RegulationError, conflicts
from tests.school import DAY, School
from tests.school_panel import deputy, second_class, written

MONDAY = date(2026, 10, 5)


def whole(school_class: SchoolClass) -> StudyGroup:
    return db.session.scalars(
        select(StudyGroup).where(StudyGroup.school_class_id == school_class.id, StudyGroup.is_whole_class)
    ).one()


def part(school: School, name: str, *students: Student) -> StudyGroup:
    group = StudyGroup(school_class=school.school_class, name=name)
    group.members = [StudyGroupMember(student=student, starts_on=DAY) for student in students]
    return written(group)


def teacher(name: str) -> User:
    return written(User(family_name=name, given_name="Нина", patronymic="Львовна", is_staff=True))


def assignment(group: StudyGroup, who: User, subject: str = "Физика", starts_on: date = DAY) -> TeachingAssignment:
    known = db.session.scalars(select(Subject).where(Subject.name == subject)).first() or Subject(name=subject)
    return written(TeachingAssignment(teacher=who, subject=known, study_group=group, starts_on=starts_on))


def said(*rows: Any) -> str:
    """What is answered to the rows; nothing when they are written."""
    db.session.add_all(rows)
    try:
        db.session.commit()
    except RegulationError as error:
        db.session.rollback()
        return str(error)
    return ""


@pytest.fixture
def other(school: School) -> TeachingAssignment:
    """Physics in 5Б with another teacher."""
    return assignment(whole(second_class(school)), teacher("Лаптева"))


def test_a_teacher_is_not_in_two_classes_at_once(school: School, other: TeachingAssignment) -> None:
    other.teacher = school.teacher
    school.lesson.room = "12"
    message = said(Lesson(assignment=other, date=DAY, number=1, room="31"))
    assert "Орлова В. already has this lesson: Алгебра, 5А, room 12" in message
    assert "Физика, 5Б, room 31 cannot be held" in message
    assert "Oct" in message
    assert "lesson 1" in message
    assert said(Lesson(assignment=other, date=DAY, number=2)) == ""


def test_a_room_holds_one_lesson(school: School, other: TeachingAssignment) -> None:
    school.lesson.room = "12"
    message = said(Lesson(assignment=other, date=DAY, number=1, room="12"))
    assert "room 12 is taken: Алгебра, 5А, room 12, Орлова В." in message
    assert said(Lesson(assignment=other, date=DAY, number=1, room="")) == ""


def test_a_class_is_not_in_two_lessons_nor_is_a_part_of_it(school: School) -> None:
    physics = assignment(school.assignment.study_group, teacher("Лаптева"))
    assert "these students already have this lesson: Алгебра, 5А" in said(
        Lesson(assignment=physics, date=DAY, number=1)
    )
    half = assignment(part(school, "физ. 1"), teacher("Быкова"))
    assert "Физика, 5А физ. 1 cannot be held" in said(Lesson(assignment=half, date=DAY, number=1))


def test_two_parts_clash_only_while_they_share_a_student(school: School) -> None:
    one = assignment(part(school, "англ. 1", school.student), teacher("Лаптева"), "Английский язык")
    two = part(school, "мальчики", school.student)
    crafts = assignment(two, teacher("Быкова"), "Труд")
    later = DAY + timedelta(7)
    two.members[0].ends_on = later - timedelta(1)
    written(two)
    assert said(Lesson(assignment=one, date=DAY, number=2), Lesson(assignment=one, date=later, number=2)) == ""
    assert "these students" in said(Lesson(assignment=crafts, date=DAY, number=2))
    assert said(Lesson(assignment=crafts, date=later, number=2)) == ""


def test_both_halves_with_one_teacher_in_one_room_are_one_place(school: School) -> None:
    who = teacher("Лаптева")
    halves = [assignment(part(school, name), who, "Английский язык") for name in ("англ. 1", "англ. 2")]
    joined = [Lesson(assignment=half, date=DAY, number=3, room="8") for half in halves]
    assert said(*joined) == ""
    joined[1].room = "9"
    assert "Лаптева Н. Л. already has" in said()


def test_a_substitute_counts_and_whom_they_stand_in_for_does_not(school: School, other: TeachingAssignment) -> None:
    lesson = written(Lesson(assignment=other, date=DAY, number=1))
    lesson.substitute = school.teacher
    assert "Орлова В. already has" in said()
    free = teacher("Быкова")
    school.lesson.substitute = free
    assert said() == ""
    lesson.substitute = school.teacher
    assert said() == ""
    lesson.substitute = free
    assert "Быкова Н. Л. already has" in said()


def test_a_cancelled_lesson_takes_no_place_until_it_is_brought_back(school: School) -> None:
    physics = assignment(school.assignment.study_group, teacher("Лаптева"))
    school.lesson.is_cancelled = True
    assert said(Lesson(assignment=physics, date=DAY, number=1)) == ""
    school.lesson.is_cancelled = False
    assert "these students already have this lesson: Физика, 5А" in said()


def test_nothing_else_of_a_lesson_is_checked_again(school: School) -> None:
    """A topic can be written into a lesson that clashes since before the rule."""
    physics = assignment(school.assignment.study_group, teacher("Лаптева"))
    school.lesson.is_cancelled = True
    clashing = written(Lesson(assignment=physics, date=DAY, number=1))
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE lesson SET is_cancelled = false")
    db.session.expire_all()
    clashing.topic = "Сила"
    assert said() == ""


def test_an_assignment_is_not_given_to_who_is_elsewhere_then(school: School, other: TeachingAssignment) -> None:
    written(Lesson(assignment=other, date=DAY, number=1))
    other.teacher = school.teacher
    assert "Орлова В. already has" in said()


def test_the_weekly_timetable_is_held_to_the_same(school: School, other: TeachingAssignment) -> None:
    first = written(TimetableSlot(assignment=school.assignment, weekday=1, number=2, room="12", valid_from=DAY))
    message = said(TimetableSlot(assignment=other, weekday=1, number=2, room="12", valid_from=MONDAY))
    assert message.startswith("Monday, lesson 2: room 12 is taken: Алгебра, 5А, room 12, Орлова В.")
    first.valid_until = MONDAY - timedelta(1)
    assert said(TimetableSlot(assignment=other, weekday=1, number=2, room="12", valid_from=MONDAY)) == ""
    first.valid_until = None
    assert "Физика, 5Б, room 12" in said()


def test_a_slot_lasts_no_longer_than_its_assignment_and_year(school: School, other: TeachingAssignment) -> None:
    school.assignment.ends_on = MONDAY - timedelta(1)
    slots = [
        TimetableSlot(assignment=held, weekday=1, number=2, room="12", valid_from=DAY)
        for held in (school.assignment, other)
    ]
    other.starts_on = MONDAY
    assert said(*slots) == ""
    school.assignment.ends_on = None
    assert "room 12 is taken" in said()


def test_two_who_write_at_once_do_not_both_get_the_room(app: Flask, school: School, other: TeachingAssignment) -> None:
    """The second waits for the first, and then learns of the lesson that was not there when they began."""
    ids, day = (school.assignment.id, other.id), DAY + timedelta(7)
    db.session.commit()
    begun, answers = Barrier(2), list[str]()

    def write(number: int) -> None:
        with app.app_context(), policy.system() as session:
            begun.wait(10)
            session.add(Lesson(teaching_assignment_id=number, date=day, number=1, room="12"))
            try:
                session.flush()
                sleep(0.2)  # time for the other to look
                session.commit()
                answers.append("")
            except RegulationError as error:
                answers.append(str(error))

    writers = [Thread(target=write, args=(number,)) for number in ids]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    assert sorted(bool(answer) for answer in answers) == [False, True]
    assert "room 12 is taken" in max(answers)


def test_a_deputy_adding_a_lesson_by_hand_reads_both(school: School, other: TeachingAssignment, panel: Any) -> None:
    school.lesson.room = "12"
    fields = {"assignment": other.id, "date": str(DAY), "number": 1, "room": "12", "topic": "", "homework": ""}
    answer = panel.post(deputy(), "/admin/lesson/new/", fields)
    assert "room 12 is taken: Алгебра, 5А" in answer.text
    assert "Физика, 5Б, room 12 cannot be there" in answer.text
    assert len(db.session.scalars(select(Lesson)).all()) == 1


@dataclass(frozen=True)
class Held:
    """A lesson as the oracle sees it: group 0 is the whole class, parts have the students of MEMBERS."""

    school_class: int
    group: int
    subject: int
    teacher: int
    room: str
    day: int
    number: int
    is_cancelled: bool = False
    substitute: int | None = None


MEMBERS = {1: {0}, 2: {1}, 3: {0, 1}}
TEACHERS, SUBJECTS, CLASSES = range(2), range(2), range(2)
held = st.builds(
    Held, st.sampled_from(CLASSES), st.integers(0, 3), st.sampled_from(SUBJECTS), st.sampled_from(TEACHERS),
    st.sampled_from(["", "1", "2"]), st.integers(0, 1), st.integers(1, 2), st.booleans(),
    st.sampled_from([None, None, 0, 1]),
)  # fmt: skip


def clash(one: Held, other: Held) -> bool:
    """The rule as a person would tell it."""
    if one.is_cancelled or other.is_cancelled or (one.day, one.number) != (other.day, other.number):
        return False
    one, other = (replace(x, teacher=x.teacher if x.substitute is None else x.substitute) for x in (one, other))
    same_room = one.room != "" and one.room == other.room
    same_class = one.school_class == other.school_class
    if same_class and one.subject == other.subject and one.teacher == other.teacher and same_room:
        return False
    same_group = one.group == other.group or 0 in (one.group, other.group)
    together = same_class and (same_group or bool(MEMBERS[one.group] & MEMBERS[other.group]))
    return one.teacher == other.teacher or same_room or together


class Rows:
    """A school of two classes with all assignments the oracle's lessons can have."""

    def __init__(self, school: School) -> None:
        classes = [school.school_class, second_class(school)]
        teachers = [teacher(name) for name in ("Первая", "Вторая")]
        self.teachers = [each.id for each in teachers]
        self.assignments: dict[tuple[int, ...], int] = {}
        for index, school_class in enumerate(classes):
            students = [Student(family_name=f"Ученик{index}{n}", given_name="Яна") for n in range(2)]
            for student in students:
                student.enrollments = [Enrollment(school_class=school_class, starts_on=DAY)]
            db.session.add_all(students)
            db.session.commit()
            groups = [whole(school_class)]
            for number, members in MEMBERS.items():
                group = StudyGroup(school_class=school_class, name=f"часть {number}")
                group.members = [StudyGroupMember(student=students[n], starts_on=DAY) for n in members]
                groups.append(written(group))
            for number, group in enumerate(groups):
                for subject in SUBJECTS:
                    for who, user in enumerate(teachers):
                        key = (index, number, subject, who)
                        self.assignments[key] = assignment(group, user, f"Предмет {subject}").id

    def lessons(self, all_held: Iterable[Held]) -> list[Lesson]:
        return [
            Lesson(
                teaching_assignment_id=self.assignments[x.school_class, x.group, x.subject, x.teacher],
                date=MONDAY + timedelta(x.day),
                number=x.number,
                room=x.room,
                is_cancelled=x.is_cancelled,
                substitute_id=None if x.substitute is None else self.teachers[x.substitute],
            )
            for x in all_held
        ]

    def pairs(self, all_held: list[Held]) -> set[tuple[int, int]]:
        """Which of them the rule finds in two places, written past every check and taken back."""
        with db.engine.connect() as connection:
            values = [
                {"date": x.date, "number": x.number, "room": x.room, "is_cancelled": x.is_cancelled, "version": 1,
                 "teaching_assignment_id": x.teaching_assignment_id, "substitute_id": x.substitute_id}
                for x in self.lessons(all_held)
            ]  # fmt: skip
            insert = Lesson.__table__.insert().returning(Lesson.__table__.c.id)
            ids = [connection.scalar(insert, each) for each in values]
            found = connection.execute(conflicts.lessons_in_two_places(set(ids))).all()
            connection.rollback()
        return {(ids.index(pair.one), ids.index(pair.other)) for pair in found}


def test_what_is_found_is_what_a_person_would_find(app: Flask, school: School) -> None:
    rows = Rows(school)
    unique = st.lists(
        held, max_size=7, unique_by=lambda x: (x.school_class, x.group, x.subject, x.teacher, x.day, x.number)
    )

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(unique)
    def check(all_held: list[Held]) -> None:
        expected = [pair for pair in combinations(range(len(all_held)), 2) if clash(*(all_held[n] for n in pair))]
        db.session.add_all(rows.lessons(all_held))
        try:
            db.session.flush()
            refused = False
        except RegulationError:
            refused = True
        db.session.rollback()
        assert refused == bool(expected)
        found = rows.pairs(all_held)
        assert found == {pair for one, other in expected for pair in ((one, other), (other, one))}

    check()
