"""While hosts are upgraded one by one, old code works on the new tables: migrations add now and take away later."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import Connection, text

from app.backup import upgrading
from app.extensions import db

FOLDER = Path(__file__).resolve().parent.parent / "migrations" / "versions"
BEFORE_THE_RULE = {"0001", "0002", "0003", "0004", "0005"}
EXCUSE = "OLD_CODE_WORKS"
"""A migration that does one of these things all the same says in this constant why the release before can bear it."""
TAKES_AWAY = {
    "drop_table", "drop_column", "rename_table", "create_unique_constraint", "create_check_constraint",
}  # fmt: skip


def breaking(source: str) -> list[str]:
    """What the ``upgrade`` of a migration does that code of the release before may stumble over."""
    tree = ast.parse(source)
    if any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == EXCUSE for node in tree.body):
        return []
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "downgrade"]
    calls = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [problem for call in calls for problem in _problems(call)]


def _problems(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name in TAKES_AWAY:
        yield name
    if name == "alter_column" and ("new_column_name" in _given(call) or _given(call).get("nullable") == "False"):
        yield name
    if name == "add_column":
        for column in call.args:
            given = _given(column) if isinstance(column, ast.Call) else {}
            if given.get("nullable") == "False" and "server_default" not in given:
                yield "add_column without a default"


def _given(call: ast.Call) -> dict[str, str]:
    return {one.arg: ast.unparse(one.value) for one in call.keywords if one.arg}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_the_release_before_works_on_the_tables_of_this_one(file: Path) -> None:
    if file.stem[:4] not in BEFORE_THE_RULE:
        assert breaking(file.read_text()) == [], f"say in {EXCUSE} why, or do it one release later"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("op.drop_table('mark')", "drop_table"),
        ("batch_op.drop_column('name')", "drop_column"),
        ("batch_op.alter_column('name', new_column_name='title')", "alter_column"),
        ("batch_op.alter_column('name', nullable=False)", "alter_column"),
        ("op.add_column('mark', sa.Column('x', sa.Integer(), nullable=False))", "add_column without a default"),
        ("op.add_column('mark', sa.Column('x', sa.Integer(), nullable=False, server_default='0'))", ""),
        ("op.add_column('mark', sa.Column('x', sa.Integer(), nullable=True))", ""),
        ("op.create_index('ix_mark_x', 'mark', ['x'])", ""),
    ],
)
def test_what_is_found(line: str, problem: str) -> None:
    found = breaking(f"def upgrade():\n    {line}\n\ndef downgrade():\n    op.drop_table('made')\n")
    assert found == ([problem] if problem else [])
    assert breaking(f"{EXCUSE} = 'nobody reads it'\ndef upgrade():\n    {line}\n") == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nobody_waits_long_behind_a_migration_that_waits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, reader = [], db.engine.connect()
    monkeypatch.setattr(upgrading, "PATIENCE", 50)
    monkeypatch.setattr(upgrading.time, "sleep", lambda _seconds: tried.append("paused") or reader.rollback())

    def migrate(connection: Connection) -> None:
        tried.append("tried")
        connection.execute(text("LOCK TABLE mark IN ACCESS EXCLUSIVE MODE"))
        connection.rollback()

    with reader, db.engine.connect() as connection:
        reader.execute(text("SELECT * FROM mark"))  # as a backup does, until its end
        upgrading.in_turn(connection, migrate)
        assert tried == ["tried", "paused", "tried"]
        assert connection.scalar(text("SHOW lock_timeout")) == "0"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_migration_that_is_wrong_is_not_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def migrate(_connection: Connection) -> None:
        raise click.ClickException("wrong")

    with db.engine.connect() as connection, pytest.raises(click.ClickException):
        upgrading.in_turn(connection, migrate)
