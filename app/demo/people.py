"""Rows of everybody in the demo school, with their access."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from random import Random

from app.demo.access import STAFF_STORIES, STORIES, AccessWriter, stories
from app.demo.cast import Cast
from app.demo.names import adult
from app.demo.population import Child, Population
from app.demo.rows import Rows
from app.demo.sign_ins import CLASS_TEACHER, DEPUTY, GUARDIAN, STUDENT, TEACHER
from app.demo.sizes import ClassPlan
from app.demo.staff import Teacher


@dataclass
class People:
    """Writes people, each of ``cast`` with a sign-in of the demo."""

    rows: Rows
    access: AccessWriter
    cast: Cast
    random: Random
    deputy_id: int = 0
    _batches: dict[ClassPlan, uuid.UUID] = field(default_factory=dict)

    def write_deputies(self) -> None:
        """Two deputy directors; the first of them can sign in."""
        names = [adult(self.random, is_female=True) for _ in range(2)]
        ids = [self.rows.user(name, is_staff=True, is_deputy=True) for name in names]
        self.deputy_id = ids[0]
        self.access.write_sign_in(ids[0], DEPUTY, self.access.contacts(names[0], True, True))
        contacts = self.access.contacts(names[1], True, True)
        self.access.write(ids[1], names[1], contacts, STAFF_STORIES[0], ids[0], self.access.batch())

    def write_staff(self, staff: list[list[Teacher]], teaching: set[int]) -> None:
        """Teachers by post; those whose post is not among ``teaching`` have left."""
        told = stories(STAFF_STORIES, self.random)
        sign_ins = {self.cast.class_teacher: CLASS_TEACHER, self.cast.teacher: TEACHER}
        batch = self.access.batch()
        for post, teachers in enumerate(staff):
            for teacher in teachers:
                teacher.user_id = self.rows.user(teacher.name, is_staff=True, is_active=post in teaching)
                contacts = self.access.contacts(teacher.name, True, True)
                if teacher in sign_ins:
                    teacher.unfilled_days = 4
                    self.access.write_sign_in(teacher.user_id, sign_ins[teacher], contacts)
                else:
                    self.access.write(teacher.user_id, teacher.name, contacts, next(told), self.deputy_id, batch)

    def write_families(self, population: Population, year: int, issuers: dict[ClassPlan, Teacher]) -> None:
        """Students and guardians; guardians without a child in a class of ``year`` have left.

        Guardians get their access from the class teacher, ``issuers``, of the first child.
        """
        classes = {
            place.child: plan
            for plan, places in population.places.items()
            if plan.year == year
            for place in places
            if place.left is None
        }
        told = stories(STORIES, self.random)
        for family in population.families:
            for child in family.children:
                self.rows.student(child, self._write_student_sign_in(child))
            plan = next((classes[child] for child in family.children if child in classes), None)
            for guardian in family.guardians:
                guardian.user_id = self.rows.user(guardian.name, is_active=plan is not None)
                for child in family.children:
                    self.rows.guardianship(guardian, child)
                if family is self.cast.family and guardian is family.guardians[0]:
                    contacts = self.access.contacts(guardian.name, True, True)
                    self.access.write_sign_in(guardian.user_id, GUARDIAN, contacts)
                    continue
                contacts = self.access.contacts(guardian.name, self.random.random() < 0.9, self.random.random() < 0.5)
                issuer = issuers[plan].user_id if plan else self.deputy_id
                batch = self._batches.setdefault(plan, self.access.batch()) if plan else self.access.batch()
                self.access.write(guardian.user_id, guardian.name, contacts, next(told), issuer, batch)
            self.rows.writer.flush_if_full()

    def _write_student_sign_in(self, child: Child) -> int | None:
        """The one student of the demo who can sign in; nobody else has access of their own yet."""
        if child.family is not self.cast.family or child is not self.cast.student:
            return None
        user_id = self.rows.user(child.name)
        contacts = self.access.contacts(child.name, False, False)
        self.access.write_sign_in(user_id, STUDENT, contacts, is_introduced=False)
        return user_id
