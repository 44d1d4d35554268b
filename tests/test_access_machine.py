"""Families come and go, children move, teachers change: whoever opens something next day is who should."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.credentials import issue
from app.extensions import db
from app.models import (
    AcademicYear,
    Enrollment,
    Guardianship,
    Lesson,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    Subject,
    TeachingAssignment,
    User,
)
from app.policy import Action, PolicyError
from tests import school_panel
from tests.school_panel import NOW, TODAY, Panel

CLASSES, STUDENTS, STAFF, GUARDIANS = 2, 2, 2, 2
students, classes, staff = st.integers(0, STUDENTS - 1), st.integers(0, CLASSES - 1), st.integers(0, STAFF - 1)
guardians = st.integers(STAFF, STAFF + GUARDIANS - 1)
"""Numbers of people: staff first, guardians after them."""


@dataclass
class Spell:
    """Days of somebody in something; ``ends`` is the last one."""

    who: int
    where: int
    starts: date
    row: int
    ends: date | None = None

    def lasts(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass
class Model:
    """The facts, and what follows from them for a person on a day."""

    led: dict[int, int] = field(default_factory=dict)
    guards: set[tuple[int, int]] = field(default_factory=set)
    enrolled: list[Spell] = field(default_factory=list)
    held: list[Spell] = field(default_factory=list)
    substitutes: dict[int, int] = field(default_factory=dict)
    inactive: set[int] = field(default_factory=set)

    def leads(self, who: int) -> set[int]:
        return {number for number, leader in self.led.items() if leader == who}

    def children(self, who: int) -> set[int]:
        return {child for guardian, child in self.guards if guardian == who}

    def teaches(self, who: int, day: date) -> set[int]:
        """Numbers of the assignments held today or substituted in."""
        return {
            i
            for i, one in enumerate(self.held)
            if (one.who == who and one.lasts(day)) or self.substitutes.get(i) == who
        }

    def led_children(self, who: int, day: date) -> set[int]:
        """Students who are or will be in a class the person leads."""
        return {
            one.who for one in self.enrolled if one.where in self.leads(who) and (one.ends is None or one.ends >= day)
        }

    def sees_students(self, who: int, day: date) -> set[int]:
        near = self.leads(who) | {self.held[i].where for i in self.teaches(who, day)}
        return {one.who for one in self.enrolled if one.where in near} | self.children(who)

    def sees_details(self, who: int, day: date) -> set[int]:
        return self.led_children(who, day) | self.children(who)

    def opens_journals(self, who: int, day: date) -> set[int]:
        return self.teaches(who, day) | {i for i, one in enumerate(self.held) if one.where in self.leads(who)}

    def sees_journals(self, who: int, day: date) -> set[int]:
        near = {one.where for one in self.enrolled if one.who in self.children(who)}
        return self.opens_journals(who, day) | {i for i, one in enumerate(self.held) if one.where in near}

    def writes_lessons(self, who: int, day: date) -> set[int]:
        own = {i for i, one in enumerate(self.held) if one.who == who and one.lasts(day) and i not in self.substitutes}
        return own | {i for i, substitute in self.substitutes.items() if substitute == who}


class Access(RuleBasedStateMachine):
    """``panel``, ``emptied`` and ``steps`` are those of the test that runs it; a lesson has its assignment's number."""

    panel: Panel
    emptied: Any
    steps: Counter[str]

    @initialize()
    def a_school(self) -> None:
        self.emptied()
        self.day, self.model = TODAY, Model()
        year = AcademicYear(name="2026/2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 31))
        people = [
            User(family_name=f"Человек{i}", given_name="Ия", is_staff=i < STAFF) for i in range(STAFF + GUARDIANS)
        ]
        children = [Student(family_name=f"Ребёнок{i}", given_name="Ян") for i in range(STUDENTS)]
        for child in children:
            child.details = StudentDetails()
        subject = Subject(name="Алгебра")
        db.session.add_all([year, *people, *children, subject])
        db.session.flush()
        rooms = [SchoolClass(academic_year_id=year.id, grade=5, letter="АБ"[i]) for i in range(CLASSES)]
        db.session.add_all(rooms)
        db.session.flush()
        groups = [
            db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == room.id)).one() for room in rooms
        ]
        self.people, self.children = [one.id for one in people], [one.id for one in children]
        self.rooms, self.groups, self.subject = [one.id for one in rooms], [one.id for one in groups], subject.id
        self.lessons: list[int] = []
        db.session.commit()
        for number in range(CLASSES):  # each class with a child, its guardian, a class teacher and the other's lessons
            self.move(number, number)
            self.give_or_take_a_child(STAFF + number, number)
            self.lead(number, number)
            self.hand_the_journal_over(1 - number, number)

    @contextmanager
    def next_day(self, name: str) -> Iterator[Session]:
        """A change of the deputy director, the day after the last one."""
        self.steps[name] += 1
        self.day += timedelta(1)
        with policy.system() as session:
            yield session
            session.commit()

    @rule(child=students, into=st.none() | classes)
    def move(self, child: int, into: int | None) -> None:
        with self.next_day("move") as session:
            for one in self.model.enrolled:
                if one.who == child and one.lasts(self.day):
                    one.ends = session.get_one(Enrollment, one.row).ends_on = self.day - timedelta(1)
            session.flush()
            if into is not None:
                row = Enrollment(student_id=self.children[child], school_class_id=self.rooms[into], starts_on=self.day)
                session.add(row)
                session.flush()
                self.model.enrolled.append(Spell(child, into, self.day, row.id))

    @rule(who=guardians, child=students)
    def give_or_take_a_child(self, who: int, child: int) -> None:
        with self.next_day("guardian") as session:
            pair = {"user_id": self.people[who], "student_id": self.children[child]}
            if (who, child) in self.model.guards:
                session.delete(session.scalars(select(Guardianship).filter_by(**pair)).one())
            else:
                session.add(Guardianship(**pair))
            self.model.guards ^= {(who, child)}

    @rule(who=st.none() | staff, room=classes)
    def lead(self, who: int | None, room: int) -> None:
        with self.next_day("lead") as session:
            session.get_one(SchoolClass, self.rooms[room]).class_teacher_id = None if who is None else self.people[who]
            self.model.led.pop(room, None)
            if who is not None:
                self.model.led[room] = who

    @rule(who=st.none() | staff, room=classes)
    def hand_the_journal_over(self, who: int | None, room: int) -> None:
        """From today on somebody else teaches the class, or nobody."""
        with self.next_day("hand over") as session:
            for one in self.model.held:
                if one.where == room and one.lasts(self.day):
                    one.ends = session.get_one(TeachingAssignment, one.row).ends_on = self.day - timedelta(1)
            session.flush()
            if who is None:
                return
            row = TeachingAssignment(
                teacher_id=self.people[who],
                subject_id=self.subject,
                study_group_id=self.groups[room],
                starts_on=self.day,
            )
            lesson = Lesson(assignment=row, date=self.day, number=1)
            session.add_all([row, lesson])
            session.flush()
            self.model.held.append(Spell(who, room, self.day, row.id))
            self.lessons.append(lesson.id)

    @rule(who=st.none() | staff, which=st.integers(0, 3))
    def substitute(self, who: int | None, which: int) -> None:
        if which >= len(self.lessons) or self.model.held[which].who == who:
            return
        with self.next_day("substitute") as session:
            session.get_one(Lesson, self.lessons[which]).substitute_id = None if who is None else self.people[who]
            self.model.substitutes.pop(which, None)
            if who is not None:
                self.model.substitutes[which] = who

    @rule(who=staff | guardians)
    def switch_off_or_on(self, who: int) -> None:
        with self.next_day("switch off") as session:
            self.model.inactive ^= {who}
            session.get_one(User, self.people[who]).is_active = who not in self.model.inactive

    @rule(by=staff, to=guardians)
    def give_access(self, by: int, to: int) -> None:
        """The class teacher of a child gives its guardians access, and nobody else does."""
        self.steps["give access"] += 1
        if {by, to} & self.model.inactive:
            return
        may = bool(self.model.children(to) & self.model.led_children(by, self.day))
        with self.session_of(by) as session:
            seen = session.get(User, self.people[to])
            try:
                issue.issue(session, [seen] if seen else [], None, self.now)
                session.commit()
            except PolicyError:
                seen = None
        assert (seen is not None) is may

    @rule(who=staff | guardians, child=students)
    def open_pages(self, who: int, child: int) -> None:
        """The same on the screen."""
        self.steps["open pages"] += 1
        school_panel.TODAY, school_panel.NOW = self.day, self.now
        user, model, is_here = db.session.get_one(User, self.people[who]), self.model, who not in self.model.inactive
        diary = self.panel.get(user, f"/diary/{self.children[child]}/timetable/").status_code == 200
        assert diary is (is_here and child in model.children(who))
        card = self.panel.get(user, f"/admin/student/details/?id={self.children[child]}").status_code == 200
        assert card is (is_here and child in model.sees_students(who, self.day))
        for number, one in enumerate(model.held[-2:], start=max(0, len(model.held) - 2)):
            page = self.panel.get(user, f"/admin/journal/{one.row}/state").status_code == 200
            assert page is (is_here and number in model.opens_journals(who, self.day))

    @invariant()
    def everybody_reads_what_is_theirs(self) -> None:
        if not hasattr(self, "model"):
            return
        model, day = self.model, self.day
        for who in range(len(self.people)):
            expected = [model.sees_students, model.sees_details, model.sees_journals, model.writes_lessons]
            mine = [set[int]() if who in model.inactive else ask(who, day) for ask in expected]
            assert self.found(who) == mine

    def found(self, who: int) -> list[set[int]]:
        """The same, asked of the policy."""
        journals = [one.row for one in self.model.held]
        with self.session_of(who) as session:
            return [
                {self.children.index(number) for number in session.scalars(select(Student.id))},
                {self.children.index(number) for number in session.scalars(select(StudentDetails.student_id))},
                {journals.index(number) for number in session.scalars(select(TeachingAssignment.id))},
                {
                    self.lessons.index(number)
                    for number in policy.allowed(session, Lesson, Action.CHANGE, self.lessons)
                },
            ]  # fmt: skip

    @property
    def now(self) -> datetime:
        return NOW + (self.day - TODAY)

    @contextmanager
    def session_of(self, who: int) -> Iterator[Session]:
        db.session.commit()
        with policy.system() as facts:
            actor = policy.load_actor(facts, self.people[who], self.day, self.now)
        with Session(db.engine) as session:
            policy.act_as(session, actor)
            yield session


def test_whoever_opens_something_is_who_should(
    app: Flask, panel: Panel, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    monkeypatch.setattr(school_panel, "TODAY", TODAY)
    monkeypatch.setattr(school_panel, "NOW", NOW)
    steps = Counter[str]()

    def emptied() -> None:
        db.session.rollback()
        db.session.expunge_all()
        for table in reversed(db.metadata.sorted_tables):
            db.session.connection().execute(table.delete())
        db.session.commit()

    machine = type("Machine", (Access,), {"panel": panel, "emptied": staticmethod(emptied), "steps": steps})
    few = settings(
        max_examples=int(os.environ.get("MACHINE_EXAMPLES", "2")), stateful_step_count=15, deadline=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=few)
    record_property("access machine: steps", steps.total())
