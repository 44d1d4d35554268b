"""Access: credentials, deliveries, sign-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, url_for
from flask_admin.actions import action
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from admin_views import filters
from admin_views.base import SAID, SchoolModelView, acting, acting_person, explanation
from admin_views.formats import linked
from admin_views.forms import SchoolForm
from admin_views.issuing import GivesAccess, address_text
from admin_views.labels import LABELS
from app import policy
from app.credentials import by_hand, texts
from app.delivery import reasons
from app.delivery.worker import has_service
from app.demo import is_demo
from app.extensions import db
from app.models import Credential, Delivery, SignIn
from app.models.access import DeliveryChannel, DeliveryState
from app.policy import Action

NOTICE, ACCESS = _("Notification"), _("Access")
MOST_REFUSALS = 5
"""Refused messages that are named one by one."""


class ReadOnlyView(SchoolModelView):
    """Rows that are made by the work of the product, never in a form."""

    can_create = False
    can_edit = False
    can_delete = False

    def scaffold_form(self) -> type[SchoolForm]:
        """There is no form."""
        return SchoolForm


class CredentialView(GivesAccess, ReadOnlyView):
    """Who was given access, and what became of it."""

    model_class = Credential
    title = _("Credentials")
    in_menu = Action.CREATE
    loads = ("user", "issued_by")
    details_template = "admin/access/credential.html"
    column_list = ("user", "issued_at", "issued_by", "opened_at", "activated_at", "expires_at", "revoked_at")
    column_details_list = column_list
    column_sortable_list = (("user", "user.sort_name"), "issued_at", "activated_at", "expires_at")
    newest_first = True
    column_formatters = {"user": linked}
    filters = (
        filters.YesNo("activated", _("Activated"), Credential.activated_at.is_not(None)),
        filters.YesNo("opened", _("Opened"), Credential.opened_at.is_not(None)),
        filters.YesNo("revoked", _("Revoked"), Credential.revoked_at.is_not(None)),
    )

    def is_action_allowed(self, name: str) -> bool:
        """Who may change credentials takes access back."""
        if name == "revoke":
            return policy.may(acting(), Credential, Action.CHANGE)
        return super().is_action_allowed(name)

    @action("revoke", _("Revoke access"))
    def revoke(self, _ids: list[str]) -> Any:
        """On to the question whether to; the form goes along."""
        return redirect(url_for("access.revoke", of=self.endpoint), 307)


class DeliveryView(GivesAccess, ReadOnlyView):
    """How messages reached people, and what is to be done where they did not."""

    model_class = Delivery
    title = _("Deliveries")
    in_menu = Action.CREATE
    loads = ("user",)
    details_template = "admin/access/delivery.html"
    column_list = ("user", "is_notice", "channel", "address", "state", "error", "created_at", "settled_at")
    column_details_list = (*column_list, "attempts")
    column_labels = LABELS | {"channel": _("Channel"), "is_notice": _("What it brings")}
    column_sortable_list = (("user", "user.sort_name"), "channel", "state", "created_at", "settled_at")
    newest_first = True
    column_formatters = {
        "user": linked,
        "is_notice": lambda _view, _context, row, _name: str(NOTICE if row.is_notice else ACCESS),
        "address": lambda _view, _context, row, _name: address_text(row.channel, row.address),
        "error": lambda _view, _context, row, _name: reasons.words(row.error),
    }
    filters = (
        filters.OneOf("state", _("State"), Delivery.state, DeliveryState),
        filters.OneOf("channel", _("Channel"), Delivery.channel, DeliveryChannel),
    )

    def is_action_allowed(self, name: str) -> bool:
        """Who may change deliveries sends them again and stops them."""
        if name in {"retry", "cancel"}:
            return policy.may(acting(), Delivery, Action.CHANGE)
        return super().is_action_allowed(name)

    @action("retry", _("Retry"))
    def retry(self, ids: list[str]) -> Any:
        """Send the same messages once more."""
        return self._by_hand(ids, by_hand.send_again, lambda number: ngettext(
            "%(num)d message is queued again.", "%(num)d messages are queued again.", number))  # fmt: skip

    @action("cancel", _("Cancel sending"), _("Cancel the chosen messages that are still queued?"))
    def cancel(self, ids: list[str]) -> Any:
        """Stop messages that are still queued."""
        return self._by_hand(ids, by_hand.cancel, lambda number: ngettext(
            "%(num)d message is cancelled.", "%(num)d messages are cancelled.", number))  # fmt: skip

    def _by_hand(self, ids: list[str], work: by_hand.ByHand, done: Callable[[int], str]) -> Any:
        """All of the chosen that can be done; of the others it is said why not."""
        rows = [row.id for row in self.chosen(ids)]
        try:
            refused = work(db.session(), rows, acting_person().now)
            db.session.commit()
        except SAID as exc:
            db.session.rollback()
            flash(explanation(exc) or "", "error")
            return self.back()
        if len(rows) > len(refused):
            flash(done(len(rows) - len(refused)), "success")
        for refusal in refused[:MOST_REFUSALS]:
            flash(f"{refusal.name}: {refusal.reason}", "error")
        if len(refused) > MOST_REFUSALS:
            flash(gettext("Nothing was done with %(number)s more messages.",
                          number=len(refused) - MOST_REFUSALS), "error")  # fmt: skip
        return self.back()

    def open_to(self, row: Delivery) -> set[str]:
        """Which of the actions make sense for this message now."""
        return {name for name in by_hand.possible(row, acting_person().now) if self.is_action_allowed(name)}

    def text(self, row: Delivery) -> str:
        """What the person was sent; the code is shown in a demo alone, whose messages leave for nowhere.

        What a notification tells is its receiver's to read, and nobody else's.
        """
        if row.channel is DeliveryChannel.SLIP or row.is_notice:
            return ""
        if self.shows_code(row):
            return texts.render(db.session(), row, str(current_app.config["SECRET_KEY"]))
        return texts.masked(db.session(), row)

    def shows_code(self, row: Delivery) -> bool:
        """Whether the page of this message is where a demo's people read it."""
        if has_service(current_app, row.channel):
            return False
        with policy.system() as session:
            return is_demo(session)


class SignInView(ReadOnlyView):
    """Who signed in, and who failed to."""

    model_class = SignIn
    title = _("Sign-ins")
    loads = ("user",)
    column_list = ("at", "user", "succeeded", "address")
    column_details_list = column_list
    column_sortable_list = ("at", "succeeded", "address")
    newest_first = True
    filters = (filters.YesNo("succeeded", _("Succeeded"), SignIn.succeeded),)
