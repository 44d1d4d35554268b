"""The rows of a list, written out here and not in the template: a page has hundreds of cells, and what is the same for
each row is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from app.policy import Action


@dataclass(frozen=True)
class RowAction:
    """A sign at the end of a row; ``right`` decides for each row whether it stands there."""

    right: Action
    title: str

    def around(self, edit_url: str) -> tuple[str, str]:
        """What stands before and after the row's number."""
        title = escape(self.title)
        if self.right is Action.DELETE:
            return '<button class="icon delete" form="delete" name="id" value="', f'" title="{title}"></button>'
        return f'<a class="icon edit" href="{escape(edit_url)}', f'" title="{title}"></a>'


def rows_of(
    view: Any, rows: Sequence[Any], columns: Sequence[tuple[Any, Any]], names: Sequence[str], *,
    chosen: bool, details_url: str, edit_url: str, actions: Sequence[RowAction],
) -> Markup:  # fmt: skip
    """Table rows; ``names`` are the escaped headings, ``chosen`` says that rows can be chosen."""
    first, *rest = [
        (f'<td data-label="{name}"{_broken(view, column)}>', _reader(view, column))
        for (column, _title), name in zip(columns, names, strict=True)
    ]
    choose, details, url = escape(gettext("Choose this row")), escape(gettext("Details")), escape(details_url)
    signs = [(*each.around(edit_url), view.rows_allowed(each.right)) for each in actions]

    def written(row: Any) -> Iterator[str]:
        number, title = str(row.id), first[1](row)
        yield "<tr>"
        if chosen:
            yield f'<td class="pick"><label><input type="checkbox" name="rowid" value="{number}" form="chosen" '
            yield f'aria-label="{choose}" autocomplete="off"></label></td>'
        is_linked = "<a " in title
        yield f'\n<td class="first" data-label="{names[0]}">'
        yield title if is_linked else f'<a class="open" href="{url}{number}">{title or "—"}</a>'
        yield "</td>"
        for opening, read in rest:
            yield f"\n{opening}{read(row)}</td>"
        yield '\n<td class="acts">'
        if is_linked:
            yield f'<a class="icon details open" href="{url}{number}" title="{details}"></a>'
        for before, after, allowed in signs:
            if row.id in allowed:
                yield f"{before}{number}{after}"
        yield "</td>\n</tr>\n"

    return Markup("".join(part for row in rows for part in written(row)))  # noqa: S704  # nosec B704  # each part is escaped


def _broken(view: Any, column: Any) -> str:
    return ' class="nowrap"' if column in view.unbroken else ""


def _reader(view: Any, column: Any) -> Callable[[Any], str]:
    """Gives a row's value of the column as escaped text; the same as Flask-Admin's ``get_list_value``."""
    formatters, of_types = view.column_formatters, view.column_type_formatters
    formatted = formatters.get(column)

    def read(row: Any) -> str:
        value = formatted(view, None, row, column) if formatted else view._get_field_value(row, column)
        if type(value) is str:
            return escape(value)
        if type(value) is not Markup:
            for kind, write in of_types.items():
                if isinstance(value, kind):
                    return escape(write(view, value, column))
        return escape(value)

    return read
