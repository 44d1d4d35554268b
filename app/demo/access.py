"""How far the access of the demo's people has come: accounts, credentials, deliveries, sign-ins."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random

from app.credentials.codes import code_hash, derive
from app.delivery.reasons import Reason, coded
from app.demo.load import Writer
from app.demo.names import Name
from app.demo.sign_ins import demo_hash, hash_of_nobody
from app.models import Account, Credential, Delivery, DiaryVisit, SecondFactor, SignIn
from app.models.access import DeliveryChannel, DeliveryState

SMS, EMAIL, SLIP = DeliveryChannel.SMS, DeliveryChannel.EMAIL, DeliveryChannel.SLIP
SENT, DELIVERED = DeliveryState.SENT, DeliveryState.DELIVERED
FAILED, CANCELLED = DeliveryState.FAILED, DeliveryState.CANCELLED
VALID = timedelta(7)


@dataclass(frozen=True)
class Story:
    """What became of somebody's access.

    ``age`` is how many days ago at most it was issued, ``visits`` how many sign-ins a week followed.
    A ``retried`` access is the second one.
    """

    share: int
    state: DeliveryState | None = DELIVERED
    age: int = 60
    error: str = ""
    is_opened: bool = True
    is_activated: bool = True
    is_revoked: bool = False
    is_retried: bool = False
    visits: float = 0.0


# Of 100 guardians. None of the passwords can be known, so activated ones are only looked at.
STORIES = (
    Story(30, visits=3.0),
    Story(30, visits=1.0),
    Story(9, visits=0.2),
    Story(4, age=90, is_retried=True, visits=1.0),
    Story(3, age=75),
    Story(6, is_opened=False, is_activated=False),
    Story(2, age=5, is_activated=False),
    Story(2, age=5, is_opened=False, is_activated=False),
    Story(1, SENT, age=2, is_opened=False, is_activated=False),
    Story(1, DeliveryState.QUEUED, age=1, error=Reason.SERVICE_DOWN.value, is_opened=False, is_activated=False),
    Story(1, DeliveryState.SENDING, age=0, is_opened=False, is_activated=False),
    Story(1, DeliveryState.UNKNOWN, age=4, error=Reason.UNANSWERED.value, is_opened=False, is_activated=False),
    Story(1, FAILED, age=5, error=coded(Reason.NUMBER_INVALID, 21211), is_opened=False, is_activated=False),
    Story(1, FAILED, age=5, error=coded(Reason.OPTED_OUT, 21610), is_opened=False, is_activated=False),
    Story(
        1,
        DeliveryState.CANCELLED,
        age=30,
        error=Reason.REVOKED.value,
        is_opened=False,
        is_activated=False,
        is_revoked=True,
    ),
    Story(1, age=50, is_revoked=True, is_activated=False),
    Story(6, None, is_opened=False, is_activated=False),
)
STAFF_STORIES = (Story(90, visits=4.0), Story(7, age=6, is_opened=False, is_activated=False), Story(3, None))


def stories(deck: tuple[Story, ...], random: Random) -> Iterator[Story]:
    """A story for each person, in the shares of the deck: of 100 in turn each is told."""
    while True:
        cards = [story for story in deck for _ in range(story.share)]
        random.shuffle(cards)
        yield from cards


@dataclass
class Contacts:
    """How a person can be reached; a person without either gets a slip."""

    phone: str | None
    email: str | None

    @property
    def channel(self) -> DeliveryChannel:
        """What carries a message to the person."""
        return SMS if self.phone else EMAIL if self.email else SLIP


class AccessWriter:
    """Writes accounts; ``now`` is the moment nothing is later than."""

    def __init__(self, writer: Writer, now: datetime, secret_key: str, random: Random) -> None:
        self.writer, self.now, self.secret_key, self.random = writer, now, secret_key, random
        self.password_hash = hash_of_nobody(random)
        self._people = 0
        self._moments: dict[int, list[datetime]] = {}  # of each person's visits
        self.parents: list[int] = []  # who come

    def contacts(self, name: Name, has_phone: bool, has_email: bool) -> Contacts:
        """Contacts nobody has: a code without an operator in Russia's numbering plan, a domain for examples."""
        self._people += 1
        phone = f"+7972{self._people:07}" if has_phone else None
        return Contacts(phone, f"{name.latin}{self._people}@example.org" if has_email else None)

    def write_sign_in(self, user_id: int, word: str, contacts: Contacts, is_introduced: bool = True) -> None:
        """An account whose login and password are ``word``; who is not introduced is shown the diary's first steps."""
        introduced = self.now - timedelta(40) if is_introduced else None
        self._account(user_id, contacts, word, demo_hash(word), self.now - timedelta(hours=4), introduced)
        self._visits(user_id, word, 4.0, self.now - timedelta(40))

    def write(self, user_id: int, name: Name, contacts: Contacts, story: Story, issuer: int, batch: uuid.UUID) -> None:
        """An account and how it came to be."""
        login = f"{name.latin}{user_id}" if story.is_activated and story.state else None
        days = max(1, story.age)
        issued = self.now - timedelta(days, seconds=-self.random.randrange(max(1, days * 43200)))
        activated = issued + timedelta(hours=3) if login else None
        last_seen = None
        if login and activated:
            last_seen = self._visits(user_id, login, story.visits, activated) or activated
        password_hash, introduced = (self.password_hash, activated) if login else (None, None)
        self._account(user_id, contacts, login, password_hash, last_seen, introduced)
        if activated and story is STAFF_STORIES[0] and user_id % 4 == 2:  # so that it is on for some
            on = activated + timedelta(1)
            self.writer.add(SecondFactor, user_id=user_id, version=1, created_at=on, confirmed_at=on)
        if story.state is None:
            return
        if story.is_retried:
            self._credential(user_id, 1, issuer, issued - timedelta(14), revoked=issued)
        credential_id = self._credential(
            user_id,
            2 if story.is_retried else 1,
            issuer,
            issued,
            opened=issued + timedelta(hours=2) if story.is_opened else None,
            activated=activated,
            revoked=min(self.now, issued + timedelta(1)) if story.is_revoked else None,
        )
        self._delivery(user_id, credential_id, contacts, story, issued, batch)

    def _account(
        self, user_id: int, contacts: Contacts, login: str | None, password_hash: str | None, seen: datetime | None,
        introduced: datetime | None = None,
    ) -> None:  # fmt: skip
        self.writer.add(
            Account,
            user_id=user_id,
            login=login,
            password_hash=password_hash,
            email=contacts.email,
            phone=contacts.phone,
            last_seen_at=seen,
            introduced_at=introduced,
        )

    def _credential(
        self,
        user_id: int,
        version: int,
        issuer: int,
        issued: datetime,
        opened: datetime | None = None,
        activated: datetime | None = None,
        revoked: datetime | None = None,
    ) -> int:
        return self.writer.add(
            Credential,
            user_id=user_id,
            version=version,
            code_hash=code_hash(derive(self.secret_key, user_id, version)),
            issued_by_id=issuer,
            issued_at=issued,
            expires_at=issued + VALID,
            opened_at=opened,
            activated_at=activated,
            revoked_at=revoked,
        )

    def _delivery(
        self, user_id: int, credential_id: int, contacts: Contacts, story: Story, issued: datetime, batch: uuid.UUID
    ) -> None:
        """The message of a credential. What is still open is due tomorrow, so that it can be looked at today."""
        channel, state = contacts.channel, story.state
        is_slip = channel is SLIP
        is_open = state in (DeliveryState.QUEUED, DeliveryState.SENDING)
        was_tried = not is_slip and state is not CANCELLED
        error = Reason.ADDRESS_REFUSED.value if state is FAILED and channel is EMAIL else story.error
        self.writer.add(
            Delivery,
            user_id=user_id,
            credential_id=credential_id,
            batch=str(batch),
            channel=channel,
            address=(contacts.phone if channel is SMS else contacts.email) or "",
            state=SENT if is_slip else state,
            attempts=int(was_tried),
            attempt_id=str(self._uuid()) if was_tried else None,
            attempted_at=issued + timedelta(minutes=1) if was_tried else None,
            due_at=self.now + timedelta(1.5) if is_open else issued,
            provider_id=f"SM{self._uuid().hex}" if channel is SMS and state in (SENT, DELIVERED) else None,
            error="" if is_slip else error,
            created_at=issued,
            settled_at=None if is_open and not is_slip else issued + timedelta(minutes=2),
        )

    def _visits(self, user_id: int, login: str, a_week: float, since: datetime) -> datetime | None:
        """Sign-ins up to now, over at most eight weeks; the last of them."""
        days = min(56, (self.now - since).days)
        count = int(a_week * days / 7 + self.random.random())
        moments = sorted(self.now - timedelta(self.random.uniform(0.1, max(0.2, days))) for _ in range(count))
        self._moments[user_id] = moments
        account_hash = hashlib.sha256(f"demo:{login}".encode()).hexdigest()
        for moment in moments:
            self.writer.add(
                SignIn,
                user_id=user_id,
                account_hash=account_hash,
                address=f"192.0.2.{user_id % 254 + 1}",
                succeeded=True,
                at=moment.replace(microsecond=0),
            )
        return moments[-1] if moments else None

    def write_diary_visits(self, user_id: int, students: Collection[int]) -> None:
        """Each time the person came, they looked into the diaries of these students."""
        moments = self._moments.pop(user_id, [])
        self.parents += [user_id] if moments and students else []
        for student_id in students:
            for week, visits in groupby(moments, lambda moment: moment.date() - timedelta(moment.weekday())):
                seen = list(visits)
                self.writer.add(
                    DiaryVisit, user_id=user_id, student_id=student_id, week=week, visits=len(seen),
                    first_at=seen[0], last_at=seen[-1],
                )  # fmt: skip

    def others(self) -> list[int]:
        """Who comes and is no parent: staff."""
        return [user_id for user_id, moments in self._moments.items() if moments]

    def batch(self) -> uuid.UUID:
        """The name of messages that are sent together."""
        return self._uuid()

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)
