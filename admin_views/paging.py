"""Pages of a list: what is counted only as far as it matters, and how a long list goes on from its last row.

Rows are counted up to ``COUNTED``: nobody turns to page 400,000, and a count of millions takes longer than the page.
A list that is ``newest_first`` can have millions of rows. Unless it is narrowed to fewer than ``COUNTED``, it stands
in the order in which they were written, and «next page» names the row it goes on below: the deepest page is found as
fast as the first one.

Rows of a list that ``is_long`` or ``newest_first`` are looked up by what makes them the person's, see ``policy.seen``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from flask import request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import policy
from app.extensions import db

COUNTED = 10_000
MAX_PAGE = 1_000_000
FAR = 500

Both = tuple[Any, Any]
"""The query of the rows, and that of their numbers: narrowed and ordered alike."""


Order = tuple[Any, bool]
"""The column that a list is sorted by, None for its own order, and whether downwards."""


def _count(numbers: Any) -> Any:
    return select(func.count()).select_from(numbers.limit(COUNTED + 1).subquery())


def each_of(both: Both, change: Callable[[Any], Any]) -> Both:
    """Both queries, changed alike."""
    return change(both[0]), change(both[1])


class Paged:
    """How a list is read. Part of SchoolModelView, before Flask-Admin's own view."""

    newest_first: ClassVar[bool] = False
    is_long: ClassVar[bool] = False

    # Flask-Admin's own
    model_class: ClassVar[type[Any]]
    page_size: int
    _search_supported: bool
    _filters: Any
    _auto_joins: Any
    _template_args: Any
    get_query: Any
    reading: Any
    _apply_search: Any
    _apply_filters: Any
    _apply_sorting: Any
    is_sortable: Any

    def get_count_query(self) -> Any:
        """The numbers of the rows; ``get_list`` counts them."""
        return db.session.query(self.model_class.id)

    def get_list(
        self, page: int | None, sort_column: Any, sort_desc: bool, search: str | None, filters: Any,
        execute: bool = True, page_size: int | None = None,
    ) -> tuple[int, list[Any]]:  # fmt: skip
        """A page of rows with everything that its columns write out, and how many there are (``COUNTED`` + 1: more)."""
        page, size = min(max(page or 0, 0), MAX_PAGE), page_size or self.page_size
        query, numbers = self.get_query(), self.get_count_query()
        if self._search_supported and search:
            query, numbers, *_ = self._apply_search(query, numbers, {}, {}, search)
        if filters and self._filters:
            query, numbers, *_ = self._apply_filters(query, numbers, {}, {}, filters)
        # Not when something is searched for: SQLite parses only so much in each other.
        is_long = (self.newest_first or self.is_long) and not search
        if is_long and (seen := policy.seen(db.session(), self.model_class)) is not None:
            query, numbers = each_of((query, numbers), lambda rows: rows.filter(self.model_class.id.in_(seen)))
        query = query.options(*(joinedload(relation) for relation in self._auto_joins), *self.reading())
        both, order, is_searched = (query, numbers), (sort_column, sort_desc), bool(search)
        if self.newest_first:
            count, rows = self._newest(both, page, size, order, is_searched)
        else:
            rows = self._page(both, page, size, order)
            count = len(rows) if page == 0 and len(rows) < size else self._counted(numbers, is_searched)
        self._template_args.update(ids=[row.id for row in rows], is_more=count > COUNTED)
        return count, rows

    def _counted(self, numbers: Any, is_searched: bool) -> int:
        """How many there are, as far as they are counted; what was searched for not within another statement, of which
        SQLite parses so many in each other."""
        if is_searched:
            return len(numbers.limit(COUNTED + 1).all())
        return int(db.session.execute(_count(numbers)).scalar_one())

    def _ordered(self, both: Both, order: Order) -> Both:
        return each_of(both, lambda rows: self._apply_sorting(rows, {}, *order)[0].order_by(self.model_class.id))

    def _page(self, both: Both, page: int, size: int, order: Order) -> list[Any]:
        return self._slice(self._ordered(both, order), size, page * size)

    def _slice(self, both: Both, size: int, start: int) -> list[Any]:
        """Rows from the place ``start``; of a long list, and far on, only these are read with all their relations."""
        query, numbers = both
        if start <= FAR and not self.is_long:
            return list(query.limit(size).offset(start))
        return self._these(query, [number for (number,) in numbers.limit(size).offset(start)])

    def _these(self, query: Any, chosen: list[int]) -> list[Any]:
        """The rows of these numbers, in their order; of a file, ``COUNTED`` in a statement: SQLite takes 32,766."""
        query, parts = policy.few(query), [chosen[start : start + COUNTED] for start in range(0, len(chosen), COUNTED)]
        found = {row.id: row for part in parts for row in query.filter(self.model_class.id.in_(part))}
        return [found[number] for number in chosen if number in found]

    def _newest(self, both: Both, page: int, size: int, order: Order, is_searched: bool) -> tuple[int, list[Any]]:
        """How many there are, and the page. Their numbers are asked for first: no database finds the page's rows before
        it has joined all others to what they are shown with."""
        number, (query, numbers) = self.model_class.id, both
        where, row = self.goes_on()
        count = self._counted(numbers, is_searched) if is_searched or order[0] is not None else None
        if order[0] is not None and (count or 0) > COUNTED:
            order = None, False
        if order[0] is not None:
            _, asked = self._ordered(both, order)
        elif where == "above":
            asked, page = numbers.filter(number > row).order_by(number), 0
        else:
            asked = numbers.order_by(number.desc())
            asked, page = (asked.filter(number < row), 0) if where == "below" else (asked, page)
        found = asked.limit(size).offset(page * size)
        counted = (found if count is not None else found.add_columns(_count(numbers).scalar_subquery())).all()
        chosen = [each for each, *_ in counted]
        if where == "above":
            chosen.reverse()
        if count is None:
            count = counted[0][1] if counted else self._counted(numbers, is_searched)
        return count, self._these(query, chosen)

    def goes_on(self) -> tuple[str, int]:
        """Whether the page asked for goes on «below» or «above» a row, and its number; empty and 0 otherwise."""
        for where in ("below", "above"):
            value = request.args.get(where, "")
            if self.newest_first and re.fullmatch(r"[1-9]\d{0,17}", value, re.ASCII):
                return where, int(value)
        return "", 0

    def onward(self, rows: list[Any], sort_column: Any) -> dict[str, str]:
        """What the addresses of the next and the previous page say besides the page."""
        if not self.newest_first or sort_column is not None or not rows:
            return {"next": "", "prev": ""}
        return {"next": f"below={rows[-1].id}", "prev": f"above={rows[0].id}"}

    def sorts(self, column: Any, is_more: bool) -> bool:
        """Whether the list can be put in the order of a column: not where that means millions of rows."""
        return bool(self.is_sortable(column)) and not (is_more and self.newest_first)
