"""Lists of parents with names: who never came, who stopped coming, who has come no further than a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.credentials.recipients import receivers
from app.credentials.standing import Stage
from app.models import Account, Student, User
from app.usage.parents import Parent

PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """A parent on a list; ``may_receive``: the session's person may give them access. ``phone`` and ``email`` stand
    in the spreadsheet."""

    user_id: int
    name: str
    class_id: int
    children: Sequence[tuple[int, str]]
    last_at: datetime | None
    stage: Stage
    may_receive: bool
    may_write: bool
    phone: str
    email: str


def lines(session: Session, parents: Sequence[Parent]) -> list[Line]:
    """The parents with names, in their order; a constant number of statements."""
    ids = list({each.user_id for each in parents})
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}
    accounts = {row.user_id: row for row in session.scalars(select(Account).where(Account.user_id.in_(ids)))}
    numbers = {child for each in parents for child in each.children}
    students = {row.id: row for row in session.scalars(select(Student).where(Student.id.in_(numbers)))}
    receive = receivers(session, ids)
    actor = policy.actor_of(session)
    found = []
    for each in parents:
        account = accounts.get(each.user_id)
        children = [(number, str(students[number])) for number in each.children if number in students]
        found.append(
            Line(
                each.user_id, users[each.user_id].full_name, each.class_id, children, each.last_at, each.stage,
                may_receive=each.user_id in receive,
                may_write=each.stage is Stage.ACTIVATED and each.user_id != actor.user_id,
                phone=(account.phone if account else None) or "",
                email=(account.email if account else None) or "",
            )
        )  # fmt: skip
    return found
