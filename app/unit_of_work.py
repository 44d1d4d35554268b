"""What happens around every flush, in this order; nothing that is written goes around it.

Stamps first, so that rights are checked on what is really written; rights before rules, so that
nobody learns of a rule on a row that is not theirs; then the audit, and what people are to be told, of what was
allowed.
"""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from app import audit, policy, regulation
from app.journal import stamps
from app.notifications import happenings

for before in (stamps.stamp, policy.check_before, regulation.check_before, audit.note_before, happenings.note_before):
    event.listen(Session, "before_flush", before)
for after in (
    policy.check_after, regulation.check_after, stamps.take_roll_call, audit.write_after, happenings.write_after,
):  # fmt: skip
    event.listen(Session, "after_flush", after)
