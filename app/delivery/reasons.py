"""Why a message did not arrive, and what a person can do about it.

``Delivery.error`` holds the short code; the words are made when it is shown, in the reader's language.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.models.columns import Titled


class Reason(Titled):
    """A cause that somebody can act on, or wait for."""

    NUMBER_INVALID = (
        "number_invalid",
        lazy_gettext("The phone number does not exist. Correct it and send the access again."),
    )
    NOT_MOBILE = (
        "not_mobile",
        lazy_gettext("The number does not take SMS. Enter a mobile number, or send by e-mail or as a slip."),
    )
    OPTED_OUT = (
        "opted_out",
        lazy_gettext("The person has refused SMS from this sender. Send by e-mail or as a slip."),
    )
    REGION = (
        "region",
        lazy_gettext("SMS to this country are not allowed in the Twilio account. Allow the country, or use e-mail."),
    )
    UNREACHABLE = (
        "unreachable",
        lazy_gettext("The phone could not be reached. Ask the person, or send by e-mail or as a slip."),
    )
    BLOCKED = (
        "blocked",
        lazy_gettext("The operator stopped the message. Send by e-mail or as a slip."),
    )
    SMS_ACCOUNT = (
        "sms_account",
        lazy_gettext("The Twilio account is suspended, or its key is wrong. Check the account, then send again."),
    )
    SMS_SENDER = (
        "sms_sender",
        lazy_gettext("Twilio does not accept the sender. Check TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID."),
    )
    PUBLIC_ADDRESS = (
        "public_address",
        lazy_gettext("Twilio cannot use the journal's address. Set PUBLIC_URL to the one people reach it at."),
    )
    TOO_LONG = ("too_long", lazy_gettext("The text is too long for an SMS. Shorten SCHOOL_NAME or PUBLIC_URL."))
    RATE_LIMITED = ("rate_limited", lazy_gettext("Too many messages at once. The journal waits and tries again."))
    SERVICE_DOWN = (
        "service_down",
        lazy_gettext("The SMS service does not answer. The journal tries again by itself."),
    )
    ADDRESS_REFUSED = (
        "address_refused",
        lazy_gettext("The mail server knows no such address. Correct the e-mail and send the access again."),
    )
    MAIL_REFUSED = (
        "mail_refused",
        lazy_gettext("The mail server refused the message. Show this to whoever looks after the server."),
    )
    MAIL_ACCOUNT = (
        "mail_account",
        lazy_gettext("The mail server did not let the journal in. Check MAIL_USERNAME and MAIL_PASSWORD."),
    )
    MAIL_DOWN = ("mail_down", lazy_gettext("The mail server does not answer. The journal tries again by itself."))
    MAIL_BUSY = ("mail_busy", lazy_gettext("The mail server asks to wait. The journal tries again by itself."))
    UNANSWERED = (
        "unanswered",
        lazy_gettext("It is not known whether the message arrived. Ask the person, or send the access again."),
    )
    PROVIDER_REFUSED = ("provider_refused", lazy_gettext("The SMS service refused the message."))
    PUSH_GONE = ("push_gone", lazy_gettext("The browser takes no notifications any more. It was taken off the list."))
    PUSH_REFUSED = ("push_refused", lazy_gettext("The push service refused the notification."))
    PUSH_DOWN = (
        "push_down",
        lazy_gettext("The push service does not answer. The journal tries again by itself."),
    )
    PUSH_NOT_ALLOWED = (
        "push_not_allowed",
        lazy_gettext("The journal sends nothing to this push service. See the setting PUSH_SERVICES."),
    )
    NOTHING_LEFT = ("nothing_left", lazy_gettext("There was nothing left to tell when it was to be sent."))
    LATE = ("late", lazy_gettext("It could not be sent for two days. What it told stands in the diary."))
    EXPIRED = ("expired", lazy_gettext("The access expired before it could be sent. Send it again."))
    REVOKED = ("revoked", lazy_gettext("The access was taken back or replaced before it was sent."))
    USED = ("used", lazy_gettext("The access was already in use before the message was sent."))
    STOPPED = ("stopped", lazy_gettext("The message was cancelled before it was sent."))
    RESTORED = (
        "restored",
        lazy_gettext("The journal was restored from a backup in which the message waited. Send it again if needed."),
    )
    INTERNAL = ("internal", lazy_gettext("The journal could not write the message. Show this to its administrator."))


def coded(reason: Reason, code: int | None = None) -> str:
    """What ``Delivery.error`` keeps: the reason, and the provider's own code where it gave one."""
    return reason.value if code is None else f"{reason.value}:{code}"


def words(error: str) -> str:
    """What ``Delivery.error`` means, in the reader's language; empty for no error.

    A number after a colon is the provider's own code: ``provider_refused:30034``.
    """
    if not error:
        return ""
    code, _colon, number = error.partition(":")
    reason = Reason._value2member_map_.get(code)
    text = str(reason) if reason else error
    return f"{text} " + _("(code %(number)s)", number=number) if number else text
