"""Every right on every row: the policy against the table of rights, and each of its grants counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import Base, db
from app.policy import Action, kept, table
from tests.at_length import FULL
from tests.rights.table import Rights
from tests.rights.world import ACTORS, NOW, TODAY, World

MODELS = [mapper.class_ for mapper in Base.registry.mappers]


def acting(name: str, world: World) -> Session:
    session = Session(db.engine)
    with policy.system() as facts:
        policy.act_as(session, policy.load_actor(facts, world.users[name].id, TODAY, NOW))
    return session


def differences(world: World) -> Iterator[str]:
    """Cells in which the policy and the table of rights disagree; all are counted in ``cells``."""
    rights = Rights(world)
    everything = {model: list(db.session.scalars(select(model))) for model in MODELS}
    for who in ACTORS:
        db.session.commit()  # SQLite has one writer: the systems' session gives way
        found = {}
        with acting(who, world) as session:
            for model, rows in everything.items():
                ids = [row.id for row in rows]
                found[model] = (
                    set(session.scalars(select(model.id))),
                    set(session.scalars(policy.few(select(model.id)))),
                    policy.allowed(session, model, Action.CHANGE, ids),
                    policy.allowed(session, model, Action.DELETE, ids),
                )
        for model, rows in everything.items():
            seen, seen_by_row, changed, deleted = found[model]
            for row in rows:
                for word, does, should in (
                    ("see", row.id in seen, rights.sees(who, row)),
                    ("see, asked by row,", row.id in seen_by_row, rights.sees(who, row)),
                    ("change", row.id in changed, rights.changes(who, row)),
                    ("delete", row.id in deleted, rights.deletes(who, row)),
                ):
                    cells.append(None)
                    if does is not should:
                        yield f"{who} {'does' if does else 'does not'} {word} {model.__name__} {row.id}"


cells: list[None] = []


def test_the_policy_says_what_the_table_of_rights_says(
    world: World, record_property: Callable[[str, int], None]
) -> None:
    cells.clear()
    found = list(differences(world))
    record_property("rights on rows: cells", len(cells))
    record_property("rights on rows: differences", len(found))
    assert found == []
    assert len(cells) > 3000


def grants() -> list[tuple[Any, int]]:
    """Each grant with its place; every third, when little time is given."""
    every = [(model, index) for model, entry in policy.GRANTS.items() for index in range(len(entry))]
    return every if FULL else every[::3]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_grant_is_needed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking away what reads or changes turns the comparison red; grants to create are tried in test_policy."""
    idle = []
    for model, index in grants():
        grant = policy.GRANTS[model][index]
        if not grant.actions & (Action.SEE | Action.CHANGE | Action.DELETE):
            continue
        rest = tuple(other for other in policy.GRANTS[model] if other is not grant)
        with monkeypatch.context() as patch:
            patch.setitem(table.GRANTS, model, rest)
            kept.forget()
            if next(differences(world), None) is None:
                idle.append(f"{model.__name__} {index}")
    kept.forget()
    assert idle == []
