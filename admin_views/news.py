"""«Новости школы»: written, addressed and published by the deputy director, read by all."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from admin_views import filters
from admin_views.base import SchoolModelView
from app.models import NewsItem
from app.models.communication import Audience


class NewsItemView(SchoolModelView):
    """News items."""

    model_class = NewsItem
    title = _("School news")
    empty = _("No news yet.")
    loads = ("author",)
    column_list = ("title", "audience", "published_at", "is_pinned", "author")
    column_details_list = ("title", "body", "audience", "published_at", "is_pinned", "author", "created_at")
    column_sortable_list = ("title", "audience", "published_at", "is_pinned")
    column_default_sort = [("is_pinned", True), ("published_at", True)]
    filters = (
        filters.OneOf("audience", _("For whom"), NewsItem.audience, Audience),
        filters.YesNo("published", _("Published"), NewsItem.published_at.is_not(None)),
    )
    form_columns = ("title", "body", "audience", "classes", "published_at", "is_pinned")
