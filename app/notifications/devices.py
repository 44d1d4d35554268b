"""Browsers that take Web Push: put on the list by the browser itself, taken off by hand or when they are gone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import policy
from app.delivery import vapid
from app.models import PushSubscription
from app.people.refusal import Refusal

MOST = 10
"""Browsers a person has at most; another one takes the place of the oldest."""
LONGEST = 2000  # characters of an endpoint
NOT_UNDERSTOOD = lazy_gettext("The browser sent nothing that a notification could be sent to. Nothing was changed.")
NOT_ALLOWED = lazy_gettext("The journal sends no notifications through the push service of this browser.")


def free(session: Session, endpoint: str, user_id: int) -> None:
    """Take a browser off other people's lists: whoever uses it now gets what it shows. Commits.

    ``session`` is one of ``policy.system()``.
    """
    others = (PushSubscription.endpoint == endpoint, PushSubscription.user_id != user_id)
    session.execute(delete(PushSubscription).where(*others))
    session.commit()


def read(sent: Any, services: str) -> dict[str, str]:
    """Endpoint and keys of what ``PushSubscription.toJSON()`` gave. Raises Refusal for anything else."""
    keys = sent.get("keys") if isinstance(sent, Mapping) else None
    if not isinstance(keys, Mapping):
        raise Refusal(NOT_UNDERSTOOD)
    endpoint, p256dh, auth = sent.get("endpoint"), keys.get("p256dh"), keys.get("auth")
    if not isinstance(endpoint, str) or not endpoint.isascii() or not 0 < len(endpoint) <= LONGEST:
        raise Refusal(NOT_UNDERSTOOD)
    if not _is_point(p256dh) or len(_decoded(auth) or b"") != 16:
        raise Refusal(NOT_UNDERSTOOD)
    if not vapid.is_allowed(endpoint, services):
        raise Refusal(NOT_ALLOWED)
    return {"endpoint": endpoint, "p256dh": str(p256dh), "auth": str(auth)}


def _decoded(text: Any) -> bytes | None:
    if not isinstance(text, str) or len(text) > 120:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_point(text: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec

    point = _decoded(text)
    try:
        return point is not None and bool(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    except ValueError:
        return False


def subscribe(session: Session, browser: Mapping[str, str], agent: str, now: datetime) -> PushSubscription:
    """Put a browser on the list of the session's person, or renew its keys. The caller commits."""
    actor = policy.actor_of(session)
    own = select(PushSubscription).where(PushSubscription.user_id == actor.user_id).order_by(PushSubscription.id)
    rows = list(session.scalars(own))
    row = next((row for row in rows if row.endpoint == browser["endpoint"]), None)
    if row is None:
        for oldest in rows[: max(0, len(rows) - MOST + 1)]:
            session.delete(oldest)
        row = PushSubscription(user_id=actor.user_id, created_at=now, **browser)
        session.add(row)
    row.p256dh, row.auth, row.agent = browser["p256dh"], browser["auth"], agent[:200]
    session.flush()
    return row


def forget_all(session: Session) -> None:
    """Take every browser off the list of the session's person, who has lost one of them. The caller commits."""
    own = select(PushSubscription).where(PushSubscription.user_id == policy.actor_of(session).user_id)
    for row in session.scalars(own):
        session.delete(row)


def unsubscribe(session: Session, *, endpoint: str = "", number: int = 0) -> bool:
    """Take a browser off the list of the session's person; False when it is not on it. The caller commits."""
    actor = policy.actor_of(session)
    own = select(PushSubscription).where(PushSubscription.user_id == actor.user_id)
    which = PushSubscription.endpoint == endpoint if endpoint else PushSubscription.id == number
    row = session.scalars(own.where(which)).one_or_none()
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True
