"""Personal data in access, protection and records."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, exists, func

from app import models
from app.extensions import Base
from app.personal_data.holdings import Basis, Emptied, Gone, Holding, Retention, Whose, days

WITH_ACCOUNT = Retention("with the account")
ALWAYS = Retention("always: it proves what the journal says")


def _told(cutoff: datetime) -> ColumnElement[bool]:
    """Notices that nothing refers to; messages with access are kept as long as the account."""
    old = and_(models.Delivery.credential_id.is_(None), models.Delivery.created_at < cutoff)
    return old & ~exists().where(models.Notification.delivery_id == models.Delivery.id)


def _over(cutoff: datetime) -> ColumnElement[bool]:
    """Browsers that were signed out, or were not used since."""
    return func.coalesce(models.UserSession.ended_at, models.UserSession.last_seen_at) < cutoff


OF_ACCESS: dict[type[Base], Holding] = {
    models.Credential: Holding(
        _("Credentials"), Whose.EVERYBODY, "first way in", Basis.TASK, WITH_ACCOUNT, ("code_hash",),
        erasure=(Gone("user_id"),),
    ),
    models.Delivery: Holding(
        _("Deliveries"), Whose.EVERYBODY, "messages to the person", Basis.TASK,
        Retention("60 days; messages with access as long as the account", timedelta(60), _told),
        ("address",), plain=("batch", "attempt_id", "provider_id", "error"), erasure=(Gone("user_id"),),
    ),
    models.SecondFactor: Holding(_("Second factor"), Whose.STAFF, "safe signing in", Basis.SAFETY, WITH_ACCOUNT,
                                 erasure=(Gone("user_id"),)),
    models.RecoveryCode: Holding(_("Recovery codes"), Whose.STAFF, "safe signing in", Basis.SAFETY, WITH_ACCOUNT,
                                 ("code_hash",), erasure=(Gone("user_id"),)),
    models.UserSession: Holding(
        _("Browsers"), Whose.EVERYBODY, "staying signed in; signing out elsewhere", Basis.SAFETY,
        Retention("180 days after it was ended or last used", timedelta(180), _over),
        ("token_hash", "address", "agent"), erasure=(Gone("user_id"),),
    ),
    models.SignIn: Holding(
        _("Sign-ins"), Whose.EVERYBODY, "nobody guesses a password", Basis.SAFETY,
        days(180, models.SignIn.at), ("account_hash", "address"), erasure=(Gone("user_id"),),
    ),
    models.AuditRecord: Holding(
        _("Changes"), Whose.EVERYBODY, "who changed what", Basis.SAFETY, ALWAYS, ("changes", "summary", "address"),
        plain=("source", "unit", "action", "model"), rest="stays without the person's values and without the name",
    ),
    models.AuditSeal: Holding(_("Seals of the audit"), Whose.NOBODY, "nobody alters the audit", Basis.NONE, ALWAYS,
                              plain=("digest", "hash")),
    models.DataAccess: Holding(
        _("Looks at personal data"), Whose.STAFF, "who looked at whose data", Basis.SAFETY,
        days(1095, models.DataAccess.at), ("address",), plain=("model", "what"),
        erasure=(Emptied("user_id", ("address",)),),
    ),
    models.Erasure: Holding(_("Erasures"), Whose.STAFF, "proof that data was erased", Basis.SAFETY, ALWAYS,
                            plain=("model",), texts=("reason",)),
    models.Undoing: Holding(_("What was brought back"), Whose.STAFF, "nothing is brought back twice", Basis.SAFETY,
                            ALWAYS),
    models.WorkerPulse: Holding(_("Message workers"), Whose.NOBODY, "a worker that stands still is missed", Basis.NONE,
                                Retention("as long as the worker runs"), plain=("name",)),
    models.BackupRun: Holding(_("Backups"), Whose.NOBODY, "nothing is lost", Basis.NONE,
                              Retention("as the backups are kept"), plain=("slot", "file", "digest", "error")),
}  # fmt: skip
