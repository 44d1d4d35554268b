"""The school's regulation: what is refused on every path, whoever writes.

``rules.py`` is the table of rules and asks them around every flush; the other files hold their SQL by
what they are about, ``messages.py`` what people read.
"""

from app.regulation.lessons import MARKS_WITHIN, in_group_that_day, without_marks
from app.regulation.messages import (
    LAST_DEPUTY,
    LOCKED,
    NEEDS_REASON,
    NO_MARKS,
    NOT_IN_CLASS,
    NOT_IN_GROUP,
    OPENED_WITHOUT_REASON,
    OTHER_JOURNAL,
    OVERLAP,
)
from app.regulation.rules import RULES, RegulationError, check_after, check_before

__all__ = [
    "LAST_DEPUTY", "LOCKED", "MARKS_WITHIN", "NEEDS_REASON", "NOT_IN_CLASS", "NOT_IN_GROUP", "NO_MARKS",
    "OPENED_WITHOUT_REASON", "OTHER_JOURNAL", "OVERLAP", "RULES", "RegulationError", "check_after", "check_before",
    "in_group_that_day", "without_marks",
]  # fmt: skip
