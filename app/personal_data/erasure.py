"""Erasing a person on demand: what stands in the way, what goes, what the law keeps without a name.

Written over Core on the connection of the deputy director's session, in one transaction with the row of ``Erasure``,
which the policy checks: the values must not pass through the audit, which would keep what is to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import current_app
from flask_babel import force_locale, gettext, lazy_gettext
from sqlalchemy import Connection, ScalarSelect, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from app import policy, stored_files
from app.collation import search_key, sort_key
from app.extensions import Base, begin_reading
from app.models import Erasure, FinalMark, Mark, Student, StudentImport, User
from app.people.refusal import Refusal
from app.personal_data import redaction
from app.personal_data.hindrances import hindrances
from app.personal_data.holdings import Emptied, Gone, Step
from app.personal_data.reach import rows_of, steps
from app.personal_data.tables import HOLDINGS
from app.personal_data.words import words_of
from app.policy import Actor
from app.policy.scopes import table_of

Person = User | Student
LONGEST = 300


@dataclass(frozen=True)
class Plan:
    """What an erasure would do: rows by table that go or lose values, marks that stay without a name."""

    goes: list[tuple[str, int]]
    emptied: list[tuple[str, int]]
    marks: int
    finals: int
    hindrances: list[str]


def plan(session: Session, person: Person, actor: Actor) -> Plan:
    """Look ahead; the rows are counted in one statement. ``session`` is one of ``policy.system()``."""
    counted = [
        (type(step), str(HOLDINGS[model].title), _touched(model, step, each.id))
        for each in (person, *also(session, person))
        for model, step in steps(type(each))
    ]
    stay = [_of_student(model, person) for model in (Mark, FinalMark)]
    *numbers, marks, finals = session.execute(select(*(rows for *_, rows in counted), *stay)).one()
    found = [(kind, (title, number)) for (kind, title, _), number in zip(counted, numbers, strict=True) if number]
    goes, emptied = ([told for kind, told in found if kind is which] for which in (Gone, Emptied))
    return Plan(goes, emptied, marks, finals, hindrances(session, person, actor))


def _touched(model: type[Base], step: Step, number: int) -> ScalarSelect[int]:
    """How many rows a step of the erasure deletes, or takes values from."""
    table = table_of(model)
    rows = select(func.count()).select_from(table).where(rows_of(table, step.by, number))
    if isinstance(step, Emptied):
        rows = rows.where(or_(*(table.c[name] != "" for name in step.columns)))
    return rows.scalar_subquery()


def _of_student(model: type[Base], person: Person) -> Any:
    """How many rows tell of the student; none tells so of a user."""
    rows = select(func.count()).where(table_of(model).c.student_id == person.id)
    return literal(0) if isinstance(person, User) else rows.scalar_subquery()


def also(session: Session, person: Person) -> list[Person]:
    """Who goes along: a student signs in as a person of their own."""
    if isinstance(person, User) or person.user_id is None:
        return []
    return [session.get_one(User, person.user_id)]


def again(session: Session, person: Person) -> Person:
    """The same person in another session."""
    return cast(Person, session.get_one(type(person), person.id))


def erase(session: Session, actor: Actor, person: Person, reason: str) -> Erasure:
    """Erase ``person``, a row of ``session``, which works for ``actor``. The caller commits. Raises Refusal."""
    reason = " ".join(reason.split())[:LONGEST]
    if not reason:
        raise Refusal(lazy_gettext("Say why: who asked for it, when, on what ground. Nothing was erased."), "reason")
    with policy.system() as facts:
        begin_reading(facts)
        known = again(facts, person)
        people: list[Person] = [known, *also(facts, known)]
        if problems := hindrances(facts, known, actor):
            raise Refusal(problems[0])
        words = {word for each in people for word in words_of(facts, each)}
        those: list[tuple[type[Person], int, bool]] = [
            (type(each), each.id, isinstance(each, User) and each.is_staff) for each in people
        ]
    rows = []
    for model, number, is_staff in those:
        row = Erasure(
            at=actor.now, model=model.__name__, object_id=number, reason=redaction.without(reason, words),
            erased_by_id=actor.user_id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        rows.append(row)
        _erase_one(session, model, number, words, row, keeps_addresses=is_staff)
    _empty_waiting_files(session.connection())
    redaction.scrub_texts(session.connection(), words)
    session.expire_all()
    return rows[0]


def _erase_one(
    session: Session, model: type[Person], number: int, words: set[str], row: Erasure, *, keeps_addresses: bool
) -> None:
    connection = session.connection()
    redaction.redact(session, row, model, words, keeps_addresses=keeps_addresses)
    for holder, step in steps(model):
        table = table_of(holder)
        rows = rows_of(table, step.by, number)
        if isinstance(step, Emptied):
            values = {name: None if table.c[name].nullable else "" for name in step.columns}
            connection.execute(update(table).where(rows).values(values))
            continue
        if "stored" in table.c:
            stored_files.let_go(session, holder, connection.scalars(select(table.c.stored).where(rows)))
        connection.execute(delete(table).where(rows))
    _rename(connection, model, number, row.id)


def _rename(connection: Connection, model: type[Person], number: int, erasure: int) -> None:
    """The row stays under a name that tells of nobody; a user signs in no more."""
    table = table_of(model)
    with force_locale(current_app.config["LOCALE"]):
        name = gettext("Erased data No. %(number)s", number=erasure)
    values = {
        "family_name": name, "given_name": "", "patronymic": "", "search_name": search_key(name, "", ""),
        "sort_name": sort_key(name, "", ""),
    }  # fmt: skip
    off = {"is_active": False, "is_deputy_director": False} if model is User else {}
    connection.execute(update(table).where(table.c.id == number).values(values | off))


def _empty_waiting_files(connection: Connection) -> None:
    """Class lists that wait: nobody looks into them for a name."""
    table = table_of(StudentImport)
    connection.execute(update(table).where(table.c.content.is_not(None)).values(content=None, file_name="—"))
