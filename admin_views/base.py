"""What every screen of the panel shares: who may open it, what stands in it, how it saves and says no.

A screen declares its model, columns, search, filters and fields. What the signed-in person may do is
asked of the policy; no view knows a role.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from html import unescape
from typing import Any, ClassVar

from flask import Response, abort, flash, g, has_request_context, redirect, request
from flask_admin import AdminIndexView, BaseView, expose
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from flask_admin.helpers import get_redirect_target
from flask_babel import gettext, lazy_gettext, ngettext
from markupsafe import Markup
from sqlalchemy import True_, inspect, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import defaultload, joinedload, load_only, selectinload
from sqlalchemy.orm.exc import StaleDataError

from admin_views import formats
from admin_views.addresses import ListAddress
from admin_views.filters import Filter
from admin_views.forms import ActionForm, DeleteForm, SchoolConverter, SchoolForm, at_field
from admin_views.labels import LABELS
from admin_views.paging import Paged
from admin_views.rows import RowAction, rows_of
from admin_views.search import MATCH, Lookup, rows_matching
from app import policy, spreadsheet
from app.extensions import Base, db, login
from app.models import AuditRecord, DataAccess, Student, User
from app.people.refusal import Refusal
from app.policy import Action, Actor
from app.regulation import RegulationError

PEOPLE = (Student, User)  # with a page each: who looked at it, and their personal data
EXPORT_ROWS = 50_000


def acting() -> policy.Actor | None:
    """The person this request works for."""
    actor = policy.actor_of(db.session())
    return actor if isinstance(actor, policy.Actor) else None


def acting_person() -> policy.Actor:
    """The same where somebody is signed in for certain."""
    actor = acting()
    return actor if actor is not None else abort(403)


class SchoolView:
    """Open to whoever may do ``needs`` on rows of ``of``; others get 403, strangers the sign-in page."""

    of: type[Base] | None = None
    needs: ClassVar[Action] = Action.SEE
    columns: ClassVar[frozenset[str]] = frozenset()  # what is written, where ``needs`` is a change
    in_menu: ClassVar[Action | None] = None  # what makes the screen worth a place in the menu

    def is_accessible(self) -> bool:
        """Whether the person may open it."""
        actor = acting()
        return actor is not None and (self.of is None or policy.may(actor, self.of, self.needs, self.columns))

    def is_visible(self) -> bool:
        """Whether it stands in the person's menu."""
        return self.in_menu is None or self.of is None or policy.may(acting(), self.of, self.in_menu, self.columns)

    def waiting(self, actor: Actor) -> Any:
        """The question how much waits there, a scalar subquery for all of the actor's standing; None: nothing ever
        does. The number stands beside the name in the menu."""

    def inaccessible_callback(self, name: str, **arguments: Any) -> Any:
        """Who is not signed in may sign in and come back; who is may not."""
        return login.unauthorized() if acting() is None else abort(403)


class SchoolPage(SchoolView, BaseView):
    """A screen that is not a list of rows."""

    def carry_out(self, change: Callable[[], str]) -> bool:
        """Do ``change``, commit and say what it reports; all of it, or nothing and the reason."""
        problem = attempt(change)
        if problem is not None:
            flash(explanation(problem) or "", "error")
        return problem is None


class SchoolHome(SchoolView, AdminIndexView):
    """The first screen."""


class Shown:
    """Columns or filters of a screen, of which a person gets those whose ``column_rights`` they have.

    Flask-Admin makes the lists once, at the start; each reading of them in a request is for one person.
    """

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = f"all{name}"

    def __set__(self, view: Any, entries: Sequence[Any]) -> None:
        view.__dict__[self.name] = entries

    def __get__(self, view: Any, owner: type[Any]) -> Any:
        if view is None:
            return self
        entries = view.__dict__.get(self.name)
        if not entries or not has_request_context():
            return entries
        return [entry for entry in entries if view.shows(entry.key if isinstance(entry, Filter) else entry[0])]


class SchoolModelView(SchoolView, Paged, ListAddress, ModelView):
    """Lists, shows, creates, changes, deletes and exports the rows of one table.

    ``loads`` names relations («assignment.subject») that the columns write out, so that a page takes
    a constant number of statements; ``details_loads`` and ``edit_loads`` are those of a row's own page and
    of its form, where they are others; ``reads`` says of the row («») and of relations which columns a list
    needs at all; ``form_columns`` are the fields, of which a person gets those that
    the policy lets them write; ``create_columns`` and ``edit_columns`` narrow them further.
    ``lookups`` are fields that look up rows and are no relation of the model, ``narrowed`` says which
    rows a look-up offers, where that is not every row the person sees. ``column_rights`` says what a
    person may have to do with which rows for a column (or filter, by its key) to make sense to them.
    """

    model_class: ClassVar[type[Any]]
    title: ClassVar[Any]
    place: ClassVar[str | None] = None  # its part of the address, where that is not the model's name
    loads: ClassVar[Sequence[str]] = ()
    reads: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    details_loads: ClassVar[Sequence[str] | None] = None
    edit_loads: ClassVar[Sequence[str] | None] = None
    filters: ClassVar[Sequence[Filter]] = ()
    lookups: ClassVar[Mapping[str, type[Any]]] = {}
    narrowed: ClassVar[Mapping[str, Callable[[], Any]]] = {}
    column_rights: ClassVar[Mapping[str, tuple[type[Base], Action]]] = {}
    create_columns: ClassVar[Sequence[str] | None] = None
    edit_columns: ClassVar[Sequence[str] | None] = None
    unbroken: ClassVar[Sequence[str]] = ("phone",)  # columns that stay in one line
    empty: ClassVar[Any] = lazy_gettext("Nothing here yet.")
    history_of: ClassVar[Mapping[str, Any]] = {}  # filters of the audit by a row's number, and what they show

    _list_columns = Shown()
    _details_columns = Shown()
    _export_columns = Shown()
    _filters = Shown()

    form_columns: Any = None
    form_base_class = SchoolForm
    model_form_converter = SchoolConverter
    column_labels = LABELS
    column_type_formatters = formats.TYPES
    column_type_formatters_detail = formats.TYPES
    column_type_formatters_export = formats.EXPORTED
    can_view_details = True
    can_export = True
    export_types = ("csv", "xlsx")
    export_max_rows = EXPORT_ROWS
    named_filter_urls = True
    can_set_page_size = True
    page_size = 50
    page_size_options = (20, 50, 100, 200)

    def __init__(self, category: Any = None) -> None:
        self.of = self.model_class
        self.column_filters = list(self.filters)
        relations = inspect(self.model_class).relationships
        if self.form_columns is not None:  # Flask-Admin leaves out extra fields that are not among them
            extra = [name for name in self.form_extra_fields or () if name not in self.form_columns]
            self.form_columns = (*self.form_columns, *extra)
        looked_up = {
            name: relations[name].mapper.class_ for name in self.form_columns or () if name in relations
        } | dict(self.lookups)
        self.form_ajax_refs = {name: Lookup(name, model, self.narrowed.get(name)) for name, model in looked_up.items()}
        self.form_ajax_refs |= {f"filter-{one.key}": one.looked_up for one in self.filters if one.looked_up}
        super().__init__(
            self.model_class, db, name=self.title, category=category,
            endpoint=self.place or self.model_class.__name__.lower(),
        )  # fmt: skip

    # What the person may do

    @property
    def can_create(self) -> bool:
        """Whether there can be rows that the person may create."""
        return policy.may(acting(), self.model_class, Action.CREATE)

    @property
    def can_edit(self) -> bool:
        """Whether there can be rows that the person may change."""
        return policy.may(acting(), self.model_class, Action.CHANGE)

    @property
    def can_delete(self) -> bool:
        """Whether there can be rows that the person may delete."""
        return policy.may(acting(), self.model_class, Action.DELETE)

    def shows(self, name: str) -> bool:
        """Whether a column or filter makes sense to the person."""
        right = self.column_rights.get(name)
        return right is None or policy.may(acting(), *right)

    def rows_allowed(self, action: Action) -> set[int]:
        """Ids of the rows of this page that the person may change or delete; asked once a page."""
        known = self._template_args.setdefault("allowed", {})
        if action not in known:
            offers = {Action.CHANGE: self.can_edit, Action.DELETE: self.can_delete}
            also = (each for each, is_offered in offers.items() if is_offered)
            known.update(allowed_of(self.model_class, self._template_args["ids"], action, *also))
        ids: set[int] = known[action]
        return ids

    def allows(self, action: Action, row: Any) -> bool:
        """Whether the person may do it with this row, which they see; asked once a page."""
        known = self._template_args.setdefault("allowed_here", {})
        if (action, row.id) not in known:
            known[action, row.id] = bool(allowed_of(self.model_class, [row.id], action)[action])
        return bool(known[action, row.id])

    def is_action_allowed(self, name: str) -> bool:
        """Bulk actions change rows; deleting many at once is for those who may delete."""
        return self.can_delete if name == "delete" else self.can_edit

    # Reading

    def get_query(self) -> Any:
        """The rows, with the relations that ``loads`` names."""
        return super().get_query().options(*self.loading())

    def loading(self, paths: Sequence[str] | None = None) -> list[Any]:
        """Options of a statement that loads with the rows what ``loads`` names, or other paths."""
        model: Any = self.model_class
        return [_loaded(model, path) for path in (self.loads if paths is None else paths)]

    def reading(self) -> list[Any]:
        """Options of the statement of a list that leave out what it does not show."""
        model: Any = self.model_class
        return [_only(model, path, names) for path, names in self.reads.items()]

    def get_one(self, id: Any) -> Any:
        """The row, or None for a number that is none, unknown, or not to be seen."""
        if not re.fullmatch(r"[1-9]\d{0,8}", str(id), re.ASCII):
            return None
        known = self._template_args.get("row_read")
        if known is not None and known.id == int(id):
            return known
        paths = self.edit_loads if (request.endpoint or "").endswith(".edit_view") else self.details_loads
        rows = policy.few(select(self.model_class).where(self.model_class.id == int(id)))
        row = db.session.scalars(rows.options(*self.loading(paths))).one_or_none()
        g.row_shown = row  # whose it is: see looks.py
        return row

    def init_search(self) -> bool:
        """A list can be searched when its rows can be told by words."""
        return self.model_class in MATCH

    def search_placeholder(self) -> str:
        """What stands in the empty search box."""
        return gettext("Search")

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        found = rows_matching(self.model_class, search)
        count_query = count_query.filter(*found) if count_query is not None else None
        return query.filter(*found), count_query, joins, count_joins

    def get_sortable_columns(self) -> dict[str, Any]:
        """What each column sorts by, by the column's name in the list.

        Flask-Admin itself calls a column of the same table by that column's name, and then finds it in no list.
        """
        sortable: dict[str, Any] = super().get_sortable_columns()
        for entry in self.column_sortable_list or ():
            if isinstance(entry, tuple) and entry[0] not in sortable:
                sortable[entry[0]] = sortable.pop(entry[1])
        return sortable

    def scaffold_filters(self, name: Any) -> Any:
        """Filters are declared, not made of columns."""
        raise NotImplementedError(name)

    def get_filter_arg(self, index: int, flt: Filter) -> str:
        """The filter's name in the address."""
        return flt.key

    def get_list_row_actions(self) -> list[RowAction]:
        """Edit and delete, each where the person may; the row itself leads to its details."""
        actions = []
        if self.can_edit:
            actions.append(RowAction(Action.CHANGE, gettext("Edit")))
        if self.can_delete:
            actions.append(RowAction(Action.DELETE, gettext("Delete")))
        return actions

    def table_rows(self, *arguments: Any, **options: Any) -> Markup:
        """The rows of the list, written out; see rows.py."""
        return rows_of(self, *arguments, **options)

    def may_change(self, row: Any) -> bool:
        """Whether the person may change this row here."""
        return self.can_edit and self.allows(Action.CHANGE, row)

    def may_delete(self, row: Any) -> bool:
        """Whether the person may delete this row here."""
        return self.can_delete and self.allows(Action.DELETE, row)

    def histories(self, row: Any) -> list[tuple[str, str]]:
        """Where the changes of this row are, and those of ``history_of``: titles and addresses.

        Without those that are empty, or that the person may not look at.
        """
        records = next((view for view in self.admin._views if getattr(view, "model_class", None) is AuditRecord), None)
        if records is None or not records.is_accessible():
            return []
        model = self.model_class.__name__
        asked = [
            (gettext("History"), {"model": model, "object": row.id}),
            *((str(title), {key: row.id}) for key, title in self.history_of.items()),
        ]
        found = records.has_any([narrowed for _, narrowed in asked])
        return [
            (title, records.address(**narrowed))
            for (title, narrowed), is_there in zip(asked, found, strict=True)
            if is_there
        ]

    def undo_url(self, row: Any) -> str | None:
        """Where what the row tells of can be undone: a record of the audit says."""
        return None

    def looks_url(self, row: Any) -> str | None:
        """Where it stands who looked at this row; None for who may not know it, or where it is nobody's page."""
        looks = next((view for view in self.admin._views if getattr(view, "model_class", None) is DataAccess), None)
        if looks is None or not looks.is_visible() or self.model_class not in PEOPLE:
            return None
        return str(looks.address(model=self.model_class.__name__, object=row.id))

    def name_of(self, row: Any) -> str:
        """What a row is called in a heading."""
        has_name = any("__str__" in vars(kind) for kind in type(row).__mro__ if kind is not object)
        return str(row) if has_name else f"{self.name} № {row.id}"

    def get_empty_list_message(self) -> str:
        """What to do when there is nothing."""
        if self.is_narrowed():
            return gettext("Nothing found. Check the spelling or take a filter away.")
        return str(self.empty)

    # Writing

    def get_create_form(self) -> Any:
        """The form of a new row."""
        return _with_only(super().get_create_form(), self.create_columns)

    def get_edit_form(self) -> Any:
        """The form of a row that is there."""
        return _with_only(super().get_edit_form(), self.edit_columns)

    def edit_form(self, obj: Any = None) -> Any:
        """The fields of this row that the person may write."""
        form = super().edit_form(obj)
        if obj is not None:
            for name in [name for name in form._fields if not may_write(obj, name)]:
                del form[name]
        return form

    def get_delete_form(self) -> type[SchoolForm]:
        """What deletes a row: not the fields and checks of the row's own form."""
        return DeleteForm

    def get_action_form(self) -> type[SchoolForm]:
        """What carries a bulk action, likewise."""
        return ActionForm

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """Change a row; who may only look at it is shown its details."""
        row = self.get_one(request.args.get("id"))
        if row is not None and not self.allows(Action.CHANGE, row):
            if request.method == "POST":
                abort(403)
            return redirect(self.get_url(".details_view", id=row.id))
        self._template_args["row_read"] = row  # Flask-Admin reads it next
        return super().edit_view()

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Create a row; not for whoever may not."""
        return super().create_view() if self.can_create else abort(403)

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> Any:
        """Delete a row; not for whoever may not."""
        return super().delete_view() if self.can_delete else abort(403)

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> Any:
        """Change one cell of a list; not for whoever may not."""
        return super().ajax_update() if self.can_edit else abort(403)

    def handle_view_exception(self, exc: Exception) -> bool:
        """Tell the person what went wrong; the form keeps what was typed."""
        if isinstance(exc, OperationalError):
            raise exc  # a database that is away, locked or full: the page of app.errors keeps what was typed
        message = explanation(exc)
        if message is None:
            return False
        flash(message, "error")
        return True

    # Export

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Any:
        """The list as it is searched, filtered and sorted, as a spreadsheet."""
        if export_type not in self.export_types:
            abort(404)
        _count, rows = self._export_data()
        head = [str(name) for _column, name in self._export_columns]
        # Written out now: while the answer is streamed, the session no longer works for the person.
        table = [[_plain(self.get_export_value(row, name)) for name, _ in self._export_columns] for row in rows]
        filename = f"{self.model_class.__tablename__}_{acting_person().today.isoformat()}.{export_type}"
        if export_type == "xlsx":
            body, kind = spreadsheet.xlsx(str(self.title), head, table), spreadsheet.XLSX
        else:
            body, kind = spreadsheet.csv_lines(head, table), "text/csv"  # type: ignore[assignment]
        return Response(body, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={filename}"})

    # Bulk actions

    def chosen(self, ids: Sequence[str]) -> list[Any]:
        """The chosen rows that the person sees."""
        numbers = {int(number) for number in ids if re.fullmatch(r"[1-9]\d{0,8}", number, re.ASCII)}
        rows = self.get_query().filter(self.model_class.id.in_(numbers))
        return list(rows)

    def save(self, done: str) -> bool:
        """Commit a bulk action and say what was ``done``; all of it or nothing."""
        try:
            db.session.commit()
        except SAID as exc:
            db.session.rollback()
            flash(explanation(exc) or "", "error")
            return False
        flash(done, "success")
        return True

    def carry_out(self, form: Any, change: Callable[[], str]) -> bool:
        """Do what a form asks, commit and say what ``change`` reports; all of it, or nothing and the reason at its
        field."""
        problem = attempt(change)
        if isinstance(problem, Refusal) and problem.field in form:
            return at_field(form, problem)
        if problem is not None:
            flash(explanation(problem) or "", "error")
        return problem is None

    @action(
        "delete", lazy_gettext("Delete"), lazy_gettext("Delete the chosen rows? For 30 days they can be brought back.")
    )
    def action_delete(self, ids: Sequence[str]) -> Any:
        """Delete the chosen rows: all of them, or none where one has to stay."""

        def delete() -> str:
            rows = self.chosen(ids)
            for row in rows:
                self.on_model_delete(row)
                db.session.delete(row)
            return ngettext("%(num)d row is deleted.", "%(num)d rows are deleted.", len(rows))

        self.carry_out((), delete)
        return self.back()

    def back(self) -> Any:
        """Where the person came from."""
        return redirect(get_redirect_target() or self.get_url(".index_view"))


SAID = (policy.PolicyError, RegulationError, Refusal, IntegrityError, DataError, StaleDataError)


def attempt(change: Callable[[], str], *, quietly: bool = False) -> Exception | None:
    """Do ``change``, commit and (unless ``quietly``) say what it reports; or undo all of it and give back what was
    wrong."""
    try:
        done = change()
        db.session.commit()
    except SAID as exc:
        db.session.rollback()
        return exc
    if not quietly:
        flash(done, "success")
    return None


def explanation(exc: Exception) -> str | None:
    """What happened and what to do, in the reader's language; None for what is our own mistake."""
    if isinstance(exc, policy.PolicyError):
        return str(exc.explanation)
    if isinstance(exc, RegulationError | Refusal):
        return str(exc)
    if isinstance(exc, StaleDataError):
        return gettext("Somebody changed this meanwhile. Nothing was saved: look at it anew and repeat your change.")
    if isinstance(exc, IntegrityError):
        return _broken_constraint(str(exc.orig))
    if isinstance(exc, SQLAlchemyError):
        return gettext("The database did not take a value. Nothing was saved: check what you entered.")
    return None


def _broken_constraint(message: str) -> str:
    low = message.lower()
    if "foreign key" in low:
        return gettext("Other records hold on to it, so it stays. Nothing was changed.")
    if "unique" in low:
        return gettext("There is such a record already. Nothing was saved.")
    if "not null" in low or "not-null" in low:
        return gettext("Something required is missing. Nothing was saved.")
    return gettext("A value is outside of what is allowed here. Nothing was saved.")


def allowed_of(model: type[Base], ids: Sequence[int], *actions: Action) -> dict[Action, set[int]]:
    """Of each action, those of the rows, which the person sees, with which they may do it; where it is every row,
    nobody is asked."""
    of_all = {action for action in actions if isinstance(policy.criterion(acting(), model, action), True_)}
    asked = [action for action in dict.fromkeys(actions) if action not in of_all]
    return {action: set(ids) for action in of_all} | policy.allowed_each(db.session(), model, asked, ids)


@cache
def _loaded(model: type[Any], path: str) -> Any:
    """Loads a relation with the rows; what there can be many of, by one more statement."""
    option: Any = None
    for name in path.split("."):
        attribute = getattr(model, name)
        load = selectinload if attribute.property.uselist else joinedload
        option = load(attribute) if option is None else getattr(option, load.__name__)(attribute)
        model = attribute.property.mapper.class_
    return option


@cache
def _only(model: type[Any], path: str, names: tuple[str, ...]) -> Any:
    """Reads only some columns of the rows of ``model``, or of those a relation leads to."""
    option: Any = None
    for name in path.split(".") if path else ():
        attribute = getattr(model, name)
        option = defaultload(attribute) if option is None else option.defaultload(attribute)
        model = attribute.property.mapper.class_
    columns = [getattr(model, name) for name in names]
    return load_only(*columns) if option is None else option.load_only(*columns)


def _with_only(form: Any, names: Sequence[str] | None) -> Any:
    """The class of a form with these of its fields; None: with all."""
    if names is None:
        return form
    fields = [name for name in dir(form) if hasattr(getattr(form, name), "_formfield")]
    return type(form.__name__, (form,), {name: None for name in fields if name not in names})


def may_write(row: Any, field: str) -> bool:
    """Whether the person may change what the field writes; a field that is no column is its view's business."""
    mapper = inspect(type(row))
    proxy = mapper.all_orm_descriptors.get(field)
    if getattr(proxy, "extension_type", None) and proxy.extension_type.name == "ASSOCIATION_PROXY":
        part = getattr(row, proxy.target_collection)
        if part is None:  # not there yet: it is created with the first value
            return policy.may(acting(), mapper.relationships[proxy.target_collection].mapper.class_, Action.CREATE)
        return may_write(part, proxy.value_attr)
    if field in mapper.relationships:
        relation = mapper.relationships[field]
        names = {field} if relation.secondary is not None else {column.key for column in relation.local_columns}
    elif field in mapper.column_attrs:
        names = {field}
    else:
        return True
    known = g.setdefault("writable", {})  # of a form, which has many fields of few rows
    if row not in known:
        known[row] = policy.writable(db.session(), row)
    columns = known[row]
    return columns is None or names <= columns


def _plain(value: Any) -> Any:
    """A value as a spreadsheet can hold it."""
    if isinstance(value, Markup):
        return unescape(re.sub("<[^>]*>", "", value.replace("<br>", "; ")))
    return value if value is None or isinstance(value, int | float | date) else str(value)
