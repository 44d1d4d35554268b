"""Reminding people of what they have not done under a rule: whom, not oftener than the school has settled, and in
which words (which are made when they are sent, of what is still open)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import policy
from app.clock import zone
from app.control.duties import Watch
from app.control.figures import Concerned, Standing, own, people
from app.models import Account, Reminder, User
from app.models.notification import NoticeKind

Line = tuple[int, NoticeKind, str, str]


@dataclass(frozen=True)
class Reminded:
    """What became of a wish to remind: ``told``, ``lately`` (with the day on which they were told), ``unreached``
    (without a password: no message tells them anything)."""

    told: Sequence[Concerned]
    lately: Sequence[tuple[Concerned, date]]
    unreached: Sequence[Concerned]


def last_reminders(session: Session, rule: str, ids: Collection[int], watch: Watch) -> dict[int, date]:
    """The school's day on which each of the people was last reminded of the rule, as far as the person sees it."""
    rows = (
        select(Reminder.user_id, func.max(Reminder.created_at))
        .where(Reminder.rule == rule, Reminder.user_id.in_(ids))
        .group_by(Reminder.user_id)
    )
    return {user_id: at.astimezone(watch.zone).date() for user_id, at in session.execute(rows)}


def may_again(last: date | None, today: date, remind_days: int) -> bool:
    """Whether somebody reminded on ``last`` may be reminded today: once in ``remind_days`` days."""
    return last is None or last + timedelta(remind_days) <= today


def remind(session: Session, watch: Watch, rule: str, chosen: Collection[int] | None = None) -> Reminded:
    """Remind those whom open cases of the rule are up to: all of them, or only the ``chosen``; nobody reminds
    themselves. The caller commits. Raises PolicyError for whoever may remind nobody."""
    sender = policy.actor_of(session).user_id
    concerned = [
        each
        for each in people(session, watch, rule)
        if each.user_id != sender and (chosen is None or each.user_id in chosen)
    ]
    ids = [each.user_id for each in concerned]
    # Two who press the button at once remind once.
    session.scalars(select(User.id).where(User.id.in_(ids)).order_by(User.id).with_for_update(key_share=True)).all()
    last, again = last_reminders(session, rule, ids, watch), watch.rules[rule].remind_days
    signs_in: set[int] = set(session.scalars(_with_password(ids)))
    lately = [each for each in concerned if not may_again(last.get(each.user_id), watch.today, again)]
    others = [each for each in concerned if each not in lately]
    told = [each for each in others if each.user_id in signs_in]
    session.add_all(Reminder(user_id=each.user_id, rule=rule, sent_by_id=sender, created_at=watch.now) for each in told)
    session.flush()
    return Reminded(
        told, [(each, last[each.user_id]) for each in lately], [each for each in others if each not in told]
    )  # fmt: skip


def _with_password(ids: Collection[int]) -> Any:
    return select(Account.user_id).where(Account.user_id.in_(ids), Account.password_hash.is_not(None))


def lines(session: Session, ids: Collection[int]) -> Iterable[Line]:
    """What reminders say now to the session's person: of each rule once what is still open, and where it stands.

    A reader of ``app.notifications.items``; the weekly list is a reminder of all rules.
    """
    actor = policy.actor_of(session)
    rows = select(Reminder).where(Reminder.id.in_(ids), Reminder.user_id == actor.user_id).order_by(Reminder.id)
    reminders = list(session.scalars(rows))
    wanted: dict[str, Reminder] = {row.rule: row for row in reminders if row.rule}
    weekly = next((row for row in reversed(reminders) if row.rule is None), None)
    if not reminders:
        return
    for standing in own(session, actor, zone()):
        row = wanted.get(standing.rule.key) or weekly
        if row is not None:
            kind = NoticeKind.REMINDER if row.rule else NoticeKind.WEEKLY
            yield row.id, kind, line(standing), path(standing.rule.key, actor.user_id)


def line(standing: Standing) -> str:
    """«Marks within a week: 5 are not done, the oldest of 3 November»."""
    said = ngettext("%(rule)s: %(num)s is not done", "%(rule)s: %(num)s are not done", standing.open,
                    rule=standing.rule.title)  # fmt: skip
    if standing.oldest is None:
        return str(said)
    oldest = _("the oldest of %(day)s", day=format_date(standing.oldest, "d MMMM"))
    return f"{said}, {oldest}"


def path(rule: str, user_id: int) -> str:
    """The page of a rule with what is up to a person; a worker has no request to make an address of."""
    return f"/admin/control/{rule}/?person={user_id}"
