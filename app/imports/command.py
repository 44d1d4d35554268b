"""flask import-students FILE: the class list from the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from app import clock, policy
from app.imports import ApplyingError, Plan, ReadingError, apply, corrections, plan, read
from app.imports.files import MAX_BYTES
from app.imports.table import Table
from app.needs_tables import needs_tables


@click.command("import-students")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would happen; write nothing.")
@click.option(
    "--corrections", "corrections_file", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows that could not be taken whole into this .xlsx.",
)  # fmt: skip
@with_appcontext
@needs_tables
def import_students(file: Path, dry_run: bool, corrections_file: Path | None) -> None:
    """Import the class list FILE (xlsx or csv)."""
    now = clock.now()
    today = clock.day_of(now)
    try:
        with file.open("rb") as stream:
            table = read(stream.read(MAX_BYTES + 1), file.name)
        with policy.system() as session:
            if dry_run:
                outcome = plan(session, table, today)
            else:
                outcome = apply(session, table, today, now).plan
                session.commit()
    except (ReadingError, ApplyingError, OSError) as problem:
        raise click.ClickException(str(problem)) from None
    _show(table, outcome, dry_run)
    if corrections_file:
        corrections_file.write_bytes(corrections(table, outcome))


def _show(table: Table, outcome: Plan, dry_run: bool) -> None:
    for note in outcome.notes:
        click.echo(str(note))
    for line in (*outcome.created, *outcome.changed):
        head = _("Row %(row)s, %(student)s, %(name)s", row=line.row, student=line.student, name=line.school_class)
        click.echo(f"{head}: {'; '.join(map(str, line.details))}")
    for title, problems in ((_("Warnings:"), outcome.warnings), (_("Refused:"), outcome.problems)):
        if problems:
            click.echo(f"\n{title}")
        for problem in problems:
            place = _("row %(row)s, column «%(column)s»", row=problem.row, column=problem.column)
            click.echo(f"  {place}: «{problem.value}» - {problem.reason}")
    click.echo("\n" + _summary(outcome))
    if dry_run:
        click.echo(_("Nothing was written."))


def _summary(outcome: Plan) -> str:
    counts = outcome.counts
    text: str = _(
        "Rows: %(rows)s. Students created: %(created)s, changed: %(changed)s (moved: %(moved)s), "
        "unchanged: %(unchanged)s, refused: %(refused)s. Guardians created: %(guardians)s, "
        "guardianships: %(guardianships)s, classes created: %(classes)s. Rows with warnings: %(warned)s.",
        **vars(counts),
    )
    return text
