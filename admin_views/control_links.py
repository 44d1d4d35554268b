"""Where a breach is mended: the lesson, the journal, the sheet of final marks, the student, the access."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext

from admin_views.base import SchoolPage, acting
from app import policy
from app.control.figures import Breach
from app.models import NewsItem, StudentDetails
from app.policy import Action

Link = tuple[str, str]
"""What it is called, and its address."""
IN_JOURNAL = ("marks", "enough")


def links(view: SchoolPage, breach: Breach) -> list[Link]:
    """The ways to the cell that are open to the person, the nearest first."""
    return [(name, address) for endpoint, name, address in _all(breach) if _opens(view, endpoint)]


def _opens(view: SchoolPage, endpoint: str) -> bool:
    target = next((each for each in view.admin._views if each.endpoint == endpoint), None)
    return target is not None and target.is_accessible()


def _all(breach: Breach) -> Iterator[tuple[str, str, str]]:
    key = breach.rule.key
    if breach.lesson_id is not None:
        ways = [
            ("lessoncard", gettext("Lesson"), url_for("lessoncard.card", number=breach.lesson_id)),
            ("journal", gettext("Journal"), url_for("journal.grid", assignment_id=breach.assignment_id,
                                                    day=breach.day)),
        ]  # fmt: skip
        yield from reversed(ways) if key in IN_JOURNAL else ways
    elif key == "finals":
        sheet = url_for("sheet.show", class_id=breach.class_id, term=breach.term_id)
        yield "sheet", gettext("Class sheet"), sheet
    elif key == "enough":
        grid = url_for("journal.grid", assignment_id=breach.assignment_id, term=breach.term_id)
        yield "journal", gettext("Journal"), grid
    elif key == "news":
        if policy.may(acting(), NewsItem, Action.CREATE):
            yield "newsitem", gettext("Write news"), url_for("newsitem.create_view")
    elif breach.student_id is not None:
        yield from _of_student(breach)
    elif key == "staff":
        yield "access", gettext("Give access"), url_for("access.index", who="staff")


def _of_student(breach: Breach) -> Iterator[tuple[str, str, str]]:
    key, student = breach.rule.key, breach.student_id
    if key == "data" and policy.may(acting(), StudentDetails, Action.CHANGE):
        yield "student", gettext("Fill in"), url_for("student.edit_view", id=student)
    if key == "guardians" and breach.class_id is not None:
        yield "access", gettext("Give access"), url_for("access.index", who=breach.class_id)
    yield "student", gettext("Student"), url_for("student.details_view", id=student)
