"""How parents used the diary in a term: of how many students they have access, looked in, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.models import Account, DiaryVisit, Enrollment, Guardianship, SchoolClass, User
from app.reports.adding import Sums, added, percent
from app.reports.document import Column, Kind, Table, Total
from app.reports.presence import monday
from app.reports.roster import Days, Spell


@dataclass(frozen=True)
class Use(Sums):
    """Of ``students``, those with a parent ``known``, with access that was taken up (``active``), whose parents
    ``came`` in the days; and all ``visits`` of parents."""

    students: int = 0
    known: int = 0
    active: int = 0
    came: int = 0
    visits: int = 0

    def cells(self) -> list[Any]:
        """The cells of a row under ``columns``."""
        return [
            self.students, self.known, self.active, percent(self.active, self.students),
            self.came, percent(self.came, self.students), self.visits,
        ]  # fmt: skip


def read_use(session: Session, enrolled: Iterable[Spell], days: Days) -> dict[int, Use]:
    """By class, of the students who are in it on the last of the days; two statements."""
    here = {spell.student_id: spell.class_id for spell in enrolled if spell.covers(days[1])}
    classes = set(here.values())
    of_classes = Guardianship.student_id.in_(
        select(Enrollment.student_id).where(Enrollment.school_class_id.in_(classes))
    )
    # Who is staff has the access of staff, which is not this person's to see.
    active = or_(User.is_staff, Account.password_hash.is_not(None))
    parents = session.execute(
        select(Guardianship.student_id, func.count(), func.count().filter(and_(User.is_active, active)))
        .join(Guardianship.user)
        .outerjoin(User.account)
        .where(of_classes)
        .group_by(Guardianship.student_id)
    )
    known = {student: (number, with_access) for student, number, with_access in parents}
    came = session.execute(
        select(DiaryVisit.student_id, func.sum(DiaryVisit.visits))
        .join(Guardianship, and_(Guardianship.user_id == DiaryVisit.user_id,
                                 Guardianship.student_id == DiaryVisit.student_id))
        .where(of_classes, DiaryVisit.week.between(monday(days[0]), days[1]))
        .group_by(DiaryVisit.student_id)
    )  # fmt: skip
    visits = {student: int(number) for student, number in came}
    return added((class_id, _of_student(known.get(student), visits.get(student, 0)))
                 for student, class_id in here.items())  # fmt: skip


def _of_student(parents: tuple[int, int] | None, visits: int) -> Use:
    known, active = parents or (0, 0)
    return Use(1, int(known > 0), int(active > 0), int(visits > 0), visits)


def columns() -> list[Column]:
    """Students, with a parent known, with access, who came, visits."""
    students, parents = gettext("Students"), gettext("of them with parents who")
    return [
        Column(students, Kind.WHOLE, "students", total=Total.SUM),
        Column(gettext("are known"), Kind.WHOLE, "known", parents, total=Total.SUM),
        Column(gettext("have access"), Kind.WHOLE, "active", parents, total=Total.SUM),
        Column("%", Kind.PERCENT, "active_percent", parents, total=Total.FORMULA, formula="100*{active}/{students}"),
        Column(gettext("looked into the diary"), Kind.WHOLE, "came", parents, total=Total.SUM),
        Column("%", Kind.PERCENT, "came_percent", parents, total=Total.FORMULA, formula="100*{came}/{students}"),
        Column(gettext("Visits of parents"), Kind.WHOLE, "visits", total=Total.SUM),
    ]


def by_class(classes: Sequence[SchoolClass], found: Mapping[int, Use], total: str = "") -> Table:
    """A row for each class."""
    rows = [[str(each), *found[each.id].cells()] for each in classes if each.id in found]
    return Table([Column(gettext("Class")), *columns()], rows, gettext("Parents and the diary"), total)
