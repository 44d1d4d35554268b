"""«Новости школы»: written, addressed and published by whoever may, read by those addressed."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Response, abort, after_this_request, request, send_from_directory
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import BooleanField

from admin_views import asked, filters, formats
from admin_views.base import SchoolModelView, acting_person
from admin_views.labels import LABELS
from admin_views.news_form import NewsForm, PictureField
from app import clock, policy
from app.extensions import db
from app.models import NewsItem
from app.models.communication import Audience
from app.news import archive, feed, pictures, readings
from app.news.feed import NewsState
from app.news.text import excerpt, render
from app.policy import Action

ONE_DAY = 24 * 60 * 60
LAST_PAGE = 10_000


def audience_words(item: NewsItem) -> str:
    """«Chosen classes: 5А, 5Б»; of the classes those that the reader sees."""
    classes = sorted(item.classes, key=lambda row: (row.grade, row.letter))
    names = ", ".join(str(row) for row in classes)
    return f"{item.audience}: {names}" if item.audience is Audience.CLASSES and names else str(item.audience)


def state_words(item: NewsItem, now: datetime) -> str:
    """«Scheduled for 23 Nov, 10:00»."""
    state = feed.state_of(item, now)
    if state is NewsState.SCHEDULED and item.published_at is not None:
        return gettext("Scheduled for %(moment)s", moment=formats.moment(item.published_at))
    return str(state)


def _title(view: Any, _context: Any, item: NewsItem, _name: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(view.get_url(".details_view", id=item.id), item.title)


def note_reading(actor: policy.Actor, item_id: int) -> None:
    """Note that the person has read an item once the page has been made."""

    @after_this_request
    def note(response: Response) -> Response:
        if response.status_code == 200:
            readings.note(actor.user_id, item_id, actor.today, actor.now)
        return response


class NewsItemView(SchoolModelView):
    """News items."""

    model_class = NewsItem
    title = _("School news")
    empty = _("No news yet.")
    loads = ("author", "classes")
    column_list = ("title", "state", "audience", "published_at", "is_pinned", "read", "author")
    column_rights = {"state": (NewsItem, Action.CREATE), "read": (NewsItem, Action.CREATE)}
    column_labels = LABELS | {"read": _("Read by")}
    column_details_list = column_list
    column_sortable_list = ("title", "audience", "published_at", "is_pinned")
    column_default_sort = [("is_pinned", True), ("published_at", True)]
    column_formatters = {
        "title": _title,
        "state": lambda _view, _context, item, _name: state_words(item, acting_person().now),
        "audience": lambda _view, _context, item, _name: audience_words(item),
        "read": lambda view, _context, item, _name: view._template_args["read"].get(item.id, ""),
    }
    column_formatters_export = column_formatters | {"title": lambda _view, _context, item, _name: item.title}
    filters = (
        filters.OneOf("audience", _("For whom"), NewsItem.audience, Audience),
        filters.Choice(
            "state",
            _("State"),
            lambda state: feed.in_state(state, acting_person().now),
            lambda: [(state.value, str(state)) for state in NewsState],
            lambda word: next(state for state in NewsState if state.value == word),
        ),
    )
    form_base_class = NewsForm
    form_columns = (
        "title",
        "body",
        "picture_file",
        "picture_removed",
        "audience",
        "classes",
        "published_at",
        "is_pinned",
    )
    form_extra_fields = {
        "picture_file": PictureField(LABELS["picture"], description=_("JPEG, PNG or WebP, up to 10 MB.")),
        "picture_removed": BooleanField(_("Take the picture away")),
    }
    form_args = {
        "body": {
            "description": _(
                "An empty line begins a paragraph. # before a line makes a heading, - a list, **two stars** bold, "
                "[words](https://address) a link."
            )
        },
        "published_at": {
            "label": _("Publish at"),
            "description": _("A moment to come publishes by itself then. Empty: a draft that only its writers see."),
        },
        "is_pinned": {"description": _("Stands above the other news.")},
        "classes": {"description": _("For the audience «Chosen classes».")},
    }
    form_widget_args = {"body": {"rows": 14}}
    list_template = "admin/news/list.html"
    create_template = "admin/news/create.html"
    edit_template = "admin/news/edit.html"
    details_template = "admin/news/details.html"

    def render(self, template: str, **values: Any) -> Any:
        """Pages of one item know how to write it; who opens a published one has read it."""
        actor, item = acting_person(), values.get("model")
        if template == self.details_template and isinstance(item, NewsItem):
            values |= self._seen(item)
        return super().render(
            template, markdown=render, audience_words=audience_words, state_words=state_words,
            state_of=feed.state_of, moment=formats.moment, now=actor.now, excerpt=excerpt, **values,
        )  # fmt: skip

    def _seen(self, item: NewsItem) -> dict[str, Any]:
        """Notes that it is read, and tells those who publish how many have; nothing of what is not published."""
        actor = acting_person()
        if feed.state_of(item, actor.now) in (NewsState.DRAFT, NewsState.SCHEDULED):
            return {"seen": None}
        note_reading(actor, item.id)
        may_know = policy.may(actor, NewsItem, Action.CREATE)
        return {"seen": readings.seen(db.session(), item, actor.today) if may_know else None}

    def get_query(self) -> Any:
        """The list without what is in the archive, unless that is asked for; one row or chosen rows as they are."""
        query = super().get_query()
        return query.filter(NewsItem.archived_at.is_(None)) if self._hides_archived() else query

    def get_count_query(self) -> Any:
        """As many."""
        query = super().get_count_query()
        return query.filter(NewsItem.archived_at.is_(None)) if self._hides_archived() else query

    def _hides_archived(self) -> bool:
        states = [value for name, value in request.args.items() if name == "state" or name.endswith("_state")]
        is_list = request.endpoint in (f"{self.endpoint}.index_view", f"{self.endpoint}.export")
        return is_list and NewsState.ARCHIVED.value not in states

    def get_list(self, page: int | None, *arguments: Any, **options: Any) -> Any:
        """A page of items, with how many have read each, for those who may know."""
        count, rows = super().get_list(page, *arguments, **options)
        may_know = policy.may(acting_person(), NewsItem, Action.CREATE)
        self._template_args["read"] = readings.counts(db.session(), [row.id for row in rows]) if may_know else {}
        return count, rows

    # Writing

    def create_form(self, obj: Any = None) -> Any:
        """There is no picture to take away yet."""
        form = super().create_form(obj)
        del form["picture_removed"]
        return form

    def edit_form(self, obj: Any = None) -> Any:
        """The picture can be taken away where there is one."""
        form = super().edit_form(obj)
        if obj is not None and not obj.picture:
            del form["picture_removed"]
        return form

    def on_model_change(self, form: Any, model: NewsItem, is_created: bool) -> None:
        """Keep or take away the picture; «Publish now» publishes."""
        if form.picture_file.picture is not None:
            model.picture = pictures.keep(db.session(), form.picture_file.picture)
        elif "picture_removed" in form and form.picture_removed.data:
            model.picture = None
        if "_publish" in request.form:
            feed.publish([model], acting_person().now)
        if model.published_at is None or model.published_at > acting_person().now:
            model.archived_at = None  # it comes anew

    @action("publish", _("Publish now"), _("Publish the chosen news now?"))
    def action_publish(self, ids: list[str]) -> Any:
        """Publish the chosen drafts and scheduled items."""
        count = feed.publish(self.chosen(ids), acting_person().now)
        self.save(ngettext("%(num)d news item is published.", "%(num)d news items are published.", count))
        return self.back()

    @action("archive", _("Put into the archive"))
    def action_archive(self, ids: list[str]) -> Any:
        """The chosen published items are no longer news, and stay to be read."""
        count = feed.archive(self.chosen(ids), acting_person().now)
        self.save(ngettext("%(num)d news item is in the archive now.", "%(num)d news items are in the archive now.",
                           count))  # fmt: skip
        return self.back()

    @action("unarchive", _("Take out of the archive"))
    def action_unarchive(self, ids: list[str]) -> Any:
        """The chosen archived items are news again."""
        count = feed.unarchive(self.chosen(ids))
        self.save(ngettext("%(num)d news item is out of the archive.", "%(num)d news items are out of the archive.",
                           count))  # fmt: skip
        return self.back()

    # Reading

    @expose("/schedule/")
    def schedule(self) -> Any:
        """What is published by itself, by day, and the drafts; for those who publish."""
        if not self.can_create:
            abort(403)
        scheduled, drafts = feed.schedule(db.session(), acting_person().now)
        days = groupby(scheduled, lambda item: clock.day_of(item.published_at or acting_person().now))
        return self.render(
            "admin/news/schedule.html", days=[(day, list(some)) for day, some in days], drafts=drafts, day=formats.day,
            hour=lambda item: formats.hour(item.published_at.astimezone(clock.zone()).time()),
        )  # fmt: skip

    @expose("/archive/")
    def archive_view(self) -> Any:
        """News that are no longer news, by years and months."""
        when, words, page = request.args.get("when", ""), asked.line("search", 100), asked.number("page") or 1
        if (when and archive.span_of(when) is None) or page > LAST_PAGE:
            abort(404)
        session, now, zone = db.session(), acting_person().now, clock.zone()
        return self.render(
            "admin/news/archive.html", shown=archive.page(session, now, zone, when, words, page), words=words,
            when=when, spans=archive.spans(session, now, zone),
        )  # fmt: skip

    @expose("/preview/", methods=("POST",))
    def preview(self) -> Any:
        """The typed item as readers will see it, in a tab of its own; nothing is saved."""
        if not policy.may(acting_person(), NewsItem, Action.CREATE):
            abort(403)
        stands = self.get_one(request.args.get("id"))
        form = self.create_form()
        form.validate()
        picture, address = form.picture_file.picture, None
        if picture is not None:
            address = f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"
        elif stands is not None and stands.picture and "picture_removed" not in request.form:
            address = self.get_url(".picture", number=stands.id, file=stands.picture)
        return self.render("admin/news/preview.html", form=form, picture=address)

    @expose("/picture/<int:number>/<file>")
    def picture(self, number: int, file: str) -> Response:
        """The picture of an item, for those who may see the item. Its name changes with it, so it can be kept."""
        item = self.get_one(number)
        if item is None or item.picture != file:
            abort(404)
        suffix = file[file.rindex(".") :]
        answer = send_from_directory(
            pictures.folder(), file, mimetype=pictures.TYPES[suffix], download_name=f"{item.title[:80]}{suffix}"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = f"private, max-age={ONE_DAY}"
        return answer
