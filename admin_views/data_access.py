"""Who looked at whose personal data, as the deputy director reads it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select

from admin_views import changes, filters
from admin_views.access import ReadOnlyView
from admin_views.base import PEOPLE, acting
from app import policy
from app.extensions import db
from app.models import DataAccess, Erasure, User
from app.policy import Action
from app.reports.registry import REPORTS

WAYS = {
    "details": _("the page"),
    "edit": _("the form"),
    "list": _("a list"),
    "export": _("a list, taken away as a file"),
    "sheet": _("the class sheet, taken away as a file"),
    "usage": _("use by parents"),
    "access": _("giving access"),
    "slips": _("slips to print"),
    "messages": _("a conversation"),
    "copy": _("all personal data"),
}


class DataAccessView(ReadOnlyView):
    """The first look of a day at somebody's data; of who looked, whose it was, and from where."""

    model_class = DataAccess
    title = _("Who looked at whose data")
    loads = ("user",)
    column_list = ("at", "user", "what", "object_id", "address")
    column_details_list = column_list
    column_labels = ReadOnlyView.column_labels | {"user": _("Who"), "object_id": _("Whose"), "address": _("From where")}
    column_sortable_list = ("at", ("user", "user.sort_name"))
    newest_first = True
    column_formatters = {
        "what": lambda _view, _context, row, _name: what_text(row),
        "object_id": lambda view, _context, row, _name: view.whose(row),
    }
    column_formatters_export = {
        "what": column_formatters["what"],
        "object_id": lambda view, _context, row, _name: view.whose_name(row),
    }
    empty = _("Nobody has looked at anybody's data yet.")
    filters = (
        filters.Choice("who", _("Who"), lambda number: DataAccess.user_id == number, lambda: lookers(), int),
        filters.Choice(
            "model", _("Object"), lambda name: DataAccess.model == name,
            lambda: [(model.__name__, changes.object_name(model.__name__)) for model in PEOPLE],
        ),
        filters.Number("object", _("Number of the object"), lambda number: DataAccess.object_id == number),
        filters.Day("from", _("From"), lambda day: DataAccess.day >= day),
        filters.Day("until", _("Until"), lambda day: DataAccess.day <= day),
    )  # fmt: skip

    def is_visible(self) -> bool:
        """In the menu of those who answer for personal data; everybody may read the own looks."""
        return policy.may(acting(), Erasure, Action.SEE)

    def get_list(self, *arguments: Any, **options: Any) -> Any:
        """A page of looks; those looked at are asked for at once."""
        count, rows = super().get_list(*arguments, **options)
        self._template_args["looked_at"] = looked_at(rows)
        return count, rows

    def whose_name(self, row: DataAccess) -> str:
        """Whose data it was; of many at once, what they are."""
        if not row.object_id:
            return gettext("many: %(what)s", what=changes.object_name(row.model))
        known = self._template_args.get("looked_at") or looked_at([row])
        return known.get((row.model, row.object_id)) or f"{changes.object_name(row.model)} № {row.object_id}"

    def whose(self, row: DataAccess) -> Markup | str:
        """The same, linked to the page of the person."""
        known = self._template_args.get("looked_at") or looked_at([row])
        if (row.model, row.object_id) not in known:
            return self.whose_name(row)
        url = self.get_url(f"{row.model.lower()}.details_view", id=row.object_id)
        return Markup('<a href="{}">{}</a>').format(url, self.whose_name(row))


def what_text(row: DataAccess) -> str:
    """«the form», «Parents: the page», «report: …»."""
    of, _space, way = row.what.rpartition(" ")
    if of == "report":
        title = str(REPORTS[way].title) if way in REPORTS else way
        return gettext("report «%(title)s»", title=title)
    word = str(WAYS.get(way, way))
    return f"{changes.object_name(of)}: {word}" if of else word


def looked_at(rows: list[DataAccess]) -> dict[tuple[str, int], str]:
    """Names of the people looked at, as far as the reader sees them; one statement a kind."""
    names: dict[tuple[str, int], str] = {}
    for model in PEOPLE:
        ids = {row.object_id for row in rows if row.model == model.__name__ and row.object_id}
        if ids:
            people: Any = db.session.scalars(select(model).where(model.id.in_(ids)))
            names |= {(model.__name__, person.id): str(person) for person in people}
    return names


def lookers() -> list[tuple[str, str]]:
    """Those who have looked at something that the reader may know of."""
    seen = select(DataAccess.user_id).distinct()
    people = db.session.scalars(select(User).where(User.id.in_(seen)).order_by(User.sort_name))
    return [(str(each.id), str(each)) for each in people]
