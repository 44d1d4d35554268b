"""What becomes of every column that holds words, in an anonymous copy. One that is not named here stops the copy.

Numbers, moments and days stay (marks, dates of lessons), but for birthdays.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from app.backup.values import Kind, Table


class Fate(Enum):
    """What becomes of a value that is not empty."""

    KEEP = auto()  # of a fixed list, or the school's order: subjects, classes, rooms
    NEUTRAL = auto()  # free text: other words of the same length
    TITLE = auto()  # the same, and ``search_name`` of the row follows it
    PERSON = auto()  # a part of a person's name or of what is known of them: ``invention`` makes it
    GROUP = auto()  # a name of a group, which may be a teacher's
    FILE = auto()  # the name of a file that people read; its end stays


KEEP, NEUTRAL, PERSON = Fate.KEEP, Fate.NEUTRAL, Fate.PERSON
NAMES = dict.fromkeys(("family_name", "given_name", "patronymic", "search_name", "sort_name"), PERSON)

EMPTIED = frozenset({
    "audit_record", "audit_seal", "backup_run", "calendar_feed", "correction", "credential", "data_access",
    "delivery", "edit_receipt", "erasure", "happening", "message", "message_file", "notification",
    "push_subscription", "recovery_code", "rule_count", "rule_touch", "second_factor", "sign_in", "student_import",
    "support_file", "support_reply", "support_request", "thread", "thread_member", "thread_report", "undoing",
    "user_session", "worker_pulse",
})  # fmt: skip
"""Tables of which no row goes along: what people did, told each other and hold in secret."""

WORDS: dict[str, dict[str, Fate]] = {
    "absence_note": {"status": KEEP, "state": KEEP, "reason": NEUTRAL, "answer": NEUTRAL},
    "academic_year": {"name": KEEP},
    "account": dict.fromkeys(("login", "password_hash", "email", "phone"), PERSON) | {"channel": KEEP, "locale": KEEP},
    "attendance": {"status": KEEP, "reason": NEUTRAL},
    "excused_period": {"reason": NEUTRAL},
    "final_mark": {"kind": KEEP, "value": KEEP, "reason": NEUTRAL},
    "guardianship": {"relation": KEEP},
    "holiday": {"name": KEEP},
    "homework_file": {"name": Fate.FILE, "stored": KEEP},
    "lesson": {"room": KEEP, "topic": NEUTRAL, "homework": NEUTRAL, "cancel_reason": NEUTRAL},
    "mark": {"comment": NEUTRAL},
    "news_item": {
        "title": Fate.TITLE, "search_name": Fate.TITLE, "body": NEUTRAL, "picture": KEEP, "audience": KEEP,
    },
    "notification_choice": {"kind": KEEP, "channel": KEEP, "timing": KEEP},
    "planned_topic": {"topic": NEUTRAL, "homework": NEUTRAL},
    "reminder": {"rule": KEEP},
    "rule_record": {"rule": KEEP},
    "rule_setting": {"rule": KEEP},
    "school_class": {"letter": KEEP, "search_name": KEEP, "term_kind": KEEP},
    "school_text": {"kind": KEEP, "body": NEUTRAL},
    "staff_note": {"text": NEUTRAL},
    "student": NAMES,
    "student_details": dict.fromkeys(("birth_date", "email", "phone", "address", "identity"), PERSON),
    "student_homework": {"text": NEUTRAL},
    "study_group": {"name": Fate.GROUP},
    "subject": {"name": KEEP, "search_name": KEEP},
    "term": {"kind": KEEP, "unlock_reason": NEUTRAL},
    "timetable_slot": {"room": KEEP},
    "user": NAMES,
    "work": {"kind": KEEP, "title": NEUTRAL},
    "year_change": {"made": KEEP, "ended": KEEP},  # numbers of rows
}  # fmt: skip


def undeclared(tables: Iterable[Table]) -> list[str]:
    """Columns with words («table.column») of which nobody has said what becomes of them."""
    return [
        f"{table.name}.{column}"
        for table in tables
        if table.name not in EMPTIED
        for column, kind in table.columns.items()
        if kind in (Kind.TEXT, Kind.JSON, Kind.BYTES) and column not in WORDS.get(table.name, {})
    ]
