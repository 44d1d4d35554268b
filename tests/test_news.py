"""School news on its screens: for whom, from when, and what harms nobody, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import policy
from app.extensions import db
from app.models import NewsItem, NewsItemClass
from app.models.communication import Audience
from app.news import pictures
from tests.panel_at import Panel, panel_of, text
from tests.rights.world import NOW, World, build

READERS = {
    Audience.ALL: {"dep", "ct", "t", "ga1", "gb1", "nobody"},
    Audience.STAFF: {"dep", "ct", "t"},
    Audience.GUARDIANS: {"dep", "ga1", "gb1"},
    Audience.CLASSES: {"dep", "ct", "ga1"},
}


@pytest.fixture
def world(app: Flask) -> World:
    world = build(db.session())
    db.session.commit()  # SQLite has one writer: give its lock back
    return world


@pytest.fixture
def deputy(app: Flask, world: World) -> Panel:
    return panel_of(app, world.users["dep"].id, NOW)


def form(**fields: Any) -> dict[str, Any]:
    return {"title": "Ярмарка", "body": "В пятницу", "audience": "all"} | fields


def item() -> NewsItem:
    """The item that a test has written."""
    with policy.system() as session:
        rows = select(NewsItem).where(NewsItem.title == "Ярмарка").options(selectinload(NewsItem.classes))
        return session.scalars(rows).one()


def is_there() -> bool:
    with policy.system() as session:
        return session.scalars(select(NewsItem.id).where(NewsItem.title == "Ярмарка")).first() is not None


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> tuple[BytesIO, str]:
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **options)
    return BytesIO(file.getvalue()), "Наша ярмарка.png"


def files() -> list[Path]:
    return sorted(pictures.folder().glob("*"))


def first_page(panel: Panel) -> str:
    """Where a person reads news first: on the home page, or in the diary of who only reads one."""
    home = panel.get("/admin/")
    return str((home if home.status_code == 200 else panel.get("/diary/news/")).text)


# For whom, and from when


@pytest.mark.parametrize("audience", list(Audience))
def test_news_reaches_those_addressed_and_nobody_else(app: Flask, world: World, audience: Audience) -> None:
    news = world.named[f"news_{audience.value}_a"]
    title, body, number = news.title, news.body, news.id
    db.session.commit()
    for who in ("dep", "ct", "t", "ga1", "gb1", "nobody"):
        panel = panel_of(app, world.users[who].id, NOW)
        reads = who in READERS[audience]
        assert (title in first_page(panel)) is reads, who
        assert (title in panel.get("/admin/newsitem/").text) is reads, who
        details = panel.get(f"/admin/newsitem/details/?id={number}")
        assert (details.status_code == 200 and body in details.text) is reads, who


def test_an_item_appears_at_its_moment(app: Flask, world: World, deputy: Panel) -> None:
    deputy.post("/admin/newsitem/new/", data=form(published_at="2026-10-07T13:00"))  # 10:00 UTC, NOW is 9:00
    assert "Scheduled for 7 Oct 2026, 13:00" in text(deputy.get("/admin/newsitem/"))
    moment = datetime.fromisoformat("2026-10-07T10:00:00+00:00")
    for now, seen in ((moment - timedelta(seconds=1), False), (moment, True)):
        assert ("Ярмарка" in first_page(panel_of(app, world.users["ga1"].id, now))) is seen


def test_a_draft_is_published_at_once_and_only_once(app: Flask, world: World, deputy: Panel) -> None:
    deputy.post("/admin/newsitem/new/", data=form())
    number = item().id
    assert "Draft" in text(deputy.get(f"/admin/newsitem/details/?id={number}"))
    assert "Draft Ярмарка" not in panel_of(app, world.users["ga1"].id, NOW).get("/admin/newsitem/").text
    panel = panel_of(app, world.users["dep"].id, NOW)
    answer = panel.post("/admin/newsitem/action/", data={"action": "publish", "rowid": number}, follow_redirects=True)
    assert "1 news item is published." in text(answer)
    assert item().published_at == NOW
    later = panel_of(app, world.users["dep"].id, NOW + timedelta(1))
    later.post("/admin/newsitem/action/", data={"action": "publish", "rowid": number})
    assert item().published_at == NOW


def test_the_form_publishes_at_once(deputy: Panel) -> None:
    deputy.post("/admin/newsitem/new/", data=form(_publish="1", published_at="2026-12-01T10:00"))
    assert item().published_at == NOW


@pytest.mark.parametrize("who", ["ct", "t", "ga1", "nobody"])
def test_readers_write_nothing(app: Flask, world: World, who: str) -> None:
    number, title = world.named["news_all_a"].id, world.named["news_all_a"].title
    drafts = db.session.scalars(select(NewsItem.id).where(NewsItem.published_at.is_(None))).all()
    db.session.commit()
    panel = panel_of(app, world.users[who].id, NOW)
    assert panel.get("/admin/newsitem/new/").status_code == 403
    assert panel.post("/admin/newsitem/new/", data=form()).status_code == 403
    assert panel.post("/admin/newsitem/preview/", data=form()).status_code == 403
    panel.post(f"/admin/newsitem/edit/?id={number}", data=form())
    panel.post("/admin/newsitem/action/", data={"action": "publish", "rowid": drafts[0]})
    panel.post("/admin/newsitem/delete/", data={"id": number})
    assert not is_there()
    assert db.session.get_one(NewsItem, number).title == title
    assert db.session.get_one(NewsItem, drafts[0]).published_at is None


def test_classes_are_named_for_chosen_classes_and_only_then(world: World, deputy: Panel) -> None:
    a, b = world.named["class_a"].id, world.named["class_b"].id
    db.session.commit()
    answer = deputy.post("/admin/newsitem/new/", data=form(audience="classes"))
    assert "Choose the classes that the news is for." in answer.text
    answer = deputy.post("/admin/newsitem/new/", data=form(classes=str(a)))
    assert "take the classes away here" in answer.text
    assert "В пятницу" in answer.text
    assert not is_there()
    deputy.post("/admin/newsitem/new/", data=form(audience="classes", classes=f"{a},{b}"))
    assert {row.id for row in item().classes} == {a, b}
    assert "Chosen classes: 5А, 5Б" in text(deputy.get(f"/admin/newsitem/details/?id={item().id}"))


# The preview


def test_the_preview_shows_the_text_and_the_picture_and_saves_nothing(deputy: Panel) -> None:
    fields = form(body="# Где\n\n**Во дворе**", picture_file=picture())
    answer = deputy.post("/admin/newsitem/preview/", data=fields, content_type="multipart/form-data")
    assert "<h2>Где</h2>" in answer.text
    assert "<strong>Во дворе</strong>" in answer.text
    assert 'src="data:image/png;base64,' in answer.text
    assert not is_there()
    assert files() == []


def test_the_preview_says_what_cannot_be_saved(deputy: Panel) -> None:
    answer = deputy.post("/admin/newsitem/preview/", data=form(title="", audience="classes"))
    assert answer.status_code == 200
    assert "Choose the classes that the news is for." in answer.text


def test_the_form_offers_the_preview_without_scripts(deputy: Panel) -> None:
    page = deputy.get("/admin/newsitem/new/").text
    assert 'formaction="/admin/newsitem/preview/"' in page
    assert 'formtarget="_blank"' in page


# Pictures


def upload(panel: Panel, path: str = "/admin/newsitem/new/", **fields: Any) -> Any:
    return panel.post(path, data=form(**fields), content_type="multipart/form-data")


def test_a_picture_is_seen_by_those_who_may_see_the_item(app: Flask, world: World, deputy: Panel) -> None:
    a = world.named["class_a"].id
    db.session.commit()
    upload(deputy, picture_file=picture(), audience="classes", classes=str(a), _publish="1")
    news = item()
    address = f"/admin/newsitem/picture/{news.id}/{news.picture}"
    assert news.picture is not None
    assert "ярмарка" not in news.picture.casefold()
    for who, status in (("dep", 200), ("ga1", 200), ("ct", 200), ("gb1", 404), ("t", 404), ("nobody", 404)):
        panel = panel_of(app, world.users[who].id, NOW)
        answer = panel.get(address)
        assert answer.status_code == status, who
        if status == 200:
            assert answer.mimetype == "image/png"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "private, max-age=86400"
            assert address in first_page(panel)
    other = world.named["news_all_a"].id
    db.session.commit()
    panel = panel_of(app, world.users["gb1"].id, NOW)
    assert panel.get(f"/admin/newsitem/picture/{other}/{news.picture}").status_code == 404
    assert panel.get(f"/admin/newsitem/picture/{other}/..%2f..%2fsecret_key").status_code == 404


def test_a_new_picture_replaces_the_old_file_and_a_removed_one_goes(deputy: Panel) -> None:
    upload(deputy, picture_file=picture())
    first = files()
    edit = f"/admin/newsitem/edit/?id={item().id}"
    upload(deputy, edit, picture_file=picture("JPEG"))
    second = files()
    assert len(first) == len(second) == 1
    assert first != second
    assert second[0].name == item().picture
    deputy.post(edit, data=form(title="Ярмарка"))
    assert files() == second
    deputy.post(edit, data=form(picture_removed="y"))
    assert item().picture is None
    assert files() == []


@pytest.mark.parametrize("bulk", [False, True])
def test_the_file_goes_with_its_item(deputy: Panel, bulk: bool) -> None:
    upload(deputy, picture_file=picture())
    assert len(files()) == 1
    number = item().id
    if bulk:
        deputy.post("/admin/newsitem/action/", data={"action": "delete", "rowid": number})
    else:
        deputy.post("/admin/newsitem/delete/", data={"id": number})
    assert not is_there()
    assert files() == []
    assert db.session.scalars(select(NewsItemClass).where(NewsItemClass.news_item_id == number)).all() == []


def test_a_file_is_not_left_when_nothing_is_saved(world: World, deputy: Panel) -> None:
    news = NewsItem(title="Ярмарка", body="Текст")
    db.session.add(news)
    news.picture = pictures.keep(db.session(), pictures.read(picture()[0].read()))
    db.session.flush()
    assert len(files()) == 1
    db.session.rollback()
    assert files() == []
    answer = upload(deputy, title="", picture_file=picture())
    assert "Choose the picture again" in answer.text
    assert files() == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<script>alert(1)</script>", "photo.png"),
        (b"GIF89a" + bytes(30), "photo.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.svg"),
        (picture()[0].read()[:60], "half.png"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_whatever_its_name(deputy: Panel, content: bytes, name: str) -> None:
    answer = upload(deputy, picture_file=(BytesIO(content), name))
    assert "This is not a picture that can be shown." in answer.text
    assert not is_there()
    assert files() == []


def test_too_large_a_file_is_refused(app: Flask, deputy: Panel) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    assert upload(deputy, picture_file=(BytesIO(bytes(200_000)), "photo.png")).status_code == 413
    assert not is_there()
