"""The page on which people choose what they are told of; staff with their quiet hours."""

from __future__ import annotations

from datetime import time
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Delivery, NotificationChoice, PushSubscription, QuietHours, User
from app.models.access import DeliveryState
from app.models.notification import NoticeKind, Timing
from tests.notices import EMAIL, PUSH, SMS, guardian, somebody, subscribed
from tests.school import School
from tests.school_panel import HOSTILE, Panel, counted, led
from tests.visitor import person

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For pages that only say what others have been tested to write."""
PAGE, STAFF_PAGE = "/diary/notifications/", "/admin/notifications/"


@pytest.fixture
def anna(school: School) -> User:
    return guardian(school, phone="+79123456789")


def choices(panel: Panel, user: User, page: str = PAGE) -> dict[str, str]:
    soup = BeautifulSoup(panel.get(user, page).text, "html.parser")
    found = {}
    for box in soup.select(".told select"):
        chosen = box.select_one("option[selected]")
        assert isinstance(chosen, Tag)
        found[str(box["name"])] = str(chosen["value"])
    return found


def rows() -> set[tuple[NoticeKind, object, Timing]]:
    found = {(row.kind, row.channel, row.timing) for row in db.session.scalars(select(NotificationChoice))}
    db.session.commit()
    return found


@ONE
def test_a_parent_sees_what_is_usual_and_sms_only_where_the_school_pays(panel: Panel, anna: User) -> None:
    assert choices(panel, anna) == {
        "low_mark-push": "at_once", "low_mark-email": "at_once", "low_mark-sms": "never",
        "mark-push": "evening", "mark-email": "evening",
        "absence-push": "at_once", "absence-email": "at_once", "absence-sms": "never",
        "homework-push": "never", "homework-email": "never",
        "final_mark-push": "evening", "final_mark-email": "evening",
        "message-push": "at_once", "message-email": "at_once",
        "news-push": "evening", "news-email": "evening",
        "request-push": "at_once", "request-email": "at_once",
    }  # fmt: skip


def test_a_choice_is_kept_and_what_is_usual_is_not_written(panel: Panel, anna: User) -> None:
    page = choices(panel, anna)
    panel.post(anna, PAGE, page | {"low_mark-sms": "at_once", "news-email": "never"})
    assert rows() == {
        (NoticeKind.LOW_MARK, SMS, Timing.AT_ONCE),
        (NoticeKind.NEWS, EMAIL, Timing.NEVER),
    }
    assert choices(panel, anna)["news-email"] == "never"
    panel.post(anna, PAGE, page | {"low_mark-sms": "evening"})
    assert rows() == {(NoticeKind.LOW_MARK, SMS, Timing.EVENING)}


@ONE
def test_an_sms_that_the_school_does_not_pay_cannot_be_chosen(app: Flask, panel: Panel, anna: User) -> None:
    panel.post(anna, PAGE, {"news-sms": "at_once", "low_mark-fax": "at_once", "mark-email": "sometimes"})
    assert rows() == set()
    app.config["SMS_NOTICES"] = ""
    panel.post(anna, PAGE, {"low_mark-sms": "at_once"})
    assert rows() == set()
    assert "low_mark-sms" not in choices(panel, anna)


def test_hostile_answers_change_nothing(panel: Panel, anna: User) -> None:
    for word in HOSTILE:
        assert panel.post(anna, PAGE, {"mark-email": word, word: "never"}).status_code in {302, 400}
        assert panel.post(anna, PAGE, {"forget": word or "x"}).status_code in {400, 404}
        assert panel.get(anna, f"{PAGE}?{urlencode({'message': word})}").status_code in {200, 400}
    assert rows() == set()


def test_own_browsers_are_listed_and_removed_without_scripts(panel: Panel, anna: User) -> None:
    other = subscribed(somebody("Чужая"), "https://fcm.googleapis.com/2")
    mine = subscribed(anna, "https://fcm.googleapis.com/1")
    mine.agent = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0"
    db.session.commit()
    assert "Chrome, Android" in panel.page(anna, PAGE)
    assert panel.post(anna, PAGE, forget=str(other.id)).status_code == 404
    assert "gets no notifications any more" in panel.page(anna, panel.post(anna, PAGE, forget=str(mine.id)).location)
    assert "No device gets push notifications yet" in panel.page(anna, PAGE)


def test_the_last_messages_to_oneself_and_their_state(panel: Panel, anna: User) -> None:
    other = somebody("Чужая")
    for user, address in ((anna, "8@mail.example"), (other, "other@mail.example")):
        sent = {"batch": address, "state": DeliveryState.SENT}
        db.session.add(Delivery(user_id=user.id, channel=EMAIL, address=address, **sent))
    db.session.add(Delivery(user_id=anna.id, channel=PUSH, address="push", batch="2", error="push_down"))
    db.session.commit()
    page = panel.page(anna, PAGE)
    assert "E-mail · Sent 8@mail.example" in page
    assert "The push service does not answer" in page
    assert "other@mail.example" not in page
    message = db.session.scalars(select(Delivery)).first()
    assert message is not None
    assert "Read" not in panel.page(anna, f"{PAGE}?message={message.id}")  # no demo


@ONE
def test_the_page_takes_few_statements(panel: Panel, anna: User) -> None:
    with counted() as statements:
        panel.get(anna, PAGE)
    assert len(statements) < 16, statements


def test_staff_choose_fewer_kinds_and_their_quiet_hours(school: School, panel: Panel) -> None:
    teacher = led(school)
    assert teacher.account is not None
    teacher.account.email = "orlova@mail.example"
    db.session.commit()
    assert set(choices(panel, teacher, STAFF_PAGE)) == {
        "message-push", "message-email", "request-push", "request-email", "news-push", "news-email",
        "support-push", "support-email", "reminder-push", "reminder-email", "weekly-push", "weekly-email",
    }  # fmt: skip
    assert 'value="20:00"' in panel.get(teacher, STAFF_PAGE).text
    panel.post(teacher, STAFF_PAGE, {"message-email": "evening"})
    assert rows() == {(NoticeKind.MESSAGE, EMAIL, Timing.EVENING)}
    panel.post(teacher, STAFF_PAGE, quiet="1", starts_at="18:30", ends_at="08:00")
    hours = db.session.scalars(select(QuietHours)).one()
    assert (hours.starts_at, hours.ends_at, hours.weekends) == (time(18, 30), time(8), False)
    panel.post(teacher, STAFF_PAGE, quiet="1", starts_at="19:00", ends_at="08:00", weekends="1")
    db.session.refresh(hours)
    assert (hours.starts_at, hours.weekends) == (time(19), True)


def test_a_time_that_is_none_is_said_and_what_was_typed_stays(school: School, panel: Panel) -> None:
    teacher = led(school)
    for word in ("25:00", "evening", "", *HOSTILE):
        answer = panel.post(teacher, STAFF_PAGE, quiet="1", starts_at=word, ends_at="06:15")
        assert answer.status_code in {200, 400}
        if answer.status_code == 200:
            assert "Enter a time like 20:00" in answer.text
            assert 'value="06:15"' in answer.text
    assert db.session.scalars(select(QuietHours)).all() == []


@ONE
def test_parents_and_staff_have_each_their_page(school: School, panel: Panel, anna: User) -> None:
    assert panel.get(anna, STAFF_PAGE).status_code == 403
    assert panel.get(led(school), PAGE).location == "/admin/"
    assert panel.client.get(PAGE).status_code == 302


@ONE
def test_nobody_but_the_receiver_reads_what_a_notification_tells(school: School, panel: Panel, anna: User) -> None:
    leader = led(school)
    db.session.add(Delivery(user_id=anna.id, channel=EMAIL, address="8@mail.example", batch="1", error="mail_down"))
    db.session.commit()
    (row,) = db.session.scalars(select(Delivery))
    page = panel.page(leader, f"/admin/delivery/details/?id={row.id}")
    assert "Notification" in page
    assert "What it tells is for its receiver alone." in page
    assert "Everybody it was sent to together" not in page
    assert "Give access anew" not in page
    assert "8@mail.example" in panel.page(leader, "/admin/delivery/")


def test_who_signs_out_everywhere_has_lost_a_phone_and_it_shows_nothing_more(app: Flask) -> None:
    user = person()
    subscribed(user, "https://fcm.googleapis.com/lost")
    kept = subscribed(somebody("Чужая"), "https://fcm.googleapis.com/kept")
    visitor = app.test_client()
    visitor.sign_in("petrova")  # type: ignore[attr-defined]
    visitor.send("/account/", "/account/sessions/end")  # type: ignore[attr-defined]
    assert db.session.scalars(select(PushSubscription.id)).all() == [kept.id]
