"""An address that ends notices without a sign-in: signed, so that it is certain whose and which; valid for ever."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from app.models import User
from app.models.access import DeliveryChannel
from app.models.notification import NoticeKind
from app.notifications import choices

LONGEST = 200  # characters of a token


@dataclass(frozen=True)
class Stop:
    """What is to end: one kind by a channel, or with None all of them."""

    user_id: int
    channel: DeliveryChannel
    kind: NoticeKind | None = None

    @property
    def kinds(self) -> list[NoticeKind]:
        """All kinds that end."""
        return [self.kind] if self.kind else list(NoticeKind)


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="stop notifications")


def token(secret_key: str, what: Stop) -> str:
    """What stands in the address after /stop/."""
    return str(_signer(secret_key).dumps([what.user_id, what.channel.value, what.kind.value if what.kind else ""]))


def read(secret_key: str, text: str) -> Stop | None:
    """What a token ends; None for one that the journal has not signed."""
    if len(text) > LONGEST:
        return None
    try:
        user_id, channel, kind = _signer(secret_key).loads(text)
        return Stop(user_id, DeliveryChannel._value2member_map_[channel], _kind(kind))  # type: ignore[arg-type]
    except (BadSignature, ValueError, KeyError, TypeError):
        return None


def _kind(word: str) -> NoticeKind | None:
    return next(kind for kind in NoticeKind if kind.value == word) if word else None


def carry_out(session: Session, what: Stop) -> bool:
    """End them; False for somebody who is no more. ``session`` is one of ``policy.system()``. Commits."""
    if session.get(User, what.user_id) is None:
        return False
    choices.stop(session, what.user_id, what.channel, what.kinds)
    session.commit()
    return True
