"""What a browser sends: edits as JSON, read into what they mean. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString, lazy_gettext

from app.journal.grid.letters import ATTENDANCE, FINAL
from app.models.journal import AttendanceStatus, FinalMarkKind, FinalMarkValue
from app.people.refusal import Refusal

MOST = 500
"""Edits in one request."""

LONGEST_KEY = 64
LARGEST = 2**53
LENGTHS = {"topic": 300, "homework": 10_000, "comment": 500, "note": 500, "reason": 200}

UNCLEAR = lazy_gettext("The journal does not understand this change. Reload the page and enter it again.")
NO_MARK = lazy_gettext("A mark is 1, 2, 3, 4 or 5.")
NO_ATTENDANCE = lazy_gettext("Attendance is Н (absent), У (good reason), Б (ill) or О (late).")
NO_FINAL = lazy_gettext("A final mark is 1 to 5, зач (passed), н/а (not assessed) or осв (exempt).")
TOO_LONG = lazy_gettext("The text is too long. Shorten it.")

TAKEN = "1"
"""The attendance of a lesson is taken; empty: it is not."""


@dataclass(frozen=True)
class Edit:
    """One change of one cell; ``version`` is the last that the browser knew, 0 for none."""

    key: str
    version: int

    @property
    def cell(self) -> tuple[Any, ...]:
        """What is changed; two edits of one cell are carried out one after the other."""
        return (self.key,)


@dataclass(frozen=True)
class MarkEdit(Edit):
    """A mark for a work; None clears it."""

    student_id: int
    work_id: int
    value: int | None

    @property
    def cell(self) -> tuple[Any, ...]:
        """A student's marks: which of them a first mark is, is known only when it is written."""
        return "marks", self.student_id


@dataclass(frozen=True)
class FirstMarkEdit(Edit):
    """A mark in a lesson: for its first work, which is made when there is none."""

    student_id: int
    lesson_id: int
    value: int

    @property
    def cell(self) -> tuple[Any, ...]:
        """A student's marks."""
        return "marks", self.student_id


@dataclass(frozen=True)
class CommentEdit(Edit):
    """What is said about a mark: to everybody who sees it, or to staff; None leaves it."""

    student_id: int
    work_id: int
    comment: str | None
    note: str | None

    @property
    def cell(self) -> tuple[Any, ...]:
        """A student's marks: which of them a first mark is, is known only when it is written."""
        return "marks", self.student_id


@dataclass(frozen=True)
class AttendanceEdit(Edit):
    """A student's attendance in a lesson; None: simply present."""

    student_id: int
    lesson_id: int
    status: AttendanceStatus | None

    @property
    def cell(self) -> tuple[Any, ...]:
        """The attendance of a student."""
        return "attendance", self.lesson_id, self.student_id


@dataclass(frozen=True)
class LessonEdit(Edit):
    """The topic or the homework of a lesson."""

    lesson_id: int
    field: str
    text: str

    @property
    def cell(self) -> tuple[Any, ...]:
        """The lesson: its words share one version."""
        return "lesson", self.lesson_id


@dataclass(frozen=True)
class RollCallEdit(Edit):
    """That the attendance of a lesson is taken (who is away is noted, or nobody is), or not."""

    lesson_id: int
    is_taken: bool

    @property
    def cell(self) -> tuple[Any, ...]:
        """The attendance of the lesson as a whole."""
        return "roll", self.lesson_id


@dataclass(frozen=True)
class FinalEdit(Edit):
    """A final mark of a kind, of a term where it is one; None clears it."""

    student_id: int
    kind: FinalMarkKind
    term_id: int | None
    value: FinalMarkValue | None
    reason: str

    @property
    def cell(self) -> tuple[Any, ...]:
        """The final mark of a student."""
        return "final", self.kind, self.term_id, self.student_id


def key_of(raw: Any) -> str:
    """The key of an edit as it was sent; empty when it has none that can be kept."""
    key = raw.get("key") if isinstance(raw, Mapping) else None
    return key if isinstance(key, str) and 0 < len(key) <= LONGEST_KEY and key.isprintable() else ""


def read(raw: Any) -> Edit:
    """What an edit means. Raises Refusal for one that means nothing."""
    key = key_of(raw)
    if not key:
        raise Refusal(UNCLEAR)
    common: dict[str, Any] = {"key": key, "version": _number(raw, "version", least=0)}
    if "final" in raw:
        return _final(raw, common)
    if "topic" in raw or "homework" in raw:
        field = "topic" if "topic" in raw else "homework"
        return LessonEdit(**common, lesson_id=_number(raw, "lesson"), field=field, text=_text(raw, field) or "")
    if "roll" in raw:
        taken = _one_of(raw["roll"], {TAKEN: True}, UNCLEAR)
        return RollCallEdit(**common, lesson_id=_number(raw, "lesson"), is_taken=bool(taken))
    common["student_id"] = _number(raw, "student")
    if "comment" in raw or "note" in raw:
        return CommentEdit(
            **common, work_id=_number(raw, "work"), comment=_text(raw, "comment"), note=_text(raw, "note")
        )
    if "work" in raw:
        return MarkEdit(**common, work_id=_number(raw, "work"), value=_mark(raw.get("value")))
    if "mark" in raw:
        value = _mark(raw["mark"])
        if value is None:
            raise Refusal(NO_MARK)
        return FirstMarkEdit(**common, lesson_id=_number(raw, "lesson"), value=value)
    letter = _one_of(raw.get("value"), ATTENDANCE, NO_ATTENDANCE)
    return AttendanceEdit(**common, lesson_id=_number(raw, "lesson"), status=letter)


def final_column(name: Any) -> tuple[FinalMarkKind, int | None]:
    """What a column of final marks holds: «term:3», «year», «exam», «final». Raises Refusal."""
    word, _, term = str(name).partition(":")
    try:
        kind = FinalMarkKind(word)  # type: ignore[call-arg]
    except ValueError:
        raise Refusal(UNCLEAR) from None
    if (kind is FinalMarkKind.TERM) is not (term.isascii() and term.isdecimal()) or len(term) > 9:
        raise Refusal(UNCLEAR)
    return kind, int(term) if term else None


def _final(raw: Mapping[str, Any], common: dict[str, Any]) -> FinalEdit:
    kind, term_id = final_column(raw["final"])
    return FinalEdit(
        **common,
        student_id=_number(raw, "student"),
        kind=kind,
        term_id=term_id,
        value=_one_of(raw.get("value"), FINAL, NO_FINAL),
        reason=_text(raw, "reason") or "",
    )


def _number(raw: Mapping[str, Any], name: str, least: int = 1) -> int:
    value = raw.get(name)
    most = LARGEST if name == "version" else 2**31 - 1
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refusal(UNCLEAR)
    return value


def _mark(value: Any) -> int | None:
    if value == "":
        return None
    if value in ("1", "2", "3", "4", "5"):
        return int(value)
    raise Refusal(NO_MARK)


def _one_of(value: Any, words: Mapping[str, Any], otherwise: LazyString) -> Any:
    if value == "":
        return None
    if not isinstance(value, str) or value not in words:
        raise Refusal(otherwise)
    return words[value]


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    """The text, its line ends unified; None where it is not sent."""
    if name not in raw:
        return None
    value = raw[name]
    if not isinstance(value, str) or "\0" in value:
        raise Refusal(UNCLEAR)
    try:
        value.encode()
    except UnicodeEncodeError:  # half a character, which no database takes
        raise Refusal(UNCLEAR) from None
    value = value.replace("\r\n", "\n").strip()
    if len(value) > LENGTHS[name]:
        raise Refusal(TOO_LONG)
    return value
