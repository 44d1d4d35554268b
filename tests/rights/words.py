"""Which words of the world give a row away, and which of them a page must not show to a person."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import load_workbook

from app import models as m
from tests.rights.table import Rights

TELLING: dict[Any, tuple[str, ...]] = {
    m.User: ("family_name",),
    m.Account: ("login", "email", "phone"),
    m.Student: ("family_name",),
    m.StudentDetails: ("email", "phone", "address"),
    m.StudyGroup: ("name",),
    m.Lesson: ("topic", "homework"),
    m.Work: ("title",),
    m.Mark: ("comment",),
    m.Attendance: ("reason",),
    m.StaffNote: ("text",),
    m.StudentHomework: ("text",),
    m.HomeworkFile: ("name", "stored"),
    m.PlannedTopic: ("topic",),
    m.NewsItem: ("title", "body"),
    m.Thread: ("subject",),
    m.Message: ("body",),
    m.MessageFile: ("name", "stored"),
    m.ThreadReport: ("reason", "outcome"),
    m.AbsenceNote: ("reason", "answer"),
    m.Correction: ("was", "value"),
    m.SupportRequest: ("body",),
    m.SupportReply: ("body",),
    m.SupportFile: ("name", "stored"),
    m.ExcusedPeriod: ("reason",),
    m.UserSession: ("address",),
    m.StudentImport: ("file_name",),
    m.DataAccess: ("address",),
    m.Erasure: ("reason",),
}
SECRETS = ("hash-of-", "code-of-", "token-of-", "account-of-", "endpoint-of-")


def forbidden(rights: Rights, who: str, rows: Iterable[Any]) -> set[str]:
    """Words that no page may show to the person."""
    seen, unseen = set[str](), set(SECRETS)
    for row in rows:
        words = {str(value) for name in TELLING.get(type(row), ()) if (value := getattr(row, name))}
        words |= {spoken(word) for word in words if word.startswith("+7")}
        if type(row) is m.SchoolClass:
            words = {str(row)}
        (seen if rights.sees(who, row) else unseen).update(words)
    return unseen - seen


def spoken(number: str) -> str:
    """«+7 900 111-00-03»."""
    return f"{number[:2]} {number[2:5]} {number[5:8]}-{number[8:10]}-{number[10:]}"


def text_of(answer: Any) -> str:
    """What an answer says: the page, or the cells of a spreadsheet."""
    if "spreadsheetml" in (answer.mimetype or ""):
        sheet = load_workbook(io.BytesIO(answer.data), read_only=True).worksheets[0]
        return "\n".join(str(value) for row in sheet.iter_rows(values_only=True) for value in row if value is not None)
    return str(answer.get_data(as_text=True))
