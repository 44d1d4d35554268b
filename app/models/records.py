"""What can be shown afterwards: the seal of the audit, who looked at whose data, who was erased, what was backed up."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.columns import Created, Key, Moment, reference
from app.models.people import User


class AuditSeal(Model):
    """One link of the chain that seals the audit: ``hash`` is made of that of the link before and of ``digest``.

    ``digest`` is made of the record ``record_id`` as it stood when it was sealed; both are 64 hexadecimal digits
    (SHA-256). No foreign key: a record that is gone has to be missed.
    """

    __tablename__ = "audit_seal"
    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_at: Mapped[Created]


class DataAccess(Model):
    """Somebody looked at personal data: on a day for the first time, ``what`` of which object.

    ``object_id`` is 0 for many at once (a list, a report, an export). What was looked at again the same day is the
    same row. No foreign key to the object: the row outlives it.
    """

    __tablename__ = "data_access"
    __table_args__ = (
        UniqueConstraint("user_id", "day", "model", "object_id", "what"),
        Index("ix_data_access_object", "model", "object_id"),
    )
    id: Mapped[Key]
    at: Mapped[Created]
    day: Mapped[date] = mapped_column(index=True)
    user_id: Mapped[int] = reference("user", index=False)
    model: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int] = mapped_column(default=0, server_default="0")
    what: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    user: Mapped[User] = relationship()


class Erasure(Model):
    """The personal data of a user or a student were erased on demand; what the law keeps stayed, without a name."""

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("model", "object_id"),)
    id: Mapped[Key]
    at: Mapped[Created]
    model: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    erased_by_id: Mapped[int | None] = reference("user")
    erased_by: Mapped[User | None] = relationship()


class BackupRun(Model):
    """A backup that was made, or failed (``error``); ``slot`` names the hour it was due, so that only one worker does.

    ``file`` is its name in the folder of backups, ``size`` in bytes, ``digest`` the SHA-256 of the file.
    """

    __tablename__ = "backup_run"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)
    id: Mapped[Key]
    slot: Mapped[str] = mapped_column(String(40), unique=True)
    started_at: Mapped[Created]
    finished_at: Mapped[Moment | None]
    file: Mapped[str] = mapped_column(String(200), default="", server_default="")
    size: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), default=0, server_default="0")
    digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    error: Mapped[str] = mapped_column(String(300), default="", server_default="")


class Undoing(Model):
    """What a record of the audit tells of was undone: a deleted row came back as ``object_id``, a change was put back.

    One row a record, so that nothing comes back twice. No foreign key to the record: it is never altered.
    """

    __tablename__ = "undoing"
    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(unique=True)
    object_id: Mapped[int]
    at: Mapped[Created]
    user_id: Mapped[int | None] = reference("user")
    user: Mapped[User | None] = relationship()


class WorkerPulse(Model):
    """A message worker was at work at ``seen_at``; ``name`` is its host and process. Written about each half minute."""

    __tablename__ = "worker_pulse"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    started_at: Mapped[Moment]
    seen_at: Mapped[Moment]
