"""Signing in as the rules say, in plain Python: what a school should see whatever people do, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

FREE = 5
WAITS = [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15, 30)]
DAY = timedelta(days=1)
STAFF_IDLE, IDLE = timedelta(hours=12), timedelta(days=30)
STAFF_LONGEST, LONGEST = timedelta(days=7), timedelta(days=90)
STEP, SECOND_STEP, VALID = 30, timedelta(minutes=5), timedelta(days=7)


@dataclass(eq=False)
class Attempt:
    """A line of the list of sign-ins."""

    key: tuple[Any, ...]
    at: datetime
    succeeded: bool = False


@dataclass(eq=False)
class Session:
    """A browser that is signed in."""

    person: Person
    created: datetime
    seen: datetime
    ended: datetime | None = None


@dataclass(eq=False)
class Link:
    """An activation code."""

    expires: datetime
    is_spent: bool = False
    is_revoked: bool = False


@dataclass(eq=False)
class Person:
    """Somebody with an account; ``last_step`` is the latest code of the telephone that was taken."""

    number: int
    is_staff: bool
    password: str | None
    is_active: bool = True
    has_factor: bool = False
    last_step: int | None = None
    recovery: set[str] = field(default_factory=set)
    links: list[Link] = field(default_factory=list)


@dataclass(eq=False)
class Browser:
    """What a browser holds: its session, a first step that waits for its code, and whom it has let in."""

    number: int
    session: Session | None = None
    pending: tuple[Attempt, Person, str | None] | None = None
    knows: set[int] = field(default_factory=set)


@dataclass
class Model:
    """All sign-ins and sessions there ever were."""

    attempts: list[Attempt] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    def is_in(self, browser: Browser, now: datetime) -> bool:
        """Whether a page opens; being there is noted, at most every five minutes."""
        session = browser.session
        if session is None or session.ended is not None or not session.person.is_active:
            return False
        idle, longest = (STAFF_IDLE, STAFF_LONGEST) if session.person.is_staff else (IDLE, LONGEST)
        if now - session.seen >= idle or now - session.created >= longest:
            return False
        if now - session.seen >= timedelta(minutes=5):
            session.seen = now
        return True

    def sign_in(self, browser: Browser, person: Person, password: str, now: datetime) -> str:
        key: tuple[Any, ...] = ("name", person.number)
        if person.number in browser.knows:
            key = (*key, browser.number)
        if self._waits(key, now):
            return "wait"
        attempt = self._note(key, now)
        if not person.is_active or person.password is None or password != person.password:
            return "wrong"
        return self._let_in(browser, person, attempt, now)

    def code(self, browser: Browser, step: int | None, recovery: str, now: datetime) -> str:
        """The second step, with a code of the telephone or a recovery code."""
        assert browser.pending
        attempt, person, password = browser.pending
        if self._waits(attempt.key, now, but=attempt):
            return "wait"
        ended = any(one.person is person and one.ended and one.ended > attempt.at for one in self.sessions)
        is_good = not attempt.succeeded and now - attempt.at < SECOND_STEP and person.is_active and not ended
        if not (is_good and person.password == password and person.password and person.has_factor):
            browser.pending = None
            return "lapsed"
        if not self._accepts(person, step, recovery, now):
            self._note(attempt.key, now)
            return "wrong"
        self._enter(browser, person, attempt, now)
        return "in"

    def activate(self, browser: Browser, person: Person, link: Link, password: str, now: datetime) -> str:
        if link.is_spent or link.is_revoked or now >= link.expires or not person.is_active:
            return "lapsed"
        link.is_spent, person.password = True, password
        self.end(person, now)
        return self._let_in(browser, person, self._note(("activated", person.number), now), now)

    def change_password(self, browser: Browser, old: str, new: str, now: datetime) -> str:
        assert browser.session
        person = browser.session.person
        if self._waits(("own", person.number), now):
            return "wait"
        attempt = self._note(("own", person.number), now)
        if person.password != old:
            return "wrong"
        attempt.succeeded, person.password = True, new
        self.end(person, now, but=browser.session)
        return "changed"

    def issue(self, person: Person, now: datetime) -> None:
        for link in person.links:
            link.is_revoked = link.is_revoked or not link.is_spent
        person.links.append(Link(now + VALID))

    def revoke(self, person: Person, now: datetime) -> None:
        for link in person.links:
            link.is_revoked = True
        person.password = None
        self.end(person, now)

    def leave(self, browser: Browser, now: datetime, *, everywhere: bool) -> None:
        assert browser.session
        if everywhere:
            self.end(browser.session.person, now)
        browser.session.ended = browser.session.ended or now
        browser.pending = None

    def end(self, person: Person, now: datetime, but: Session | None = None) -> None:
        for session in self.sessions:
            if session.person is person and session is not but:
                session.ended = session.ended or now

    def _waits(self, key: tuple[Any, ...], now: datetime, but: Attempt | None = None) -> bool:
        """After five failures in a row each one costs a longer wait; a success or a day clears them."""
        mine = [one for one in self.attempts if one.key == key and now - one.at < DAY and one is not but]
        mine.sort(key=lambda one: one.at, reverse=True)
        failures = next((count for count, one in enumerate(mine) if one.succeeded), len(mine))
        return failures >= FREE and now < mine[0].at + WAITS[min(failures - FREE, len(WAITS) - 1)]

    def _note(self, key: tuple[Any, ...], now: datetime) -> Attempt:
        self.attempts.append(Attempt(key, now))
        return self.attempts[-1]

    def _let_in(self, browser: Browser, person: Person, attempt: Attempt, now: datetime) -> str:
        if person.has_factor:
            browser.pending = (attempt, person, person.password)
            return "code"
        self._enter(browser, person, attempt, attempt.at)
        return "in"

    def _enter(self, browser: Browser, person: Person, attempt: Attempt, now: datetime) -> None:
        attempt.succeeded, attempt.at = True, now
        if browser.session is not None and self.is_in(browser, now):
            browser.session.ended = now
        browser.session, browser.pending = Session(person, now, now), None
        browser.knows.add(person.number)
        self.sessions.append(browser.session)

    @staticmethod
    def _accepts(person: Person, step: int | None, recovery: str, now: datetime) -> bool:
        if step is None:
            is_known = recovery in person.recovery
            person.recovery.discard(recovery)
            return is_known
        is_near = abs(step - int(now.timestamp()) // STEP) <= 1
        if not is_near or (person.last_step is not None and step <= person.last_step):
            return False
        person.last_step = step
        return True
