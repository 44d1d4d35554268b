"""The address of a list: page, order, search and filters, so that it can be kept, sent and come back to."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext


class ListAddress:
    """What a list's links carry. Part of SchoolModelView, before Flask-Admin's own view."""

    # Flask-Admin's own
    _filters: Any
    endpoint: str
    page_size: int
    get_url: Any
    get_safe_page_size: Any
    goes_on: Any

    def _get_list_filter_args(self) -> list[Any]:
        """Filters that are set; the bar sends the others empty."""
        chosen = []
        for index, flt in enumerate(self._filters or ()):
            value = request.args.get(f"flt{index}_{flt.key}") or request.args.get(flt.key)
            if not value:
                continue
            if flt.validate(value):
                chosen.append((index, str(flt.name), value))
            else:
                flash(gettext("«%(value)s» is not to choose from here.", value=value[:80]), "error")
        return chosen

    def _get_filters(self, chosen: Any) -> dict[str, str]:
        """The filters that are set, as the address names them: by their place in the bar, not among those set."""
        return {f"flt{index}_{self._filters[index].key}": value for index, _name, value in chosen or ()}

    def _get_list_extra_args(self) -> Any:
        """Page, order, search and filters; nothing else of the address goes into the links of a list."""
        asked = super()._get_list_extra_args()  # type: ignore[misc]
        asked.extra_args = {}
        return asked

    def _get_list_url(self, view_args: Any) -> str:
        """The list's address with what differs from its first sight."""
        size = self.get_safe_page_size(view_args.page_size)
        shown = {
            "page": view_args.page or None,
            "sort": view_args.sort,
            "desc": 1 if view_args.sort_desc else None,
            "search": view_args.search or None,
            "page_size": size if size != self.page_size else None,
        }
        where, row = self.goes_on()
        if where and view_args.page == request.args.get("page", 0, int):  # this page itself, to come back to
            shown[where] = row
        return str(self.get_url(".index_view", **shown, **self._get_filters(view_args.filters)))

    def address(self, **values: Any) -> str:
        """The list, narrowed by filters that are named by their keys."""
        chosen = [(index, flt.name, values[flt.key]) for index, flt in enumerate(self._filters) if flt.key in values]
        return str(self.get_url(f"{self.endpoint}.index_view", **self._get_filters(chosen)))

    def is_narrowed(self) -> bool:
        """Whether a search or a filter is set."""
        filters = ((f"flt{index}_{flt.key}", flt.key) for index, flt in enumerate(self._filters or ()))
        return any(request.args.get(name) for names in [("search",), *filters] for name in names)
