"""Lists of parents with names: who never came, who stopped coming, who has come no further than a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.credentials.recipients import may_receive
from app.credentials.standing import Stage
from app.models import Account, Guardianship, Student, User
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
    """The parents with names, in their order; one statement."""
    pairs = {(each.user_id, child) for each in parents for child in each.children}
    rows = session.execute(
        select(User, Account, Student, may_receive(session))
        .join(Guardianship, Guardianship.user_id == User.id)
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Account, Account.user_id == User.id)
        .where(User.id.in_({user for user, _child in pairs}), Student.id.in_({child for _user, child in pairs}))
    )
    known = {(user.id, child.id): (user, account, child, may) for user, account, child, may in rows}
    actor = policy.actor_of(session)
    found = []
    for each in parents:
        user, account, _child, receives = known[each.user_id, each.children[0]]
        children = [(number, str(known[each.user_id, number][2])) for number in each.children]
        found.append(
            Line(
                each.user_id, user.full_name, each.class_id, children, each.last_at, each.stage,
                may_receive=bool(receives),
                may_write=each.stage is Stage.ACTIVATED and each.user_id != actor.user_id,
                phone=(account.phone if account else None) or "",
                email=(account.email if account else None) or "",
            )
        )  # fmt: skip
    return found
