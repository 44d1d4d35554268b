"""How the regulation is watched: the school's terms of it, what does not count, what was measured, who was reminded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.columns import Created, Key, between, ordered, reference
from app.models.people import SchoolClass, User


class RuleSetting(Model):
    """Where the school keeps a rule otherwise than usual; ``rule`` is a key of ``app.control.rules``.

    ``days`` and ``minimum`` mean what the rule says they do; None is what is usual.
    """

    __tablename__ = "rule_setting"
    __table_args__ = (
        CheckConstraint("days BETWEEN 0 AND 60", name="days"),
        CheckConstraint("minimum BETWEEN 1 AND 60", name="minimum"),
        CheckConstraint("remind_days BETWEEN 1 AND 60", name="remind_days"),
    )
    id: Mapped[Key]
    rule: Mapped[str] = mapped_column(String(40), unique=True)
    is_on: Mapped[bool] = mapped_column(default=True, server_default=true())
    days: Mapped[int | None] = between(0, 60)
    minimum: Mapped[int | None] = between(1, 60)
    remind_days: Mapped[int | None] = between(1, 60)  # a person is reminded of the rule not oftener

    def __str__(self) -> str:
        return self.rule


class ExcusedPeriod(Model):
    """Days that do not count, both included: of a teacher (illness), a class (quarantine), or of the whole school."""

    __tablename__ = "excused_period"
    __table_args__ = (
        ordered("starts_on", "ends_on", "dates"),
        CheckConstraint("teacher_id IS NULL OR school_class_id IS NULL", name="of_one"),
    )
    id: Mapped[Key]
    teacher_id: Mapped[int | None] = reference("user")
    school_class_id: Mapped[int | None] = reference("school_class")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    teacher: Mapped[User | None] = relationship()
    school_class: Mapped[SchoolClass | None] = relationship()

    def __str__(self) -> str:
        return f"{self.teacher or self.school_class or ''} {self.starts_on:%d.%m.%Y}-{self.ends_on:%d.%m.%Y}".strip()


class RuleRecord(Model):
    """How far a rule about a state (not about lessons) was kept in a week: of ``due`` cases ``kept``.

    ``week`` is its Monday. Written by the worker, because what people's data was last week stands nowhere else.
    Cases of staff and of the school have no class.
    """

    __tablename__ = "rule_record"
    __table_args__ = (
        UniqueConstraint("rule", "week", "school_class_id"),
        # NULLs are distinct in a unique constraint.
        Index("uq_rule_record_without_class", "rule", "week", unique=True,
              sqlite_where=text("school_class_id IS NULL"), postgresql_where=text("school_class_id IS NULL")),
        CheckConstraint("kept BETWEEN 0 AND due", name="kept"),
    )  # fmt: skip
    id: Mapped[Key]
    rule: Mapped[str] = mapped_column(String(40))
    week: Mapped[date]
    school_class_id: Mapped[int | None] = reference("school_class")
    due: Mapped[int]
    kept: Mapped[int]
    school_class: Mapped[SchoolClass | None] = relationship()


class RuleCount(Model):
    """How many cases of a rule of the whole school are kept, late and open, as ``app.control.counts`` keeps it.

    ``part`` is a day or the number of a class, ``basis`` what the count was made by besides the rows, ``states`` the
    sum of states. Of a part there is one row or more with all cases by ``day``, and one for each ``person`` whom open
    cases are up to.
    """

    __tablename__ = "rule_count"
    __table_args__ = (Index("ix_rule_count_rule_part", "rule", "part"),)
    id: Mapped[Key]
    rule: Mapped[str] = mapped_column(String(40))
    part: Mapped[str] = mapped_column(String(10))
    basis: Mapped[str] = mapped_column(String(32))
    day: Mapped[date | None]
    person: Mapped[int | None]
    states: Mapped[int] = mapped_column(BigInteger)


class RuleTouch(Model):
    """Something was written that the counts of a part are made of; without a part of all, without a kind everything.

    Triggers write these (migration 0007), so that no way of writing goes past them.
    """

    __tablename__ = "rule_touch"
    id: Mapped[Key]
    kind: Mapped[str | None] = mapped_column(String(10))
    part: Mapped[str | None] = mapped_column(String(10))


class Reminder(Model):
    """Somebody was reminded of what they have not done under a rule; without a rule: the weekly list of all of it.

    What it says is read when it is sent, so that nobody is told of what they have done meanwhile.
    """

    __tablename__ = "reminder"
    __table_args__ = (Index("ix_reminder_user_rule", "user_id", "rule", "created_at"),)
    id: Mapped[Key]
    user_id: Mapped[int] = reference("user", index=False)
    rule: Mapped[str | None] = mapped_column(String(40))
    sent_by_id: Mapped[int | None] = reference("user")
    created_at: Mapped[Created]
    user: Mapped[User] = relationship(foreign_keys="Reminder.user_id")
    sent_by: Mapped[User | None] = relationship(foreign_keys="Reminder.sent_by_id")
