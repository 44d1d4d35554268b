"""Who looked at whose personal data: a row for the first look of a day, written aside and given up when it is busy."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, true
from sqlalchemy.exc import IntegrityError, OperationalError

from app import policy
from app.extensions import begin_reading, in_a_hurry
from app.models import DataAccess, Student, Thread, ThreadMember, User
from app.policy import Actor
from app.policy.scopes import table_of

_TABLE = table_of(DataAccess)
_NOTED = exists().where(
    *(_TABLE.c[name] == bindparam(name) for name in ("user_id", "day", "model", "object_id", "what"))
)
_IS_NOTED = select(_NOTED)


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
        asked = {
            "user_id": actor.user_id, "day": actor.today, "model": look.model, "object_id": look.object_id,
            "what": look.what[:60],
        }  # fmt: skip
        mine = _own(actor, look)
        if session.connection().scalar(_IS_NOTED if mine is None else select(or_(_NOTED, mine)), asked):
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


def _own(actor: Actor, look: Look) -> ColumnElement[bool] | None:
    """Whether it is about the person, a child of theirs, or a conversation they are in; None for a stranger's."""
    if look.model == User.__name__ and look.object_id == actor.user_id:
        return true()
    if look.model == Student.__name__ and look.object_id and actor.reads_diary:
        return exists().where(Student.id == look.object_id, Student.id.in_(policy.children(actor)))
    if look.model == Thread.__name__:
        return exists().where(ThreadMember.thread_id == look.object_id, ThreadMember.user_id == actor.user_id)
    return None
