"""Rows of people, years, classes and courses; what ORM events keep elsewhere is written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from app.demo.courses import ClassYear, Course
from app.demo.load import Writer
from app.demo.names import Name, keys
from app.demo.population import Child, Guardian, Place
from app.demo.sizes import LETTERS, ClassPlan, Size
from app.demo.staff import Teacher, Week
from app.demo.subjects import CRAFTS, SPLIT, SUBJECTS, SubjectPlan, subjects_of
from app.demo.years import BELLS, YearPlan
from app.journal.calendar import Slot
from app.models import (
    AcademicYear,
    BellTime,
    Enrollment,
    Guardianship,
    Holiday,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    Term,
    TimetableSlot,
    User,
)
from app.models.people import TermKind

ENTERED = timedelta(80)  # before today, when people were entered

STREETS = ("Лесная", "Садовая", "Школьная", "Зелёная", "Солнечная", "Речная", "Новая", "Молодёжная", "Полевая")


@dataclass
class Rows:
    """Writes rows and remembers the keys that others refer to; ``now`` is when all of it was written."""

    writer: Writer
    now: datetime
    random: Random
    subject_ids: dict[str, int] = field(default_factory=dict)
    year_ids: dict[int, int] = field(default_factory=dict)
    term_ids: dict[tuple[int, TermKind], list[int]] = field(default_factory=dict)

    def curriculum(self, years: list[YearPlan]) -> None:
        """Bells, subjects, years with their terms and holidays; terms over for more than a week are locked."""
        for number, starts, ends in BELLS:
            self.writer.add(BellTime, number=number, starts_at=starts, ends_at=ends)
        for name in dict.fromkeys(subject.name for subject in SUBJECTS):
            self.subject_ids[name] = self.writer.add(Subject, name=name)
        for year in years:
            year_id = self.writer.add(AcademicYear, name=year.name, starts_on=year.days.first, ends_on=year.days.last)
            self.year_ids[year.begins] = year_id
            for term in year.terms:
                term_id = self.writer.add(
                    Term,
                    academic_year_id=year_id,
                    kind=term.kind,
                    number=term.number,
                    starts_on=term.days.first,
                    ends_on=term.days.last,
                    is_locked=(self.now.date() - term.days.last).days > 7,
                )
                self.term_ids.setdefault((year.begins, term.kind), []).append(term_id)
            for name, days in year.holidays:
                self.writer.add(Holiday, academic_year_id=year_id, name=name, starts_on=days.first, ends_on=days.last)

    def user(self, name: Name, is_staff: bool = False, is_deputy: bool = False, is_active: bool = True) -> int:
        """Somebody the journal knows; the account is written apart."""
        search, sort = keys(name)
        return self.writer.add(
            User,
            family_name=name.family,
            given_name=name.given,
            patronymic=name.patronymic,
            search_name=search,
            sort_name=sort,
            is_staff=is_staff,
            is_deputy_director=is_deputy,
            is_active=is_active,
            created_at=self.now - ENTERED,
        )

    def student(self, child: Child, user_id: int | None = None) -> None:
        """A student with details, some of which are missing, as in every school; ``user_id`` is their own access."""
        search, sort = keys(child.name)
        child.student_id = self.writer.add(
            Student,
            user_id=user_id,
            family_name=child.name.family,
            given_name=child.name.given,
            patronymic=child.name.patronymic,
            search_name=search,
            sort_name=sort,
            created_at=self.now - ENTERED,
        )
        street, house, flat = self.random.choice(STREETS), self.random.randrange(1, 60), self.random.randrange(1, 120)
        born = child.born if self.random.random() > 0.02 else None
        self.writer.add(
            StudentDetails,
            student_id=child.student_id,
            birth_date=born,
            identity=f"{sort}|{born.isoformat()}" if born else None,
            email=None,
            phone=None,
            address=f"ул. {street}, д. {house}, кв. {flat}" if self.random.random() > 0.06 else None,
        )

    def guardianship(self, guardian: Guardian, child: Child) -> None:
        """A child of a guardian."""
        self.writer.add(Guardianship, user_id=guardian.user_id, student_id=child.student_id, relation=guardian.relation)

    def class_year(
        self, plan: ClassPlan, size: Size, year: YearPlan, places: list[Place], week: Week, staff: list[list[Teacher]]
    ) -> tuple[int, ClassYear]:
        """A class, its students, groups, courses and timetable; the key of the class with it."""
        is_current = plan.year == max(self.year_ids)
        kind = TermKind.HALF_YEAR if plan.grade >= 10 else TermKind.QUARTER
        ends_on = None if is_current else year.days.last
        class_id = self.writer.add(
            SchoolClass,
            academic_year_id=self.year_ids[plan.year],
            grade=plan.grade,
            letter=LETTERS[plan.index] + (str(plan.building + 1) if size.buildings > 1 else ""),
            term_kind=kind,
            class_teacher_id=staff[week.leader][0].user_id,
        )
        for place in places:
            self.writer.add(
                Enrollment,
                student_id=place.child.student_id,
                school_class_id=class_id,
                starts_on=place.came,
                ends_on=place.left or ends_on,
            )
        groups = self._groups(class_id, plan.grade, places, ends_on)
        courses = [
            course
            for subject in subjects_of(plan.grade)
            for course in self._courses(subject, week, staff[week.posts[subject.name]], groups, year, ends_on)
        ]
        term_ids = self.term_ids[plan.year, kind]
        return class_id, ClassYear(plan, year, self.year_ids[plan.year], term_ids, places, courses)

    def _groups(
        self, class_id: int, grade: int, places: list[Place], ends_on: date | None
    ) -> dict[str, list[tuple[int, list[Place]]]]:
        """The whole class under "", and the halves of each specialty that teaches halves."""
        whole = self.writer.add(StudyGroup, school_class_id=class_id, is_whole_class=True, name="")
        groups = {"": [(whole, places)]}
        taught = {subject.specialty for subject in subjects_of(grade)}
        for specialty, names in SPLIT.items():
            if specialty not in taught:
                continue
            ordered = sorted(places, key=lambda place: keys(place.child.name)[1])
            halves = (
                ([p for p in ordered if not p.child.is_female], [p for p in ordered if p.child.is_female])
                if specialty == CRAFTS
                else (ordered[: (len(ordered) + 1) // 2], ordered[(len(ordered) + 1) // 2 :])
            )
            groups[specialty] = []
            for name, half in zip(names, halves, strict=True):
                group = self.writer.add(StudyGroup, school_class_id=class_id, is_whole_class=False, name=name)
                groups[specialty].append((group, half))
                for place in half:
                    self.writer.add(
                        StudyGroupMember,
                        study_group_id=group,
                        student_id=place.child.student_id,
                        starts_on=place.came,
                        ends_on=place.left or ends_on,
                    )
        return groups

    def _courses(
        self,
        subject: SubjectPlan,
        week: Week,
        teachers: list[Teacher],
        groups: dict[str, list[tuple[int, list[Place]]]],
        year: YearPlan,
        ends_on: date | None,
    ) -> Iterator[Course]:
        for teacher, (group, places) in zip(teachers, groups.get(subject.specialty, groups[""]), strict=True):
            assignment_id = self.writer.add(
                TeachingAssignment,
                teacher_id=teacher.user_id,
                subject_id=self.subject_ids[subject.name],
                study_group_id=group,
                starts_on=year.days.first,
                ends_on=ends_on,
            )
            slots = [
                Slot(assignment_id, day, number, teacher.room, year.days)
                for (day, number), hour in sorted(week.hours.items())
                if hour.subject == subject.name
            ]
            for slot in slots:
                self.writer.add(
                    TimetableSlot,
                    teaching_assignment_id=assignment_id,
                    weekday=slot.weekday,
                    number=slot.number,
                    room=slot.room,
                    valid_from=year.days.first,
                    valid_until=ends_on,
                )
            yield Course(assignment_id, teacher, subject, self.subject_ids[subject.name], places, slots)
