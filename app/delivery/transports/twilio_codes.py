"""What Twilio says of a message, in answers and in status callbacks; without its client, which web has no need of."""

from __future__ import annotations

from app.delivery.reasons import Reason

CALLBACK_PATH = "/webhooks/twilio/status"

# https://www.twilio.com/docs/api/errors; the same numbers come in answers and in status callbacks.
REASONS = {
    20003: Reason.SMS_ACCOUNT,
    20005: Reason.SMS_ACCOUNT,
    20404: Reason.SMS_ACCOUNT,
    21211: Reason.NUMBER_INVALID,
    21212: Reason.SMS_SENDER,
    21217: Reason.NUMBER_INVALID,
    21408: Reason.REGION,
    21603: Reason.SMS_SENDER,
    21604: Reason.NUMBER_INVALID,
    21606: Reason.SMS_SENDER,
    21609: Reason.PUBLIC_ADDRESS,
    21610: Reason.OPTED_OUT,
    21612: Reason.UNREACHABLE,
    21614: Reason.NOT_MOBILE,
    21617: Reason.TOO_LONG,
    21701: Reason.SMS_SENDER,
    21703: Reason.SMS_SENDER,
    30002: Reason.SMS_ACCOUNT,
    30003: Reason.UNREACHABLE,
    30004: Reason.BLOCKED,
    30005: Reason.NUMBER_INVALID,
    30006: Reason.NOT_MOBILE,
    30007: Reason.BLOCKED,
}


def reason_of(code: int | None) -> Reason:
    """The reason behind an error code of Twilio."""
    return REASONS.get(code or 0, Reason.PROVIDER_REFUSED)
