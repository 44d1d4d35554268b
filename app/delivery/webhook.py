"""/webhooks/twilio/status: what became of an SMS, told by Twilio and nobody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from app import policy
from app.delivery import outbox
from app.delivery.reasons import coded
from app.delivery.transports.twilio_codes import CALLBACK_PATH, reason_of
from app.extensions import csrf
from app.models.access import DeliveryState

blueprint = Blueprint("twilio_status", __name__)
csrf.exempt(blueprint)  # signed instead

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
STATES = {
    "accepted": DeliveryState.SENT,
    "scheduled": DeliveryState.SENT,
    "queued": DeliveryState.SENT,
    "sending": DeliveryState.SENT,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}
ATTEMPT = re.compile(r"[0-9a-f-]{36}", re.ASCII)
SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}", re.ASCII)


@blueprint.post(CALLBACK_PATH)
def status() -> ResponseReturnValue:
    """204 for every signed call, 403 for any other."""
    if not _is_signed():
        return "", 403
    attempt, sid = request.args.get("attempt", ""), request.form.get("MessageSid", "")
    state = STATES.get(request.form.get("MessageStatus", ""))
    if state is None or not ATTEMPT.fullmatch(attempt):
        return "", 204
    with policy.system() as session:
        outbox.note_callback(
            session, attempt, state, sid if SID.fullmatch(sid) else None, _error(state), datetime.now(UTC)
        )
    return "", 204


def _is_signed() -> bool:
    token = current_app.config["TWILIO_AUTH_TOKEN"]
    if not token:  # an empty key would let anybody sign
        return False
    query = request.query_string.decode("ascii", "replace")
    address = current_app.config["PUBLIC_URL"] + request.path + (f"?{query}" if query else "")
    signature = request.headers.get(SIGNATURE_HEADER, "")
    return bool(RequestValidator(token).validate(address, request.form, signature))


def _error(state: DeliveryState) -> str:
    if state is not DeliveryState.FAILED:
        return ""
    code = request.form.get("ErrorCode", "")
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else None
    return coded(reason_of(number), number)
