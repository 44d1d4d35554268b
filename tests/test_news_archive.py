"""News that are planned, archived and read: where they stand, who finds them, and how many have seen them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from app.extensions import db
from app.models import Guardianship, NewsItem, NewsReading, SchoolClass, Student, User
from app.models.communication import Audience
from app.news import archive, feed, readings
from app.news.feed import NewsState
from tests.notices import guardian, writing
from tests.school import School
from tests.school_panel import HOSTILE, NOW, TODAY, Panel, deputy, led, second_class, written

LIST, DIARY = "/admin/newsitem/", "/diary/news/"
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For pages, where the database makes no difference."""


@pytest.fixture
def director(school: School) -> User:
    return deputy()


@pytest.fixture
def mother(school: School) -> User:
    return guardian(school)


def news(title: str, days: float | None = -1, **fields: Any) -> NewsItem:
    at = NOW + timedelta(days) if days is not None else None
    return written(NewsItem(title=title, body="Текст", published_at=at, **fields))


def archived(title: str, at: datetime) -> NewsItem:
    return written(NewsItem(title=title, body="Текст", published_at=at, archived_at=NOW))


def titles(page: str) -> list[str]:
    return [link.get_text(strip=True) for link in BeautifulSoup(page, "html.parser").select("article h2 a")]


def read(item: NewsItem, *people: User) -> None:
    numbers = [person.id for person in people]
    db.session.commit()  # SQLite has one writer
    for number in numbers:
        readings.note(number, item.id, TODAY, NOW)


# The archive


def test_what_is_archived_leaves_the_news_and_stays_to_be_read(
    panel: Panel, school: School, director: User, mother: User
) -> None:
    old, new = news("Старая"), news("Новая")
    teacher = led(school)
    assert titles(panel.get(mother, DIARY).text) == ["Новая", "Старая"]
    panel.post(director, f"{LIST}action/", action="archive", rowid=str(old.id))
    assert db.session.get_one(NewsItem, old.id).archived_at == NOW
    assert titles(panel.get(mother, DIARY).text) == ["Новая"]
    assert "Старая" not in panel.page(teacher, "/admin/")
    for reader in (teacher, director):
        assert "Старая" not in panel.page(reader, LIST)
        assert titles(panel.get(reader, f"{LIST}archive/").text) == ["Старая"]
    assert "Старая" in panel.page(director, f"{LIST}?state=archived")
    assert titles(panel.get(mother, f"{DIARY}archive/").text) == ["Старая"]
    assert "In the archive" in panel.page(mother, f"{DIARY}{old.id}/")
    panel.post(director, f"{LIST}action/", action="unarchive", rowid=str(old.id))
    assert titles(panel.get(mother, DIARY).text) == ["Новая", "Старая"]
    assert titles(panel.get(mother, f"{DIARY}archive/").text) == []
    assert new.archived_at is None


def test_the_archive_is_found_by_months_of_the_school_and_words(school: School, director: User) -> None:
    archived("Ёлка", datetime(2025, 12, 31, 20, 59, tzinfo=UTC))
    archived("Каникулы", datetime(2025, 12, 31, 21, tzinfo=UTC))  # midnight in Moscow
    archived("Елка для всех", datetime(2026, 2, 1, tzinfo=UTC))
    news("Свежая")
    zone = ZoneInfo("Europe/Moscow")
    with writing(director, NOW) as session:

        def found(when: str, words: str = "") -> list[str]:
            return [item.title for item in archive.page(session, NOW, zone, when, words, 1).items]

        assert found("2025") == found("2025-12") == ["Ёлка"]
        assert found("2026") == ["Елка для всех", "Каникулы"]
        assert found("2026-01") == ["Каникулы"]
        assert found("", "елка") == ["Елка для всех", "Ёлка"]
        spans = [(year.key, year.items, [each.key for each in year.months]) for year in
                 archive.spans(session, NOW, zone)]  # fmt: skip
    assert spans == [("2026", 2, ["2026-02", "2026-01"]), ("2025", 1, ["2025-12"])]


def test_families_find_in_the_archive_what_was_for_them(panel: Panel, school: School, mother: User) -> None:
    for audience in Audience:
        written(NewsItem(title=str(audience), body="Текст", published_at=NOW, archived_at=NOW, audience=audience))
    assert set(titles(panel.get(mother, f"{DIARY}archive/").text)) == {"Everyone", "Parents"}
    staff = db.session.scalars(select(NewsItem.id).where(NewsItem.audience == Audience.STAFF)).one()
    assert panel.get(mother, f"{DIARY}{staff}/").status_code == 404


@ONE
def test_only_what_is_published_can_be_archived(school: School) -> None:
    draft, planned, out = news("Черновик", None), news("План", 1), news("Вышла")
    assert feed.archive([draft, planned, out], NOW) == 1
    assert [feed.state_of(item, NOW) for item in (draft, planned, out)] == [
        NewsState.DRAFT, NewsState.SCHEDULED, NewsState.ARCHIVED,
    ]  # fmt: skip
    assert feed.publish([out], NOW + timedelta(1)) == 0
    assert out.published_at == NOW - timedelta(1)
    assert feed.unarchive([draft, planned, out]) == 1


# The schedule


@ONE
def test_the_schedule_shows_what_comes_by_day_and_the_drafts(panel: Panel, school: School, director: User) -> None:
    for title, days in (("Позже", 3), ("Скоро", 1), ("Вышла", -1), ("Черновик", None)):
        news(title, days)
    page = panel.page(director, f"{LIST}schedule/")
    assert page.index("Tue, 13 Oct 2026") < page.index("Скоро") < page.index("Thu, 15 Oct 2026") < page.index("Позже")
    assert page.index("Позже") < page.index("Черновик")
    assert "Вышла" not in page
    assert panel.get(led(school), f"{LIST}schedule/").status_code == 403


# Who has seen it


def test_who_opens_an_item_is_counted_once_and_in_numbers(
    panel: Panel, school: School, director: User, mother: User
) -> None:
    item, draft = news("Сбор"), news("Черновик", None)
    teacher, other = led(school), guardian(school, "Другая")
    for _ in range(2):
        assert panel.get(mother, f"{DIARY}{item.id}/").status_code == 200
    assert panel.get(teacher, f"{LIST}details/?id={item.id}").status_code == 200
    panel.get(director, f"{LIST}details/?id={draft.id}")
    assert db.session.scalar(select(func.count(NewsReading.id))) == 2
    db.session.commit()
    page = panel.page(director, f"{LIST}details/?id={item.id}")
    assert "Read by 2 of 4 : 1 parent, 1 member of staff" in page
    assert "Read by" not in panel.page(teacher, f"{LIST}details/?id={item.id}")
    assert "Read by" not in panel.page(teacher, LIST)
    assert "Read by" in panel.page(director, LIST)
    assert other.full_name not in page


def test_only_the_audience_is_counted(school: School, director: User, mother: User) -> None:
    other = second_class(school)
    stranger = guardian(school, "Чужая")
    db.session.scalars(select(Guardianship).where(Guardianship.user_id == stranger.id)).one().student = Student(
        family_name="Чужой", given_name="Пётр"
    )
    colleague = led(school)
    written(Guardianship(user=colleague, student=school.student))
    everybody, staff, families = (news(each.value, audience=each) for each in
                                  (Audience.ALL, Audience.STAFF, Audience.GUARDIANS))  # fmt: skip
    some, none = (news(each.letter, audience=Audience.CLASSES, classes=[each]) for each in
                  (school.school_class, db.session.get_one(SchoolClass, other.id)))  # fmt: skip
    for item in (everybody, staff, families, some, none):
        read(item, mother, colleague, stranger)
    with writing(director, NOW) as session:
        seen = {item.title: readings.seen(session, session.get_one(NewsItem, item.id), TODAY) for item in
                (everybody, staff, families, some, none)}  # fmt: skip
    shown = {title: (each.read, each.people, each.parents.read, each.staff.read) for title, each in seen.items()}
    assert shown == {
        "all": (2, 3, 1, 1), "staff": (1, 2, 0, 1), "guardians": (2, 2, 1, 1), "А": (2, 2, 1, 1), "Б": (0, 0, 0, 0),
    }  # fmt: skip


def test_what_is_deleted_takes_its_readings_along(panel: Panel, director: User, mother: User) -> None:
    item = news("Сбор")
    read(item, mother)
    assert panel.post(director, f"{LIST}delete/", id=str(item.id)).status_code == 302
    assert db.session.scalars(select(NewsItem)).all() == []
    assert db.session.scalars(select(NewsReading)).all() == []


@ONE
def test_what_nobody_can_ask_for_is_not_there(panel: Panel, director: User, mother: User) -> None:
    for value in (*HOSTILE, "2026-13", "2026-00", "20260", "1999"):
        for name in ("when", "search", "page"):
            for person, path in ((director, f"{LIST}archive/"), (mother, f"{DIARY}archive/")):
                answer = panel.client.get(path, query_string={name: value}, headers={"X-Person": str(person.id)})
                assert answer.status_code in (200, 400, 404), (path, name, value)
    assert panel.get(mother, f"{DIARY}archive/?when=2026-13").status_code == 404
