"""What has no record in the audit, and why: every model that is not here is recorded whole."""

from __future__ import annotations

from app import models
from app.extensions import Base

ITSELF = "is a record itself: it is added, and nobody changes it"
OWN = "is nobody's but its owner's: that it was changed is not for others to read"
MEASURED = "is counted or put together from other rows, and can be made again from them"
PASSING = "says how far a piece of work has come; what the work writes is recorded"

UNRECORDED: dict[type[Base], str] = {
    models.AuditRecord: ITSELF,
    models.AuditSeal: ITSELF,
    models.DataAccess: ITSELF,
    models.Erasure: ITSELF,
    models.BackupRun: ITSELF,
    models.Undoing: ITSELF,
    models.SignIn: ITSELF,
    models.NewsReading: ITSELF,
    models.Reminder: ITSELF,
    models.SupportReply: ITSELF,
    models.SupportFile: ITSELF,
    models.Thread: OWN,
    models.ThreadMember: OWN,
    models.Message: OWN,
    models.MessageFile: OWN,
    models.HomeworkDone: OWN,
    models.PushSubscription: OWN,
    models.NotificationChoice: OWN,
    models.QuietHours: OWN,
    models.RuleRecord: MEASURED,
    models.RuleCount: MEASURED,
    models.RuleTouch: MEASURED,
    models.DiaryVisit: MEASURED,
    models.WorkerPulse: MEASURED,
    models.Happening: MEASURED,
    models.Notification: MEASURED,
    models.Delivery: PASSING,  # how a message fares: the access that it brings is recorded
    models.StudentImport: PASSING,
    models.EditReceipt: PASSING,
}
"""Models without records, and the reason."""

ONLY: dict[type[Base], frozenset[str]] = {
    # That it began stands among the sign-ins, and both are forgotten after a while (app/upkeep.py).
    models.UserSession: frozenset({"change"}),
}
"""Models of which only these actions are recorded."""

UNSAID = frozenset({
    "id",  # stands in the record
    "identity", "search_name", "sort_name",  # made of the names
    "version", "last_step",  # counters
    "entered_at", "entered_by_id",  # «at» and «actor» of the record
    "last_seen_at",  # changes with every look at a page
    "made", "ended",  # what a change of year wrote: each of its rows has a record of its own
})  # fmt: skip
"""Columns that no record tells of."""
