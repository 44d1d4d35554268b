"""How a person finds rows by typing: names in any case, ё or е, phones in any format, classes, dates.

``MATCH`` says for each model which rows one typed word fits. The same words work in a list's search
box and in the look-ups of a form; what the person may not see is taken out by the policy.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from flask_admin.model.ajax import AjaxModelLoader
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import joinedload

from app import models, policy
from app.collation import search_key
from app.extensions import Base, db
from app.imports.values import ValueProblem, class_name
from app.models import (
    Account,
    AuditRecord,
    Credential,
    Delivery,
    Lesson,
    Mark,
    NewsItem,
    SchoolClass,
    Student,
    StudentDetails,
    StudyGroup,
    Subject,
    TeachingAssignment,
    User,
    Work,
)
from app.people.placement import lasting

Match = Callable[[str], ColumnElement[bool]]
MAX_WORDS = 6
LOOKUP_ROWS = 20


def terms(typed: str) -> list[str]:
    """The words of what was typed; a phone number is one word however it is written, and so is «5 а»."""
    typed = search_key(typed.replace("\x00", "")[:200])
    typed = re.sub(r"(?<!\S)(\d{1,2})[\s\"«-]{1,2}([^\W\d_])[\"»]?(?!\S)", r"\1\2", typed)
    typed = re.sub(r"(?<!\S)[+(]?\d[\d\s()-]{3,}\d\)?(?!\S)", _one_number, typed)
    return typed.split()[:MAX_WORDS]


def _one_number(found: re.Match[str]) -> str:
    """«8 (912) 345-67-89» without the signs between; a day stays as it is."""
    return found[0] if _day(found[0]) else re.sub(r"\D", "", found[0])


def rows_matching(model: type[Any], typed: str) -> list[ColumnElement[bool]]:
    """Criteria, all of which a row of ``model`` has to meet."""
    return [MATCH[model](word) for word in terms(typed)]


def _named(model: Any) -> Match:
    return lambda word: model.search_name.contains(word, autoescape=True)


def _phone(column: Any, word: str) -> ColumnElement[bool]:
    """Digits of a number, kept as +79123456789; a first 8 is the trunk prefix in place of the country code."""
    if not re.fullmatch(r"\+?\d{4,15}", word):
        return false()
    digits = word.lstrip("+")
    anywhere: ColumnElement[bool] = column.contains(digits)
    return or_(anywhere, column.startswith(f"+7{digits[1:]}")) if digits[0] == "8" else anywhere


def _is_of_address(word: str) -> bool:
    """Whether a login, a phone or an e-mail address can hold the word: a name in Cyrillic letters is not looked for
    in the addresses of thousands."""
    return bool(re.search(r"[a-z0-9@.]", word))


def _address(model: Any, word: str) -> ColumnElement[bool]:
    return or_(_phone(model.phone, word), model.email.contains(word, autoescape=True))


def _person(word: str) -> ColumnElement[bool]:
    if not _is_of_address(word):
        return _named(User)(word)
    login = Account.login.contains(word, autoescape=True)
    return or_(_named(User)(word), User.account.has(or_(login, _address(Account, word))))


def _student(word: str) -> ColumnElement[bool]:
    """By name, own or a parent's phone or e-mail, or the class they are in today."""
    found = [_named(Student)(word)]
    if _is_of_address(word):
        guardian = models.Guardianship.user.has(User.account.has(_address(Account, word)))
        found += [Student.details.has(_address(StudentDetails, word)), Student.guardianships.any(guardian)]
    school_class = _class_named(word)
    if school_class is not None:
        actor = policy.actor_of(db.session())
        now = [lasting(models.Enrollment, actor.today)] if isinstance(actor, policy.Actor) else []
        found.append(Student.enrollments.any(and_(models.Enrollment.school_class.has(school_class), *now)))
    return or_(*found)


def _class_named(word: str) -> ColumnElement[bool] | None:
    """Classes that «5а» or «5-А» can mean, all of a grade for «5»; None for a word that names no class."""
    try:
        name = class_name(word)
    except ValueProblem:
        return None
    grade = SchoolClass.grade == name.grade
    return and_(grade, SchoolClass.letter == name.letter) if name.letter else grade


def _study_group(word: str) -> ColumnElement[bool]:
    name = StudyGroup.name.contains(word, autoescape=True)
    return or_(StudyGroup.school_class.has(SchoolClass.search_name == word), name)


def _assignment(word: str) -> ColumnElement[bool]:
    return or_(
        TeachingAssignment.subject.has(_named(Subject)(word)),
        TeachingAssignment.study_group.has(_study_group(word)),
        TeachingAssignment.teacher.has(_named(User)(word)),
    )


def _day(word: str) -> date | None:
    """«12.10.2026», «12.10» (of this school year's calendar year is unknown: see _on_day) or «2026-10-12»."""
    for pattern, order in ((r"(\d{1,2})\.(\d{1,2})\.(\d{4})", (2, 1, 0)), (r"(\d{4})-(\d{2})-(\d{2})", (0, 1, 2))):
        if found := re.fullmatch(pattern, word):
            try:
                return date(*(int(found.groups()[place]) for place in order))
            except ValueError:
                return None
    return None


def _on_day(column: Any, word: str) -> ColumnElement[bool]:
    day = _day(word)
    return column == day if day else false()


def _lesson(word: str) -> ColumnElement[bool]:
    return or_(_on_day(Lesson.date, word), Lesson.assignment.has(_assignment(word)))


def _of_student_or_lesson(model: Any) -> Match:
    return lambda word: or_(model.student.has(_named(Student)(word)), model.lesson.has(_lesson(word)))


MATCH: dict[type[Base], Match] = {
    User: _person,
    Student: _student,
    SchoolClass: _named(SchoolClass),
    StudyGroup: _study_group,
    Subject: _named(Subject),
    TeachingAssignment: _assignment,
    models.TimetableSlot: lambda word: models.TimetableSlot.assignment.has(_assignment(word)),
    models.Guardianship: lambda word: or_(
        models.Guardianship.user.has(_person(word)), models.Guardianship.student.has(_student(word))
    ),
    models.Enrollment: lambda word: or_(
        models.Enrollment.student.has(_named(Student)(word)),
        models.Enrollment.school_class.has(SchoolClass.search_name == word),
    ),
    models.StudyGroupMember: lambda word: or_(
        models.StudyGroupMember.student.has(_named(Student)(word)),
        models.StudyGroupMember.study_group.has(_study_group(word)),
    ),
    Lesson: _lesson,
    Work: lambda word: Work.lesson.has(_lesson(word)),
    Mark: lambda word: or_(Mark.student.has(_named(Student)(word)), Mark.work.has(Work.lesson.has(_lesson(word)))),
    models.Attendance: _of_student_or_lesson(models.Attendance),
    models.FinalMark: lambda word: or_(
        models.FinalMark.student.has(_named(Student)(word)), models.FinalMark.subject.has(_named(Subject)(word))
    ),
    NewsItem: _named(NewsItem),
    Credential: lambda word: Credential.user.has(_person(word)),
    Delivery: lambda word: Delivery.user.has(_person(word)),
    AuditRecord: lambda word: or_(
        AuditRecord.actor_id.in_(select(User.id).where(_named(User)(word))),
        AuditRecord.user_id.in_(select(User.id).where(_named(User)(word))),
        AuditRecord.student_id.in_(select(Student.id).where(_named(Student)(word))),
    ),
}

# What a look-up needs to write a row as text without asking for each.
SPELLED: dict[type[Base], tuple[Any, ...]] = {
    TeachingAssignment: (
        joinedload(TeachingAssignment.subject),
        joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
    ),
    StudyGroup: (joinedload(StudyGroup.school_class),),
    Lesson: (
        joinedload(Lesson.assignment).joinedload(TeachingAssignment.subject),
        joinedload(Lesson.assignment).joinedload(TeachingAssignment.study_group).joinedload(StudyGroup.school_class),
    ),
    models.Term: (joinedload(models.Term.academic_year),),
    SchoolClass: (joinedload(SchoolClass.academic_year),),
}
# What tells rows apart that are called the same.
SHOWN_AS: dict[type[Base], Callable[[Any], str]] = {
    SchoolClass: lambda row: f"{row} · {row.academic_year}",
}
ORDER: dict[type[Base], tuple[Any, ...]] = {
    User: (User.sort_name,),
    Student: (Student.sort_name,),
    SchoolClass: (SchoolClass.academic_year_id.desc(), SchoolClass.grade, SchoolClass.letter),
    Subject: (Subject.name,),
    Lesson: (Lesson.date.desc(), Lesson.number),
    models.AcademicYear: (models.AcademicYear.starts_on.desc(),),
    models.Term: (models.Term.starts_on.desc(),),
}


class Lookup(AjaxModelLoader):
    """The options of a relation field, asked for as one types; only rows the person may see."""

    def __init__(
        self, name: str, model: type[Any], where: Callable[[], Any] | None = None,
        shown: Callable[[Any], str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, {"minimum_input_length": 0, "placeholder": ""})
        self.model, self.where, self.shown = model, where, shown or SHOWN_AS.get(model, str)

    def first(self, most: int) -> list[tuple[str, str]]:
        """The first rows with their text, all of them where there are no more."""
        rows = db.session.scalars(self._rows().order_by(*ORDER.get(self.model, ()), self.model.id).limit(most))
        return [(str(row.id), self.shown(row)) for row in rows]

    def _rows(self) -> Any:
        rows = select(self.model).options(*SPELLED.get(self.model, ()))
        return rows if self.where is None else rows.where(self.where())

    def format(self, row: Any) -> tuple[int, str] | None:
        """What stands in the list: the row's number and its text."""
        return (row.id, self.shown(row)) if row is not None else None

    def get_one(self, pk: Any) -> Any:
        """The row with the posted number; None for one that is unknown or not to be seen."""
        if not re.fullmatch(r"[1-9]\d{0,8}", str(pk), re.ASCII):
            return None
        with db.session.no_autoflush:
            return db.session.scalars(self._rows().where(self.model.id == int(pk))).one_or_none()

    def get_list(self, query: str | None, offset: int = 0, limit: int = LOOKUP_ROWS) -> list[Any]:
        """At most ``LOOKUP_ROWS`` rows that fit ``query``."""
        options = self._rows()
        if query and self.model in MATCH:
            options = options.where(*rows_matching(self.model, query))
        options = options.order_by(*ORDER.get(self.model, ()), self.model.id)
        start = min(max(offset or 0, 0), 10_000)
        rows = db.session.scalars(options.offset(start).limit(LOOKUP_ROWS))
        return list(rows)
