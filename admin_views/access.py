"""Access: credentials, deliveries, sign-ins."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from admin_views import filters
from admin_views.base import SchoolModelView
from admin_views.formats import linked
from admin_views.forms import SchoolForm
from app.models import Credential, Delivery, SignIn
from app.models.access import DeliveryChannel, DeliveryState
from app.policy import Action


class ReadOnlyView(SchoolModelView):
    """Rows that are made by the work of the product, never in a form."""

    can_create = False
    can_edit = False
    can_delete = False

    def scaffold_form(self) -> type[SchoolForm]:
        """There is no form."""
        return SchoolForm


class CredentialView(ReadOnlyView):
    """Who was given access, and what became of it."""

    model_class = Credential
    title = _("Credentials")
    in_menu = Action.CREATE
    loads = ("user", "issued_by")
    column_list = ("user", "issued_at", "issued_by", "opened_at", "activated_at", "expires_at", "revoked_at")
    column_details_list = column_list
    column_sortable_list = (("user", "user.sort_name"), "issued_at", "activated_at", "expires_at")
    column_default_sort = ("issued_at", True)
    column_formatters = {"user": linked}
    filters = (
        filters.YesNo("activated", _("Activated"), Credential.activated_at.is_not(None)),
        filters.YesNo("opened", _("Opened"), Credential.opened_at.is_not(None)),
        filters.YesNo("revoked", _("Revoked"), Credential.revoked_at.is_not(None)),
    )


class DeliveryView(ReadOnlyView):
    """How messages reached people."""

    model_class = Delivery
    title = _("Deliveries")
    in_menu = Action.CREATE
    loads = ("user",)
    column_list = ("user", "channel", "address", "state", "error", "created_at", "settled_at")
    column_details_list = (*column_list, "attempts")
    column_sortable_list = (("user", "user.sort_name"), "channel", "state", "created_at", "settled_at")
    column_default_sort = ("created_at", True)
    column_formatters = {"user": linked}
    filters = (
        filters.OneOf("state", _("State"), Delivery.state, DeliveryState),
        filters.OneOf("channel", _("Channel"), Delivery.channel, DeliveryChannel),
    )


class SignInView(ReadOnlyView):
    """Who signed in, and who failed to."""

    model_class = SignIn
    title = _("Sign-ins")
    loads = ("user",)
    column_list = ("at", "user", "succeeded", "address")
    column_details_list = column_list
    column_sortable_list = ("at", "succeeded", "address")
    column_default_sort = ("at", True)
    filters = (filters.YesNo("succeeded", _("Succeeded"), SignIn.succeeded),)
