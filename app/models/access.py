"""How people get in and what they did: credentials, deliveries, sign-ins, audit."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.columns import Created, Key, Moment, Titled, reference, words
from app.models.people import User


class Credential(Model):
    """An activation code given to a person.

    The code is derived when it is sent and never stored; ``code_hash`` finds it again.
    """

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("user_id", "version"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    version: Mapped[int]
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_by_id: Mapped[int | None] = reference("user")
    issued_at: Mapped[Created]
    expires_at: Mapped[Moment]
    opened_at: Mapped[Moment | None]
    activated_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
    user: Mapped[User] = relationship(foreign_keys="Credential.user_id")
    issued_by: Mapped[User | None] = relationship(foreign_keys="Credential.issued_by_id")


class DeliveryChannel(Titled):
    """What carries a delivery."""

    SMS = "sms", lazy_gettext("SMS")
    EMAIL = "email", lazy_gettext("E-mail")
    SLIP = "slip", lazy_gettext("Printed slip")
    PUSH = "push", lazy_gettext("Push notification")


class DeliveryState(Titled):
    """Where a delivery stands; «unknown» left us and was not answered for."""

    QUEUED = "queued", lazy_gettext("Queued")
    SENDING = "sending", lazy_gettext("Sending")
    UNKNOWN = "unknown", lazy_gettext("Outcome unknown")
    SENT = "sent", lazy_gettext("Sent")
    DELIVERED = "delivered", lazy_gettext("Delivered")
    FAILED = "failed", lazy_gettext("Failed")
    CANCELLED = "cancelled", lazy_gettext("Cancelled")


class Delivery(Model):
    """One message in the outbox: with access (``credential``), or else with what its notifications tell."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_delivery_due", "state", "due_at"),
    )
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    credential_id: Mapped[int | None] = reference("credential")
    # The browser a push goes to; forgotten when its service knows it no more.
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("push_subscription.id", ondelete="SET NULL"), index=True
    )
    batch: Mapped[str | None] = mapped_column(String(36), index=True)
    channel: Mapped[DeliveryChannel] = mapped_column(words(DeliveryChannel))
    address: Mapped[str] = mapped_column(String(254))
    state: Mapped[DeliveryState] = mapped_column(words(DeliveryState), default=DeliveryState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    attempt_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    attempted_at: Mapped[Moment | None]
    due_at: Mapped[Created]
    provider_id: Mapped[str | None] = mapped_column(String(64), index=True)
    error: Mapped[str] = mapped_column(String(300), default="", server_default="")
    created_at: Mapped[Created]
    settled_at: Mapped[Moment | None]
    user: Mapped[User] = relationship()
    credential: Mapped[Credential | None] = relationship()

    @property
    def is_notice(self) -> bool:
        """It tells of something; nobody but its receiver reads what."""
        return self.credential_id is None


class SecondFactor(Model):
    """Time-based codes (RFC 6238) as the second factor of a person's sign-in.

    The shared secret is derived from the installation's key and ``user_id``, ``id``, ``version``, ``created_at``, and
    kept nowhere. ``last_step`` is the time step of the last code that was taken: no code is taken twice.
    """

    __tablename__ = "second_factor"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", unique=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[Created]
    confirmed_at: Mapped[Moment | None]  # asked for at sign-in from then on
    last_step: Mapped[int | None]
    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(Model):
    """A code that stands in once for the second factor, for who has lost the telephone."""

    __tablename__ = "recovery_code"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[Moment | None]
    user: Mapped[User] = relationship()


class UserSession(Model):
    """A signed-in browser; ending it here ends every copy of its cookie."""

    __tablename__ = "user_session"
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
    user: Mapped[User] = relationship()


class SignIn(Model):
    """An attempt to sign in; the account is kept as a hash so that a mistyped password is not."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("ix_sign_in_account_at", "account_hash", "at"),
        Index("ix_sign_in_address_at", "address", "at"),
    )
    id: Mapped[Key]
    user_id: Mapped[int | None] = reference("user")
    account_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    succeeded: Mapped[bool]
    at: Mapped[Created]
    user: Mapped[User | None] = relationship()


class AuditRecord(Model):
    """Who changed what, from what to what; written in the transaction of the change.

    ``unit`` is the same for all records of one transaction (32 hexadecimal digits), ``source`` the way the change came
    («panel», «import», «worker» …). ``erased_at``: the values in it were erased with the person they told of.
    """

    __tablename__ = "audit_record"
    __table_args__ = (
        Index("ix_audit_record_object", "model", "object_id"),
        # What was deleted lately is listed; it is few of the records.
        Index("ix_audit_record_deleted", "at", sqlite_where=text("action = 'delete'"),
              postgresql_where=text("action = 'delete'")),
    )  # fmt: skip
    id: Mapped[Key]
    at: Mapped[Created]
    actor_id: Mapped[int | None] = reference("user")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    source: Mapped[str] = mapped_column(String(16), default="", server_default="")
    unit: Mapped[str] = mapped_column(String(32), default="", server_default="", index=True)
    action: Mapped[str] = mapped_column(String(16))
    model: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    student_id: Mapped[int | None] = mapped_column(index=True)  # whom it is about; no key, records outlive rows
    user_id: Mapped[int | None] = mapped_column(index=True)  # whose: a person, their account, access, guardianship
    lesson_id: Mapped[int | None] = mapped_column(index=True)  # of what stands in a journal
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    erased_at: Mapped[Moment | None]
    actor: Mapped[User | None] = relationship()
