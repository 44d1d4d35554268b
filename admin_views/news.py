"""«Новости школы»: written, addressed and published by whoever may, read by those addressed."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any

from flask import Response, abort, request, send_from_directory
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import BooleanField

from admin_views import filters, formats
from admin_views.base import SchoolModelView, acting_person
from admin_views.labels import LABELS
from admin_views.news_form import NewsForm, PictureField
from app import policy
from app.extensions import db
from app.models import NewsItem
from app.models.communication import Audience
from app.news import feed, pictures
from app.news.feed import NewsState
from app.news.text import render
from app.policy import Action

ONE_DAY = 24 * 60 * 60


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


class NewsItemView(SchoolModelView):
    """News items."""

    model_class = NewsItem
    title = _("School news")
    empty = _("No news yet.")
    loads = ("author", "classes")
    column_list = ("title", "state", "audience", "published_at", "is_pinned", "author")
    column_rights = {"state": (NewsItem, Action.CREATE)}
    column_details_list = column_list
    column_sortable_list = ("title", "audience", "published_at", "is_pinned")
    column_default_sort = [("is_pinned", True), ("published_at", True)]
    column_formatters = {
        "title": _title,
        "state": lambda _view, _context, item, _name: state_words(item, acting_person().now),
        "audience": lambda _view, _context, item, _name: audience_words(item),
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
    create_template = "admin/news/create.html"
    edit_template = "admin/news/edit.html"
    details_template = "admin/news/details.html"

    def render(self, template: str, **values: Any) -> Any:
        """Pages of one item know how to write it."""
        return super().render(
            template, markdown=render, audience_words=audience_words, state_words=state_words,
            state_of=feed.state_of, moment=formats.moment, now=acting_person().now, **values,
        )  # fmt: skip

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

    @action("publish", _("Publish now"), _("Publish the chosen news now?"))
    def action_publish(self, ids: list[str]) -> Any:
        """Publish the chosen drafts and scheduled items."""
        count = feed.publish(self.chosen(ids), acting_person().now)
        self.save(ngettext("%(num)d news item is published.", "%(num)d news items are published.", count))
        return self.back()

    # Reading

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
