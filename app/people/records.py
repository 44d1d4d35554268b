"""Whether a student can be deleted: only one who was entered by mistake and has no records."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Attendance, FinalMark, Mark, Student
from app.people.refusal import Refusal


def refuse_with_records(session: Session, student: Student) -> None:
    """Raise Refusal for a student who has marks or attendance: whoever leaves stays in the records."""

    def count(model: type[Mark | Attendance | FinalMark]) -> int:
        return session.scalar(select(func.count()).select_from(model).where(model.student_id == student.id)) or 0

    marks, absences, finals = count(Mark), count(Attendance), count(FinalMark)
    held = [
        *([ngettext("%(num)s mark", "%(num)s marks", marks)] if marks else []),
        *([ngettext("%(num)s attendance record", "%(num)s attendance records", absences)] if absences else []),
        *([ngettext("%(num)s final mark", "%(num)s final marks", finals)] if finals else []),
    ]
    if held:
        raise Refusal(
            lazy_gettext(
                "%(name)s has records (%(held)s) and stays. Deleting is for entries made by mistake; for a student who "
                "left choose «%(leave)s» on the student's page.",
                name=str(student), held=", ".join(held), leave=gettext("Left the school"),
            )
        )  # fmt: skip
