"""The line of totals of a table, computed as the spreadsheet computes it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from app.reports.document import Table, Total

SIGNS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def totals(table: Table) -> list[float | int | None]:
    """What stands under each column; None for nothing."""
    found: list[float | int | None] = []
    for index, column in enumerate(table.columns):
        values = [row[index] for row in table.rows if isinstance(row[index], int | float)]
        if column.total is Total.SUM:
            found.append(sum(values))
        elif column.total is Total.MEAN:
            found.append(sum(values) / len(values) if values else None)
        else:
            found.append(None)
    by_key = {column.key: value for column, value in zip(table.columns, found, strict=True) if column.key}
    for index, column in enumerate(table.columns):
        if column.total is Total.FORMULA:
            found[index] = computed(column.formula, by_key)
            by_key[column.key] = found[index]
    return found


def computed(formula: str, values: Mapping[str, Any]) -> float | None:
    """A column's formula (``+ - * / ( )``, SUM of a list) over ``values`` by key; nothing counts as 0, as in a
    spreadsheet; None where it would divide by nothing."""
    try:
        return _value(ast.parse(formula.replace("{", "").replace("}", ""), mode="eval").body, values)
    except ZeroDivisionError:
        return None


def _value(node: ast.expr, values: Mapping[str, Any]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=key):
            return values[key] or 0
        case ast.BinOp(left=left, op=sign, right=right):
            return SIGNS[type(sign)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id="SUM"), args=arguments):
            return sum(_value(each, values) for each in arguments)
    raise ValueError(ast.dump(node))
