"""Lessons that the session's person has not written in time, and what each lacks: for home page and journals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app import policy
from app.clock import zone
from app.control.figures import Breach, open_cases, own_watch

LACKS: dict[str, Any] = {
    "topics": _("no topic"),
    "attendance": _("attendance not taken"),
    "homework": _("no homework"),
    "marks": _("no marks"),
    "forbidden": _("marks or homework where there must be none"),
}
"""What a lesson lacks, by the rule that is not kept."""


@dataclass(frozen=True)
class OpenLesson:
    """A lesson and what it lacks."""

    id: int
    assignment_id: int
    day: date
    number: int
    class_name: str
    subject: str
    lacks: Sequence[str]


def open_lessons(session: Session, actor: policy.Actor, keys: Collection[str] = tuple(LACKS)) -> list[OpenLesson]:
    """Lessons with open cases of the rules about lessons that are up to the person, the oldest first."""
    if not keys:
        return []
    of_lesson: dict[int, list[Breach]] = {}
    for breach in open_cases(session, own_watch(session, actor, zone()), [key for key in LACKS if key in keys]):
        if breach.lesson_id is not None:
            of_lesson.setdefault(breach.lesson_id, []).append(breach)
    return sorted((_lesson(some) for some in of_lesson.values()), key=lambda lesson: (lesson.day, lesson.number))


def _lesson(cases: Sequence[Breach]) -> OpenLesson:
    """One lesson of its cases; several works without marks are one lack."""
    case = cases[0]
    open_rules = {each.rule.key for each in cases}
    lacks = [str(text) for key, text in LACKS.items() if key in open_rules]
    return OpenLesson(
        case.lesson_id or 0, case.assignment_id or 0, case.day or date.min, case.lesson_number or 0, case.class_name,
        case.subject, lacks,
    )  # fmt: skip
