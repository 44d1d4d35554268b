"""Carries out what a browser sends: each edit for itself, each once, none over what the browser has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app import signals
from app.journal.grid import incoming, writing
from app.journal.grid.ground import read_ground
from app.journal.grid.incoming import Edit
from app.journal.grid.writing import Result
from app.models import EditReceipt, TeachingAssignment
from app.people.refusal import Refusal
from app.policy import Actor, PolicyError
from app.policy.kept import kept
from app.policy.scopes import table_of
from app.regulation import RegulationError

TRIES = 4
"""How often a request begins again when another one came between."""

CAME_BETWEEN = (IntegrityError, StaleDataError)
"""What the database says when another request wrote first."""

TAKE_TURNS = {"40001", "40P01"}
"""SQLSTATE of PostgreSQL for transactions that cannot both be carried out at once."""

WRITTEN_MEANWHILE = lazy_gettext("Somebody else wrote here at the same moment. Enter it again.")
NOT_STORED = lazy_gettext("The database does not take this value. Enter it again.")


@dataclass
class Sent:
    """An edit with its answer; ``is_new``: the answer is not in the database yet."""

    key: str
    edit: Edit | None
    result: Result
    is_new: bool = True


def carry_out(session: Session, actor: Actor, assignment: TeachingAssignment, raw: Sequence[Any]) -> list[Result]:
    """Write what can be written, commit, and answer every edit in its order.

    An edit that is refused or in conflict leaves the others alone. A key that was answered before is
    answered the same again. Raises OperationalError when the database does not answer: nothing was written.
    """
    assignment_id = assignment.id
    for attempt in range(1, TRIES + 1):
        try:
            answers = _carry_out(session, actor, session.get_one(TeachingAssignment, assignment_id), raw)
            session.commit()
        except (IntegrityError, OperationalError) as error:
            session.rollback()
            if attempt == TRIES or not _came_between(error):
                raise
        else:
            signals.edits_answered.send(results=answers)
            return answers
    raise AssertionError("unreachable")


def _came_between(error: IntegrityError | OperationalError) -> bool:
    """The same keys at the same moment, or two requests that wait for each other.

    A database that is away or locked has been waited for already: the browser sends its edits again later.
    """
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in TAKE_TURNS


def _carry_out(session: Session, actor: Actor, assignment: TeachingAssignment, raw: Sequence[Any]) -> list[Result]:
    known = _receipts(session, actor, raw)
    sent = [_read(one, known) for one in raw]
    with session.no_autoflush:
        for wave in _waves(sent):
            _write(session, assignment, wave)
    new = {one.key: one for one in sent if one.is_new and one.key}
    if new:  # the person's own, made here alone: neither rights nor rules have a say
        receipts = [
            {"user_id": actor.user_id, "key": key, "at": actor.now, "result": one.result} for key, one in new.items()
        ]  # fmt: skip
        session.connection().execute(insert(table_of(EditReceipt)), receipts)
    return [one.result for one in sent]


_RECEIPTS = kept(
    select(EditReceipt.key, EditReceipt.result).where(
        EditReceipt.user_id == bindparam("user_id"), EditReceipt.key.in_(bindparam("keys", expanding=True))
    )
)


def _receipts(session: Session, actor: Actor, raw: Sequence[Any]) -> dict[str, Result]:
    keys = {key for one in raw if (key := incoming.key_of(one))}
    rows = session.execute(_RECEIPTS, {"user_id": actor.user_id, "keys": list(keys)})
    return {key: result for key, result in rows}  # noqa: C416


def _read(one: Any, known: dict[str, Result]) -> Sent:
    key = incoming.key_of(one)
    if key in known:
        return Sent(key, None, known[key], is_new=False)
    try:
        edit = incoming.read(one)
    except Refusal as refusal:
        return Sent(key, None, writing.refused(key, refusal.message))
    sent = Sent(key, edit, {})
    known[key] = sent.result  # the same key twice in one request is one edit
    return sent


def _waves(sent: Sequence[Sent]) -> Iterator[list[Sent]]:
    """Edits in their order, in sets in which no cell comes twice."""
    wave: list[Sent] = []
    cells: set[tuple[Any, ...]] = set()
    for one in sent:
        if one.edit is None:
            continue
        if one.edit.cell in cells:
            yield wave
            wave, cells = [], set()
        wave.append(one)
        cells.add(one.edit.cell)
    if wave:
        yield wave


def _write(session: Session, assignment: TeachingAssignment, wave: Sequence[Sent], *, again: bool = True) -> None:
    """Write all at once; when something among them is refused, the halves one after the other.

    Where somebody came between reading and writing, what they wrote can be read now: it is tried ``again``.
    """
    try:
        with session.begin_nested():
            ground = read_ground(session, assignment, [one.edit for one in wave if one.edit])
            written = [(one, writing.write(session, ground, one.edit)) for one in wave if one.edit]
            session.flush()
    except (PolicyError, RegulationError, DataError, *CAME_BETWEEN) as error:
        if len(wave) > 1:
            middle = len(wave) // 2
            _write(session, assignment, wave[:middle])
            _write(session, assignment, wave[middle:])
        elif again and isinstance(error, CAME_BETWEEN):
            _write(session, assignment, wave, again=False)
        else:
            _answer(wave[0], writing.refused(wave[0].key, _why(error)))
        return
    for one, outcome in written:
        _answer(one, outcome())


def _answer(one: Sent, result: Result) -> None:
    one.result.clear()
    one.result.update(result)


def _why(error: Exception) -> Any:
    if isinstance(error, PolicyError):
        return error.explanation
    if isinstance(error, RegulationError):
        return error.message
    return WRITTEN_MEANWHILE if isinstance(error, CAME_BETWEEN) else NOT_STORED
