"""The declaration as docs/personal-data.md shows it: a section a group of tables, a line a table."""

from __future__ import annotations

from flask_babel import force_locale

from app.extensions import Base
from app.personal_data.holdings import Emptied, Gone, Holding, Step, Whose
from app.personal_data.of_access import OF_ACCESS
from app.personal_data.of_journal import OF_JOURNAL
from app.personal_data.of_people import OF_PEOPLE
from app.personal_data.of_talk import OF_TALK

BEGIN = "<!-- The tables: made by `flask personal-data docs/personal-data.md`; do not edit. -->\n"
END = "<!-- End of the tables. -->\n"
GROUPS = (
    ("People, classes, requests of families", OF_PEOPLE),
    ("Journal", OF_JOURNAL),
    ("Messages and notifications", OF_TALK),
    ("Access, protection, records", OF_ACCESS),
)
HEAD = (
    "| table | whose | purpose | basis | personal columns; free texts | kept | on erasure |\n"
    "|---|---|---|---|---|---|---|\n"
)


def tables() -> str:
    """The generated part, in Markdown."""
    with force_locale("en"):
        return "\n".join(f"### {title}\n\n{HEAD}{_lines(group)}" for title, group in GROUPS)


def renewed(document: str) -> str:
    """The document with its tables made anew; what people wrote around them stays. Raises ValueError without marks."""
    before, _begin, rest = document.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not end:
        raise ValueError("the document has no marks between which its tables stand")
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _lines(group: dict[type[Base], Holding]) -> str:
    return "".join(_line(model.__tablename__, each) for model, each in group.items())


def _line(table: str, holding: Holding) -> str:
    cells = (
        f"`{table}` {holding.title}", holding.whose.value, holding.purpose, holding.basis.value,
        "; ".join(", ".join(f"`{name}`" for name in names) for names in (holding.personal, holding.texts) if names),
        holding.retention.words, _on_erasure(holding),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


def _on_erasure(holding: Holding) -> str:
    if holding.whose is Whose.NOBODY and not holding.texts:
        return "stays"
    steps = [_step(each) for each in holding.erasure]
    goes = bool(steps) and all(isinstance(each, Gone) for each in holding.erasure)
    return "; ".join(steps if goes else [*steps, holding.rest])


def _step(step: Step) -> str:
    if isinstance(step, Emptied):
        return f"{', '.join(f'`{name}`' for name in step.columns)} emptied by `{step.by}`"
    return f"deleted by `{step.by}`"
