"""How the figures of a document are written: «66,7», «4,33», «24.11.2026»; nothing for nothing."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import format_date, format_decimal

from app.reports.document import Kind

PLACES = {Kind.PERCENT: Decimal("0.1"), Kind.CHANGE: Decimal("0.1"), Kind.AVERAGE: Decimal("0.01")}
FORMATS = {Kind.PERCENT: "0.0", Kind.CHANGE: "+0.0;-0.0", Kind.AVERAGE: "0.00"}


def rounded(value: float, kind: Kind) -> Decimal:
    """A figure with the decimals of its kind, half up; what the computer adds in the last place is no half."""
    return Decimal(repr(round(value, 9))).quantize(PLACES[kind], ROUND_HALF_UP) + 0


def said(value: Any, kind: Kind) -> str:
    """A value of a column as people read it."""
    if value is None:
        return ""
    if isinstance(value, date):
        return str(format_date(value, "dd.MM.y"))
    if kind in PLACES and isinstance(value, int | float):
        figure = rounded(float(value), kind)
        return str(format_decimal(figure, FORMATS[kind] if figure else "0.0"))
    if kind is Kind.WHOLE and isinstance(value, int | float):
        return str(format_decimal(value))
    return str(value)
