"""The message worker: take a row, send it, write down what became of it, in as many copies as wanted.

The states and why nothing is lost or doubled stand in ``outbox.py``. One worker sends one message at a
time. A stop signal ends it after the message in hand.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import audit, policy, signals
from app.delivery import outbox
from app.delivery.outbox import Claim, Step, Timing
from app.delivery.reasons import Reason
from app.delivery.transports import Answering, Browser, Compose, Message, NothingToSay, Transport, TransportError
from app.delivery.transports.console import ConsoleTransport
from app.delivery.transports.email import EmailTransport
from app.extensions import begin_reading
from app.models import Delivery, PushSubscription
from app.models.access import DeliveryChannel

log = logging.getLogger(__name__)
PAUSE = 5.0  # seconds of rest when a provider asks to slow down, or the database does not answer
TRIES_TO_RECORD = 12
UPKEEP_EVERY = 3600.0  # seconds
TELL_EVERY = 1.0  # seconds
MINUTE = 60.0  # seconds


def transports(app: Flask) -> dict[DeliveryChannel, Transport]:
    """What carries each channel in this installation."""
    # With their HTTP clients: web processes send nothing.
    from app.delivery.transports.push import PushTransport
    from app.delivery.transports.twilio import TwilioTransport

    mail, sms = DeliveryChannel.EMAIL, DeliveryChannel.SMS
    return {
        mail: EmailTransport(app) if has_service(app, mail) else ConsoleTransport("e-mail"),
        sms: TwilioTransport(app) if has_service(app, sms) else ConsoleTransport("SMS"),
        DeliveryChannel.PUSH: PushTransport(app),
    }


def has_service(app: Flask, channel: DeliveryChannel) -> bool:
    """Whether messages of the channel leave this installation; without a service they go to the console."""
    settings = {
        DeliveryChannel.EMAIL: "MAIL_SERVER",
        DeliveryChannel.SMS: "TWILIO_ACCOUNT_SID",
        DeliveryChannel.PUSH: "PUSH_SERVICES",
    }
    return channel in settings and bool(app.config[settings[channel]])


class Worker:
    """Sends what is due until ``stop`` is set; ``tell`` puts into the outbox what people are to be told.

    ``upkeep`` is done each hour when nothing is due, ``minutely`` each minute.
    """

    def __init__(
        self, carriers: Mapping[DeliveryChannel, Transport], compose: Compose, *, per_second: float,
        stop: Event, timing: Timing | None = None, upkeep: Callable[[datetime], None] | None = None,
        tell: Callable[[datetime], None] | None = None, minutely: Callable[[datetime], None] | None = None,
    ) -> None:  # fmt: skip
        self.upkeep, self.upkeep_at = upkeep, 0.0
        self.tell, self.tell_at = tell, 0.0
        self.minutely, self.minute_at = minutely, 0.0
        self.carriers, self.compose, self.stop = carriers, compose, stop
        self.timing = timing or Timing()
        self.asked = {channel for channel, carrier in carriers.items() if isinstance(carrier, Answering)}
        self.gap = 1 / per_second if per_second > 0 else 0.0
        self.next_at = 0.0

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; with ``once`` until nothing is due. Needs an application context."""
        with audit.coming_from(audit.Source.WORKER):
            self._run(once)

    def _run(self, once: bool) -> None:
        while self._wait_for_turn():
            self._tell()
            self._each_minute()
            try:
                with policy.system() as session:
                    taken = outbox.claim(session, _now(), self.timing, self.asked)
            except SQLAlchemyError as error:
                log.warning("the database does not answer: %s", type(error).__name__)
                if once:
                    raise
                self.stop.wait(PAUSE)
                continue
            if taken is not None:
                self._carry(taken)
            elif once:
                return
            else:
                self._keep_up()
                self.stop.wait(self.timing.poll)

    def _tell(self) -> None:
        """Now and then look for what people are to be told; a fault in it does not hold up what is in the outbox."""
        if self.tell is None or time.monotonic() < self.tell_at:
            return
        self.tell_at = time.monotonic() + TELL_EVERY
        try:
            self.tell(_now())
        except SQLAlchemyError as error:
            log.warning("notifications wait: %s", type(error).__name__)
        except Exception as error:
            _log_place(error)

    def _each_minute(self) -> None:
        """What is short and has to be done soon, also while messages are waiting; a fault in it holds nothing up."""
        if self.minutely is None or time.monotonic() < self.minute_at:
            return
        self.minute_at = time.monotonic() + MINUTE
        try:
            self.minutely(_now())
        except SQLAlchemyError as error:
            log.warning("the task of the minute waits: %s", type(error).__name__)
        except Exception as error:
            _log_place(error)

    def _keep_up(self) -> None:
        """With nothing to send, now and then do what else an installation needs."""
        if self.upkeep is None or time.monotonic() < self.upkeep_at:
            return
        self.upkeep_at = time.monotonic() + UPKEEP_EVERY
        try:
            self.upkeep(_now())
        except SQLAlchemyError as error:
            log.warning("upkeep waits: %s", type(error).__name__)
        except Exception as error:
            _log_place(error)

    def _wait_for_turn(self) -> bool:
        """Keep the rate; False when it is time to stop."""
        self.stop.wait(max(0.0, self.next_at - time.monotonic()))
        return not self.stop.is_set()

    def _carry(self, taken: Claim) -> None:
        """One claim from the provider's door to the record."""
        self.next_at = time.monotonic() + self.gap
        try:
            provider_id = self._provider_id(taken)
        except NothingToSay:
            log.info("delivery %s: nothing left to tell", taken.delivery_id)
            self._record(outbox.record_nothing_to_say, taken, _now())
            return
        except TransportError as error:
            log.warning("delivery %s: %s", taken.delivery_id, error.reason)
            if error.slow_down:
                self.next_at += PAUSE
            self._record(outbox.record_failure, taken, error, _now(), self.timing)
            return
        if provider_id is None:
            log.info("delivery %s: never taken, goes again", taken.delivery_id)
            self._record(outbox.record_never_taken, taken, _now())
        else:
            log.info("delivery %s: sent", taken.delivery_id)
            self._record(outbox.record_sent, taken, provider_id, _now())

    def _provider_id(self, taken: Claim) -> str | None:
        """Send or ask; None when the provider was asked and knows nothing. No connection is held here."""
        message, carrier = self._message(taken), self.carriers[taken.channel]
        try:
            if taken.step is Step.ASK and isinstance(carrier, Answering):
                return carrier.find(message, taken.attempted_at)
            return carrier.send(message)
        except TransportError:
            raise
        except Exception as error:  # whatever broke, the message may have left
            _log_place(error)
            raise TransportError(Reason.UNANSWERED, unanswered=True) from None

    def _message(self, taken: Claim) -> Message:
        try:
            with policy.system() as session:
                begin_reading(session)
                delivery = session.get_one(Delivery, taken.delivery_id)
                address, browser = delivery.address, _browser(session, delivery)
                content = self.compose(session, delivery)
                return Message(taken.delivery_id, taken.attempt_id, address, content, browser)
        except SQLAlchemyError:
            raise TransportError(Reason.INTERNAL) from None
        except (NothingToSay, TransportError):
            raise
        except Exception as error:
            _log_place(error)
            raise TransportError(Reason.INTERNAL, permanent=True) from None

    def _record(self, write: Callable[..., None], taken: Claim, *arguments: object) -> None:
        """Write the outcome, patiently: while it is not written, the message looks unsent.

        Until the lease has run out nobody else touches the row; who is told to stop tries a little only.
        """
        signals.delivery_recorded.send(self, channel=taken.channel.value, outcome=write.__name__)
        lapses = time.monotonic() + self.timing.lease
        tries = 0
        while tries < TRIES_TO_RECORD or (time.monotonic() < lapses and not self.stop.is_set()):
            tries += 1
            try:
                with policy.system() as session:
                    write(session, taken, *arguments)
                return
            except SQLAlchemyError as error:
                log.warning("an outcome could not be written: %s", type(error).__name__)
                time.sleep(1)


def _browser(session: Session, delivery: Delivery) -> Browser | None:
    """Where a push goes. Raises TransportError when the person has taken it off the list."""
    if delivery.channel is not DeliveryChannel.PUSH:
        return None
    row = session.get(PushSubscription, delivery.subscription_id) if delivery.subscription_id else None
    if row is None:
        raise TransportError(Reason.PUSH_GONE, permanent=True)
    return Browser(row.endpoint, row.p256dh, row.auth)


def _log_place(error: Exception) -> None:
    """Where the program broke, without the words of the error: they can hold an address or a code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    log.error("%s at %s", type(error).__name__, place)


def _now() -> datetime:
    return datetime.now(UTC)
