"""Give people access, show beforehand what will be sent, and take access back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import TypeVar
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.contacts import is_mobile
from app.credentials import texts
from app.credentials.codes import code_hash, derive
from app.delivery import outbox
from app.models import Account, Credential, Delivery, User, UserSession
from app.models.access import DeliveryChannel
from app.models.people import Channel

CHANNELS = SMS, EMAIL, SLIP = DeliveryChannel.SMS, DeliveryChannel.EMAIL, DeliveryChannel.SLIP
"""What can bring access; a push reaches only a browser that is in already."""
Row = TypeVar("Row")


@dataclass(frozen=True)
class Sample:
    """The text that some of the recipients get, with a sample in place of the code.

    ``encoding`` and ``parts`` are those of an SMS, ``subject`` is that of a mail.
    """

    channel: DeliveryChannel
    text: str
    subject: str = ""
    encoding: str = ""
    parts: int = 0

    @property
    def is_long(self) -> bool:
        """The SMS is charged as more than one."""
        return self.parts > 1


@dataclass(frozen=True)
class Recipient:
    """One person before sending. ``address`` is empty for a slip."""

    user_id: int
    name: str
    channel: DeliveryChannel
    address: str
    is_activated: bool
    sample: Sample | None


@dataclass(frozen=True)
class Preview:
    """What will be sent if it is confirmed; ``inactive`` are left out because they cannot sign in."""

    recipients: Sequence[Recipient]
    inactive: Sequence[str]

    def of(self, channel: DeliveryChannel) -> list[Recipient]:
        """Those who are reached by ``channel``; with SLIP those who can be reached by no message."""
        return [recipient for recipient in self.recipients if recipient.channel is channel]

    @property
    def activated(self) -> list[Recipient]:
        """Those who have access already: their password works until the new code is used."""
        return [recipient for recipient in self.recipients if recipient.is_activated]

    @property
    def messages(self) -> int:
        """Number of SMS and mails."""
        return sum(recipient.channel is not SLIP for recipient in self.recipients)

    @property
    def parts(self) -> int:
        """Number of SMS that are charged."""
        return sum(recipient.sample.parts for recipient in self.recipients if recipient.sample)

    @property
    def samples(self) -> list[Sample]:
        """The different texts, in the order of the recipients."""
        return list(dict.fromkeys(recipient.sample for recipient in self.recipients if recipient.sample))


def choose(account: Account | None, wanted: DeliveryChannel | None = None) -> tuple[DeliveryChannel, str]:
    """How a person is reached, and where.

    ``wanted`` if it can be used, and then nothing else; otherwise the person's own choice if it can be
    used, a mobile number, an e-mail address. A slip with no address where nothing can be used.
    """
    usable = {}
    if account is not None and account.phone and is_mobile(account.phone):
        usable[SMS] = account.phone
    if account is not None and account.email and _is_email(account.email):
        usable[EMAIL] = account.email
    order: Collection[DeliveryChannel] = (SMS, EMAIL)
    if wanted is not None:
        order = (wanted,)
    elif account is not None and account.channel is Channel.EMAIL:
        order = (EMAIL, SMS)
    return next(((channel, usable[channel]) for channel in order if channel in usable), (SLIP, ""))


@lru_cache(maxsize=20_000)
def _is_email(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def prepare(session: Session, users: Iterable[User], now: datetime, channel: DeliveryChannel | None = None) -> Preview:
    """What ``issue`` with the same arguments will send; writes nothing."""
    users = list(users)
    people = _once(users)
    accounts = _accounts(session, people)
    expires_at = now + _validity()

    @cache
    def sample(kind: DeliveryChannel, locale: str, is_staff: bool) -> Sample | None:
        if kind is EMAIL:
            content = texts.mail(locale, texts.SAMPLE_CODE, expires_at, name="…", is_staff=is_staff)
            return Sample(EMAIL, content.text, subject=content.subject)
        if kind is SMS:
            text = texts.sms(locale, texts.SAMPLE_CODE, is_staff=is_staff)
            encoding, parts = texts.sms_parts(text)
            return Sample(SMS, text, encoding=encoding, parts=parts)
        return None

    recipients = []
    for person in people:
        account = accounts.get(person.id)
        kind, address = choose(account, channel)
        text = sample(kind, texts.language(account), person.is_staff)
        activated = account is not None and account.password_hash is not None
        recipients.append(Recipient(person.id, person.full_name, kind, address, activated, text))
    inactive = [user.full_name for user in dict.fromkeys(users) if not user.is_active]
    return Preview(recipients, inactive)


def issue(
    session: Session, users: Iterable[User], issued_by: User | None, now: datetime,
    channel: DeliveryChannel | None = None, batch: str | None = None,
) -> str:  # fmt: skip
    """Give each of ``users`` a new code and queue its message; the id of the batch. The caller commits.

    Earlier codes that nobody used stop working; a password that is in use stays until the new code is
    used. People who are switched off get nothing, nor do people who are in the ``batch`` already: a button
    pressed twice sends once. Raises PolicyError when the session's person may not give access to one of
    them; then nothing of the batch is written.
    """
    batch, key = batch or str(uuid4()), str(current_app.config["SECRET_KEY"])
    ids = [person.id for person in _once(users)]
    # Whoever issues to the same people waits here, and then sees what the first one has written.
    session.scalars(select(User.id).where(User.id.in_(ids)).order_by(User.id).with_for_update()).all()
    already = set(session.scalars(select(Delivery.user_id).where(Delivery.batch == batch)))
    people = [person for person in _once(users) if person.id not in already]
    ids = [person.id for person in people]
    versions = _retire(session, ids, now)
    accounts = _accounts(session, people)
    for person in people:
        version = versions.get(person.id, 0) + 1
        credential = Credential(
            user_id=person.id,
            version=version,
            code_hash=code_hash(derive(key, person.id, version)),
            issued_by_id=issued_by.id if issued_by else None,
            issued_at=now,
            expires_at=now + _validity(),
        )
        kind, address = choose(accounts.get(person.id), channel)
        outbox.queue(session, credential, kind, address, batch, now)
    session.flush()
    return batch


def revoke(session: Session, users: Iterable[User], now: datetime) -> None:
    """Take all access of ``users`` back: codes, passwords, signed-in browsers. The caller commits.

    Messages still in the queue are cancelled by the worker. Raises RegulationError when no deputy director
    could sign in any more, and PolicyError; then nothing may be kept of it.
    """
    ids = [user.id for user in users]
    given = select(Credential).where(Credential.user_id.in_(ids), Credential.revoked_at.is_(None))
    for credential in session.scalars(_locked(given.order_by(Credential.id))):
        credential.revoked_at = now
    # After the codes: an activation that was faster has written its password by now.
    for account in session.scalars(_locked(select(Account).where(Account.user_id.in_(ids)).order_by(Account.id))):
        account.password_hash = None
    for browser in session.scalars(
        select(UserSession).where(UserSession.user_id.in_(ids), UserSession.ended_at.is_(None))
    ):
        browser.ended_at = now
    session.flush()


def _once(users: Iterable[User]) -> list[User]:
    return [user for user in dict.fromkeys(users) if user.is_active]


def _accounts(session: Session, people: Sequence[User]) -> dict[int, Account]:
    rows = session.scalars(select(Account).where(Account.user_id.in_([person.id for person in people])))
    return {account.user_id: account for account in rows}


def _validity() -> timedelta:
    return timedelta(days=current_app.config["CREDENTIAL_DAYS"])


def _retire(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Revoke unused codes; the last version of each person."""
    unused = (Credential.activated_at.is_(None), Credential.revoked_at.is_(None))
    for credential in session.scalars(_locked(select(Credential).where(Credential.user_id.in_(ids), *unused))):
        credential.revoked_at = now
    last = select(Credential.user_id, func.max(Credential.version)).where(Credential.user_id.in_(ids))
    return dict(session.execute(last.group_by(Credential.user_id)).all())


def _locked(statement: Select[Row]) -> Select[Row]:
    """Rows as they stand once nobody else is changing them."""
    return statement.with_for_update().execution_options(populate_existing=True)
