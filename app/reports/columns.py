"""The columns of counts and figures that the reports share; their formulas are those of figures.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from markupsafe import Markup

from app import charts
from app.reports.document import Column, Kind, Total
from app.reports.figures import SIMONOV, Counts

ALWAYS = ("n5", "n4", "n3", "n2")
SOMETIMES = ("n1", "n0", "passed", "exempt")
UNCOUNTED = ("passed", "exempt")
FIGURES = ("success", "quality", "mastery", "average")
SPARE = 45
"""More bars than these nobody can tell apart."""


def titles() -> dict[str, str]:
    """The heads of counts and figures."""
    return {
        "n5": "5", "n4": "4", "n3": "3", "n2": "2", "n1": "1", "n0": gettext("n/a"), "passed": gettext("pass"),
        "exempt": gettext("exempt (short)"), "n": gettext("Marks"), "success": gettext("Success, %"),
        "quality": gettext("Quality, %"), "mastery": gettext("SOU, %"), "average": gettext("Average mark"),
    }  # fmt: skip


def shown(counts: Iterable[Counts]) -> list[str]:
    """The counts worth a column: 1, н/а, зач and осв where there is any."""
    known = list(counts)
    return [*ALWAYS, *(name for name in SOMETIMES if any(getattr(each, name) for each in known))]


def columns(names: Sequence[str]) -> list[Column]:
    """Columns of ``names``, then how many count, then the figures; computed by the spreadsheet, also in the totals."""
    heads, group = titles(), gettext("Marks given")
    found = [Column(heads[name], Kind.WHOLE, name, group, total=Total.SUM) for name in names]
    formulas = _formulas(names)
    found.append(Column(heads["n"], Kind.WHOLE, "n", total=Total.FORMULA, formula=formulas["n"]))
    kinds = {name: Kind.AVERAGE if name == "average" else Kind.PERCENT for name in FIGURES}
    for name in FIGURES:
        found.append(Column(heads[name], kinds[name], name, total=Total.FORMULA, formula=formulas[name]))
    return found


def cells(counts: Counts, names: Sequence[str]) -> list[int | float | None]:
    """The values of these columns."""
    return [*(getattr(counts, name) for name in (*names, "n", *FIGURES))]


def _formulas(names: Sequence[str]) -> dict[str, str]:
    counting = [name for name in names if name not in UNCOUNTED]
    number = _plus(counting)
    figures = [name for name in counting if name != "n0"]
    return {
        "n": number,
        "success": f"({_plus(['n5', 'n4', 'n3'])})/({number})*100",
        "quality": f"({_plus(['n5', 'n4'])})/({number})*100",
        "mastery": f"({'+'.join(f'{SIMONOV[name]:g}*{{{name}}}' for name in counting)})/({number})*100",
        "average": f"({'+'.join(f'{name[1]}*{{{name}}}' for name in figures)})/({_plus(figures)})",
    }


def _plus(names: Sequence[str]) -> str:
    return "+".join(f"{{{name}}}" for name in names)


def figures_chart(title: str, labels: Sequence[str], counts: Sequence[Counts]) -> Markup | None:
    """Success and quality side by side; nothing where there is nothing to compare."""
    if not 2 <= len(labels) <= SPARE:
        return None
    heads = titles()
    series = {heads[name]: [_tenth(getattr(each, name)) for each in counts] for name in ("success", "quality")}
    return charts.bars(title, labels, series)


def marks_chart(title: str, labels: Sequence[str], counts: Sequence[Counts]) -> Markup | None:
    """What the marks are made of: the parts of 5, 4, 3, and of 2, 1, н/а together."""
    if not 2 <= len(labels) <= SPARE:
        return None
    parts = {
        "5": [_part(each.n5, each) for each in counts],
        "4": [_part(each.n4, each) for each in counts],
        "3": [_part(each.n3, each) for each in counts],
        gettext("2 and n/a"): [_part(each.n2 + each.n1 + each.n0, each) for each in counts],
    }
    return charts.stacked(title, labels, parts, unit="%", span=charts.PERCENT)


def _part(number: int, counts: Counts) -> float | None:
    return round(number / counts.n * 100, 1) if counts.n else None


def _tenth(figure: float | None) -> float | None:
    return round(figure, 1) if figure is not None else None
