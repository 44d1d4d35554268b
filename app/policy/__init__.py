"""Who sees and changes which rows: one table, two listeners, no way around them.

``table.py`` says for each model what a person may do with which rows; ``scopes.py`` holds the SQL it
is written in; ``enforcement.py`` narrows every read and checks every write with the same SQL.

A session without an actor sees nothing and writes nothing.
"""

from app.policy.actor import SYSTEM, Actor
from app.policy.correspondence import (
    addressed_students,
    announced_groups,
    correspondents,
    entered_threads,
    guardians_in,
    guardians_of,
    written_threads,
)
from app.policy.enforcement import (
    PolicyError,
    Reported,
    act_as,
    actor_of,
    allowed,
    allowed_each,
    check_after,
    check_before,
    facts,
    granted,
    load_actor,
    may,
    open_actor,
    reports_of,
    seen,
    seen_whole,
    sees_whole,
    system,
    writable,
)
from app.policy.kept import criterion, few
from app.policy.scopes import children, kept_journals
from app.policy.table import GRANTS, HIDDEN, TAUGHT, Action

__all__ = [
    "GRANTS", "HIDDEN", "SYSTEM", "TAUGHT", "Action", "Actor", "PolicyError", "Reported", "act_as", "actor_of",
    "addressed_students", "allowed", "allowed_each", "announced_groups", "check_after", "check_before", "children",
    "correspondents", "criterion", "entered_threads", "facts", "few", "granted", "guardians_in", "guardians_of",
    "kept_journals", "load_actor", "may", "open_actor", "reports_of", "seen", "seen_whole", "sees_whole", "system",
    "writable", "written_threads",
]  # fmt: skip
