"""Web Push against a push service: encrypted for the browser, signed by the journal, gone browsers forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.delivery import vapid
from app.delivery.transports.push import verdict
from app.extensions import db
from app.models import PushSubscription, User
from app.models.access import DeliveryState
from tests.notices import (
    GRACE,
    NOON,
    PUSH,
    due_now,
    guardian,
    marks,
    outbox,
    send,
    somebody,
    subscribed,
    teacher_of,
    tell,
)
from tests.push_server import PushServer, Subscriber
from tests.school import School
from tests.school_panel import Panel
from tests.test_outbox import TIMING

KEY = "BPZ" + "A" * 84
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what happens on the way to the push service, where the database makes no difference."""


@pytest.fixture
def service(app: Flask) -> Iterator[PushServer]:
    app.config.update(MAIL_DEFAULT_SENDER="Школа № 7 <j@school7.example>")
    with PushServer() as running:
        app.config["PUSH_SERVICES"] = running.url
        yield running


@pytest.fixture
def anna(school: School) -> User:
    """Her one way is the browser."""
    teacher_of(school)
    return guardian(school, email=None)


def on(user: User, browser: Subscriber) -> PushSubscription:
    return subscribed(user, browser.endpoint, **browser.keys)


def happened(school: School) -> None:
    """A low mark that is due now."""
    marks(school, 2)
    tell(NOON + GRACE)
    due_now()


def browsers() -> list[str]:
    rows = list(db.session.scalars(select(PushSubscription.endpoint).order_by(PushSubscription.id)))
    db.session.commit()
    return rows


@ONE
def test_every_browser_of_the_person_shows_the_notification(
    app: Flask, school: School, service: PushServer, anna: User
) -> None:
    on(anna, service.browser("phone"))
    on(anna, service.browser("laptop"))
    happened(school)
    send(app)
    (path, shown), (other, same) = service.received
    assert {path, other} == {"/push/phone", "/push/laptop"}
    assert shown == same
    assert shown["title"] == "Пётр"
    assert shown["body"] == "Алгебра, 1 October: mark 2"
    assert shown["url"] == f"/diary/{school.student.id}/marks/"
    assert shown["tag"]
    assert service.complaints == []
    assert service.senders == {vapid.public_key("test key")}
    assert service.contacts == {"mailto:j@school7.example"}
    assert {(row.state, row.channel, row.address) for row in outbox()} == {(DeliveryState.SENT, PUSH, "127.0.0.1")}


def test_a_browser_that_is_gone_is_forgotten(app: Flask, school: School, service: PushServer, anna: User) -> None:
    on(anna, Subscriber(f"{service.url}/push/gone"))
    kept = service.browser("kept")
    on(anna, kept)
    happened(school)
    send(app)
    assert browsers() == [kept.endpoint]
    gone, sent = outbox()
    assert (gone.state, gone.error, gone.subscription_id) == (DeliveryState.FAILED, "push_gone:410", None)
    assert sent.state == DeliveryState.SENT


@ONE
def test_the_service_says_how_long_to_wait(app: Flask, school: School, service: PushServer, anna: User) -> None:
    on(anna, service.browser())
    happened(school)
    service.answers = [(429, "600")]
    send(app)
    (row,) = outbox()
    assert (row.state, row.error) == (DeliveryState.QUEUED, "rate_limited")
    assert row.due_at - datetime.now(UTC) > timedelta(seconds=590)
    row.due_at = datetime.now(UTC)
    send(app)
    assert len(service.received) == 1
    assert outbox()[0].state == DeliveryState.SENT


@ONE
@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        (413, DeliveryState.FAILED, "push_refused:413"),
        (403, DeliveryState.FAILED, "push_refused:403"),
        (302, DeliveryState.FAILED, "push_refused:302"),
        (503, DeliveryState.QUEUED, "push_down"),
        ("silent", DeliveryState.QUEUED, "push_down"),
    ],
)
def test_other_answers(
    app: Flask, school: School, service: PushServer, anna: User, answer: int | str, state: DeliveryState, error: str
) -> None:
    on(anna, service.browser())
    service.browser("elsewhere")
    happened(school)
    service.answers = [answer]
    send(app)
    (row,) = outbox()
    assert (row.state, row.error) == (state, error)
    assert len(browsers()) == 1
    assert [path for path, _shown in service.received] == (["/push/one"] if answer == "silent" else [])


@ONE
def test_what_goes_again_takes_the_place_of_the_first(
    app: Flask, school: School, service: PushServer, anna: User
) -> None:
    on(anna, service.browser())
    happened(school)
    service.answers = ["silent"]
    send(app)
    outbox()[0].due_at = datetime.now(UTC)
    send(app, TIMING)
    (_path, first), (_same, second) = service.received
    assert first["tag"] == second["tag"]


@ONE
def test_the_journal_sends_to_no_other_address(app: Flask, school: School, service: PushServer, anna: User) -> None:
    on(anna, service.browser())
    app.config["PUSH_SERVICES"] = "fcm.googleapis.com"
    happened(school)
    send(app)
    assert (outbox()[0].error, service.received) == ("push_not_allowed", [])


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", True),
        ("https://fcm.googleapis.com:443/x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://evilnotify.windows.com/x", False),
        ("https://fcm.googleapis.com@127.0.0.1/x", False),
        ("https://user:pass@fcm.googleapis.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1/x", False),
        ("https://.fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:x/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_push_services_are_a_list(endpoint: str, allowed: bool) -> None:
    assert vapid.is_allowed(endpoint, "fcm.googleapis.com notify.windows.com") is allowed


def test_the_key_is_the_same_on_every_host_and_another_for_another_secret() -> None:
    assert vapid.public_key("one") == vapid.public_key("one")
    assert vapid.public_key("one") != vapid.public_key("two")
    assert vapid.contact("Школа <j@школа.рф>", "https://school7.example") == "https://school7.example"
    assert vapid.contact(None, "http://127.0.0.1:8000").startswith("mailto:")


def test_a_date_can_say_how_long_to_wait() -> None:
    from pywebpush import WebPushException

    class Answer:
        status_code, text = 429, ""
        headers = {"Retry-After": "Thu, 01 Oct 2026 12:01:40 GMT"}

    error = WebPushException("no", response=Answer())
    assert verdict(error, datetime(2026, 10, 1, 12, tzinfo=UTC)).wait == 100


def test_a_browser_puts_itself_on_the_list_and_takes_itself_off(
    app: Flask, panel: Panel, service: PushServer, anna: User
) -> None:
    browser = service.browser()
    key = panel.get(anna, "/diary/push/key").json
    assert key == {"key": vapid.public_key("test key")}
    for _twice in range(2):
        assert panel.send(anna, "/diary/push/subscribe", browser.json()).json == {"subscribed": True}
    assert browsers() == [browser.endpoint]
    worker = somebody("Завучева", is_staff=True)
    assert panel.send(worker, "/diary/push/subscribe", browser.json()).status_code == 200
    assert db.session.scalars(select(PushSubscription.user_id)).all() == [worker.id]  # whoever uses it now
    assert panel.send(anna, "/diary/push/unsubscribe", {"endpoint": browser.endpoint}).status_code == 200
    assert browsers() == [browser.endpoint]  # not hers any more
    assert panel.send(worker, "/diary/push/unsubscribe", {"endpoint": browser.endpoint}).status_code == 200
    assert browsers() == []


@ONE
def test_ten_browsers_at_most(app: Flask, panel: Panel, service: PushServer, anna: User) -> None:
    for number in range(11):
        panel.send(anna, "/diary/push/subscribe", service.browser(str(number)).json())
    assert [endpoint.rsplit("/", 1)[1] for endpoint in browsers()] == [str(number) for number in range(1, 11)]


@ONE
def test_nonsense_is_refused_with_a_reason(app: Flask, panel: Panel, service: PushServer, anna: User) -> None:
    good = service.browser().json()
    keys = good["keys"]
    bad_keys = [{}, keys | {"p256dh": KEY}, keys | {"auth": "x"}, keys | {"p256dh": 5}, keys | {"p256dh": "я"}]
    sent = [
        None, [], "x", {}, {"endpoint": 5, "keys": keys}, good | {"endpoint": "https://evil.example/x"},
        good | {"endpoint": service.url + "/" + "x" * 3000}, *(good | {"keys": one} for one in bad_keys),
    ]  # fmt: skip
    for body in sent:
        answer = panel.send(anna, "/diary/push/subscribe", body)
        assert answer.status_code == 422, body
        assert answer.json
        assert answer.json["message"]
    for body in (None, {}, {"endpoint": ""}, {"endpoint": 7}):
        assert panel.send(anna, "/diary/push/unsubscribe", body).status_code == 400
    assert browsers() == []
    assert panel.client.post("/diary/push/subscribe", json=good).status_code == 401


@ONE
def test_who_took_the_browser_off_meanwhile_gets_nothing(
    app: Flask, school: School, service: PushServer, anna: User
) -> None:
    row = on(anna, service.browser())
    happened(school)
    db.session.delete(row)
    db.session.commit()
    send(app)
    (left,) = outbox()
    assert (left.state, left.error, left.channel) == (DeliveryState.FAILED, "push_gone", PUSH)
    assert service.received == []
