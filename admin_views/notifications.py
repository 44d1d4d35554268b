"""Staff choose what they are told of, and when they are left in peace."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from admin_views.base import SchoolPage, acting
from app import policy
from app.diary import notifications
from app.extensions import db
from app.models import QuietHours
from app.notifications import quiet_hours
from app.notifications.rules import Rules
from app.people.refusal import Refusal
from app.policy import Action


class NotificationsView(SchoolPage):
    """The page of the diary, with quiet hours."""

    of = QuietHours
    needs = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Notifications"), category, endpoint="notifications", url="/admin/notifications")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """What the person has chosen; a form keeps it."""
        if request.method == "GET":
            return self._page()
        if "quiet" not in request.form:
            notifications.save()
            return redirect(self.get_url(".index"))
        typed = {name: request.form.get(name, "") for name in ("starts_at", "ends_at", "weekends")}
        try:
            quiet_hours.keep(db.session(), typed["starts_at"], typed["ends_at"], weekends=bool(typed["weekends"]))
        except Refusal as refusal:
            db.session.rollback()
            return self._page(typed, {refusal.field: str(refusal)})
        db.session.commit()
        flash(gettext("Your quiet hours are saved."), "success")
        return redirect(self.get_url(".index"))

    def _page(self, typed: dict[str, str] | None = None, errors: dict[str | None, str] | None = None) -> Any:
        hours = quiet_hours.of(db.session(), Rules.of(current_app.config).quiet)
        standing = {
            "starts_at": f"{hours.starts_at:%H:%M}", "ends_at": f"{hours.ends_at:%H:%M}",
            "weekends": "1" if hours.weekends else "",
        }  # fmt: skip
        return self.render(
            "admin/notifications.html", action=self.get_url(".index"), hours=typed or standing, errors=errors or {},
            may_be_quiet=policy.may(acting(), QuietHours, Action.CREATE), **notifications.words(),
        )  # fmt: skip
