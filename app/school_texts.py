"""Texts that the school writes itself: «About the diary» and the consent; and who has agreed to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from flask_babel import get_locale, lazy_gettext
from markupsafe import Markup
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from app import policy
from app.models import Consent, SchoolText
from app.models.diary import TextKind
from app.news.text import render
from app.people.refusal import Refusal

LONGEST = 20_000
_SHIPPED = Path(__file__).parent / "templates" / "school_texts"
_LANGUAGES = ("ru", "en")


@dataclass(frozen=True)
class Shown:
    """A text as it is read: the school's ``version``, or with 0 the one that comes with the product."""

    kind: TextKind
    version: int
    body: str
    published_at: datetime | None

    @property
    def html(self) -> Markup:
        """The text as HTML that cannot harm its reader."""
        return render(self.body)


def current(session: Session, kind: TextKind) -> SchoolText | None:
    """The last version that the school has published; None until it has."""
    versions = select(SchoolText).where(SchoolText.kind == kind).order_by(SchoolText.version.desc())
    return session.scalars(versions.limit(1)).first()


def versions(session: Session, kind: TextKind) -> list[SchoolText]:
    """All versions, the last first."""
    rows = select(SchoolText).where(SchoolText.kind == kind).options(joinedload(SchoolText.author))
    return list(session.scalars(rows.order_by(SchoolText.version.desc())))


def read(session: Session, kind: TextKind) -> Shown:
    """What stands for the kind now: the school's text, or the one that comes with the product."""
    text = current(session, kind)
    return as_shown(text) if text is not None else Shown(kind, 0, shipped(kind), None)


def as_shown(text: SchoolText) -> Shown:
    """A version as it is read."""
    return Shown(text.kind, text.version, text.body, text.published_at)


def shipped(kind: TextKind) -> str:
    """The text that comes with the product, in the reader's language; for the consent a draft to adapt."""
    language = str(get_locale())
    return draft(kind, language if language in _LANGUAGES else "ru")


def draft(kind: TextKind, language: str) -> str:
    """The same in ``language``, with the school's name in it."""
    text = (_SHIPPED / f"{kind.value}.{language}.md").read_text(encoding="utf-8")
    return text.replace("{school}", current_app.config["SCHOOL_NAME"])


def publish(session: Session, kind: TextKind, body: str, seen: int) -> SchoolText:
    """A new version, which counts from now on. ``seen`` is the version it was written from, 0 for none.

    Raises Refusal for no text, too much of it, the same as before, or one that somebody has changed meanwhile.
    """
    body = "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").strip().split("\n"))
    last = current(session, kind)
    if not body:
        raise Refusal(lazy_gettext("Write the text first. Nothing was published."), "body")
    if len(body) > LONGEST:
        raise Refusal(lazy_gettext("The text is too long: at most 20,000 characters. Nothing was published."), "body")
    if seen != (last.version if last else 0):
        raise Refusal(
            lazy_gettext(
                "Somebody has published another version meanwhile. Compare it with yours below, then publish again."
            ), "body",
        )  # fmt: skip
    if last is not None and last.body == body:
        raise Refusal(lazy_gettext("The text is the same as before. Nothing was published."), "body")
    actor = policy.actor_of(session)
    text = SchoolText(kind=kind, version=seen + 1, body=body, published_at=actor.now, author_id=actor.user_id)
    session.add(text)
    session.flush()
    return text


# Consent


def asks(session: Session) -> bool:
    """Whether the person is asked for their consent: a guardian who has not answered to the version that counts.

    Who has withdrawn it has answered. One statement.
    """
    actor = policy.actor_of(session)
    return bool(actor.is_guardian and session.scalar(answered_by(actor)) is False)


def answered_by(actor: policy.Actor) -> Select[bool]:
    """Whether the person has answered to the version that counts; no row while there is no text."""
    answered = exists().where(Consent.user_id == actor.user_id, Consent.text_id == SchoolText.id)
    newest = select(answered).where(SchoolText.kind == TextKind.CONSENT).order_by(SchoolText.version.desc())
    return newest.limit(1)


def agree(session: Session, version: int) -> Consent:
    """Note that the person agrees to the version they have read. Raises Refusal when it counts no more."""
    actor, text = policy.actor_of(session), current(session, TextKind.CONSENT)
    if text is None or text.version != version:
        raise Refusal(lazy_gettext("The school has changed the text meanwhile. Read it again, please."))
    standing = next((each for each in consents(session) if each.text_id == text.id and not each.withdrawn_at), None)
    if standing is not None:
        return standing
    consent = Consent(user_id=actor.user_id, text_id=text.id, given_at=actor.now)
    session.add(consent)
    session.flush()
    return consent


def withdraw(session: Session) -> int:
    """Take back all of the person's consents that stand; how many there were."""
    standing = [consent for consent in consents(session) if consent.withdrawn_at is None]
    for consent in standing:
        consent.withdrawn_at = policy.actor_of(session).now
    session.flush()
    return len(standing)


def consents(session: Session) -> list[Consent]:
    """The person's consents, the last first, with their texts; one statement."""
    mine = select(Consent).where(Consent.user_id == policy.actor_of(session).user_id)
    return list(session.scalars(mine.options(joinedload(Consent.text)).order_by(Consent.id.desc())))
