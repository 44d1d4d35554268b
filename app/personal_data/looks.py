"""Who looked at whose personal data: a row for the first look of a day, written aside and given up when it is busy."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, false, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import policy
from app.extensions import begin_reading, in_a_hurry
from app.models import DataAccess, Student, Thread, ThreadMember, User
from app.policy import Actor
from app.policy.scopes import table_of

_TABLE = table_of(DataAccess)
_NOTED = select(_TABLE.c.id).where(
    *(_TABLE.c[name] == bindparam(name) for name in ("user_id", "day", "model", "object_id", "what"))
)


@dataclass(frozen=True)
class Look:
    """``what`` of which row was looked at («details», «report progress»); ``object_id`` 0: of many at once."""

    model: str
    object_id: int
    what: str


def note(actor: Actor, look: Look) -> None:
    """Note that the person looked, unless it is noted already or their own family's; in sessions of its own."""
    with policy.system() as session:
        begin_reading(session)
        if _is_noted(session, actor, look) or _is_own(session, actor, look):
            return
    try:
        with policy.system() as session:
            with in_a_hurry(session):
                session.add(
                    DataAccess(
                        at=actor.now, day=actor.today, user_id=actor.user_id, model=look.model,
                        object_id=look.object_id, what=look.what[:60], address=actor.address[:45],
                    )
                )  # fmt: skip
                session.flush()
            session.commit()
    except (OperationalError, IntegrityError):  # somebody else writes, perhaps this very row
        return


def _is_noted(session: Session, actor: Actor, look: Look) -> bool:
    asked = {
        "user_id": actor.user_id, "day": actor.today, "model": look.model, "object_id": look.object_id,
        "what": look.what[:60],
    }  # fmt: skip
    return session.connection().scalar(_NOTED, asked) is not None


def _is_own(session: Session, actor: Actor, look: Look) -> bool:
    """Whether it is about the person, a child of theirs, or a conversation they are in."""
    if look.model == User.__name__ and look.object_id == actor.user_id:
        return True
    mine: ColumnElement[bool] = false()
    if look.model == Student.__name__ and look.object_id and actor.reads_diary:
        mine = exists().where(Student.id == look.object_id, Student.id.in_(policy.children(actor)))
    elif look.model == Thread.__name__:
        mine = exists().where(ThreadMember.thread_id == look.object_id, ThreadMember.user_id == actor.user_id)
    else:
        return False
    return bool(session.scalar(select(mine)))
