"""A class teacher reports a problem, the deputy director answers: with screenshots, moments, and nobody else near."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.transports import NothingToSay
from app.extensions import db
from app.models import SupportFile, SupportReply, SupportRequest, User
from app.models.communication import SupportState
from app.people.refusal import Refusal
from app.support import files, listing, work
from tests import notices
from tests.notices import GRACE, NOON, outbox, read, tell, writing
from tests.school import School
from tests.school_panel import HOSTILE, Panel, led, second_class, written

PAGE = "/admin/support/"
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For pages, where the database makes no difference."""
OPEN, IN_WORK, SOLVED = SupportState.OPEN, SupportState.IN_WORK, SupportState.SOLVED


def person(name: str, **fields: Any) -> User:
    return notices.somebody(name, is_staff=True, email=f"{len(name)}@school.example", **fields)


@pytest.fixture
def teacher(school: School) -> User:
    """The class teacher, with an e-mail and a password."""
    user = led(school)
    assert user.account is not None
    user.account.email, user.account.password_hash = "orlova@school.example", "hash"
    db.session.commit()
    return user


@pytest.fixture
def director(school: School) -> User:
    return person("Завучева", is_deputy_director=True)


def other_class_teacher(school: School) -> User:
    other = person("Соседкина")
    second_class(school).class_teacher = other
    db.session.commit()
    return other


def screenshot(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> tuple[BytesIO, str]:
    content = BytesIO()
    Image.new("RGB", size, "navy").save(content, kind)
    return BytesIO(content.getvalue()), "Снимок экрана.png"


def reported(teacher: User, at: datetime = NOON, body: str = "Не сохраняется", key: str = "a key made") -> int:
    with writing(teacher, at) as session:
        return work.report(session, at, work.Problem(body, "/admin/journal/", key))


def row(session: Session | None = None) -> SupportRequest:
    request = (session or db.session()).scalars(select(SupportRequest)).one()
    if session is None:
        db.session.commit()
    return request


# What is kept of it


def test_from_the_report_to_the_solution_each_moment_is_kept(teacher: User, director: User) -> None:
    reported(teacher)
    director_id = director.id
    with writing(director, NOON + timedelta(hours=1)) as session:
        work.take(session, row(session), NOON + timedelta(hours=1))
    assert (row().state, row().taken_by_id, row().answered_at) == (IN_WORK, director_id, None)
    with writing(teacher, NOON + timedelta(hours=2)) as session:  # the author's own words answer nothing
        work.reply(session, row(session), "И ещё в другом классе", NOON + timedelta(hours=2))
    assert row().answered_at is None
    with writing(director, NOON + timedelta(hours=3)) as session:
        work.reply(session, row(session), "Смотрю", NOON + timedelta(hours=3))
    with writing(director, NOON + timedelta(hours=4)) as session:
        work.solve(session, row(session), "Готово", NOON + timedelta(hours=4))
    db.session.expire_all()
    request = row()
    hours = [at and (at - NOON) / timedelta(hours=1) for at in (request.taken_at, request.answered_at,
                                                                 request.solved_at)]  # fmt: skip
    assert (request.state, hours) == (SOLVED, [1, 3, 4])
    said = db.session.scalars(select(SupportReply.body).order_by(SupportReply.id)).all()
    assert said == ["И ещё в другом классе", "Смотрю", "Готово"]
    db.session.commit()
    with writing(teacher, NOON + timedelta(hours=5)) as session:
        work.reopen(session, row(session), "Снова то же", NOON + timedelta(hours=5))
    db.session.expire_all()
    assert (row().state, row().solved_at, row().taken_by_id) == (OPEN, None, director_id)


@ONE
def test_what_makes_no_sense_changes_nothing(teacher: User, director: User) -> None:
    reported(teacher)
    with writing(teacher) as session:
        request = row(session)
        for change in (work.reply, work.reopen):
            with pytest.raises(Refusal):
                change(session, request, " \n", NOON)
        with pytest.raises(Refusal):
            work.reply(session, request, "я" * 5001, NOON)
        work.solve(session, request, "", NOON)  # found out oneself
    assert (row().state, row().taken_at, row().answered_at) == (SOLVED, None, None)
    with writing(director) as session:
        for refused in (work.reply, work.solve):
            with pytest.raises(Refusal):
                refused(session, row(session), "Ответ", NOON)
        with pytest.raises(Refusal):
            work.take(session, row(session), NOON)


def test_the_same_form_sent_twice_is_one_request(teacher: User) -> None:
    assert reported(teacher) == reported(teacher)
    assert reported(teacher, body="Другое") != reported(teacher)


def test_how_long_requests_take_is_said_in_medians(teacher: User, director: User) -> None:
    for days, to_answer, to_solution in ((100, 1, 1), (40, 6, 50), (20, 2, 10), (10, 4, 30), (1, None, None)):
        said = NOON - timedelta(days)
        written(
            SupportRequest(
                author_id=teacher.id, body="Вопрос", created_at=said, state=SOLVED if to_solution else OPEN,
                answered_at=said + timedelta(hours=to_answer) if to_answer else None,
                solved_at=said + timedelta(hours=to_solution) if to_solution else None,
            )
        )  # fmt: skip
    with writing(director) as session:
        month, quarter = listing.durations(session, NOON)
        assert session.scalar(listing.waiting()) == 1
    hour = timedelta(hours=1)
    assert (month.requests, month.solved, month.to_answer, month.to_solution) == (3, 2, 3 * hour, 20 * hour)
    assert (quarter.requests, quarter.solved, quarter.to_answer, quarter.to_solution) == (4, 3, 4 * hour, 30 * hour)


# Notices


@ONE
def test_the_deputy_hears_of_a_problem_and_the_author_of_its_solution(teacher: User, director: User) -> None:
    number = reported(teacher)
    tell(NOON + GRACE)
    (mail,) = outbox()
    assert mail.user_id == director.id
    text = read(mail, NOON).text
    assert "Орлова В. reports a problem" in text
    assert f"/admin/support/{number}/" in text
    assert "Не сохраняется" not in text
    later = NOON + timedelta(hours=1)
    with writing(director, later) as session:
        work.solve(session, row(session), "Готово", later)
    with pytest.raises(NothingToSay):  # it waits no more
        read(mail, later)
    tell(later + GRACE)
    answer = outbox()[-1]
    assert answer.user_id == teacher.id
    said = read(answer, later).text
    assert "The problem that you reported on 1 October is solved" in said
    assert "Завучева А. И. replies about the problem of 1 October" in said
    with writing(teacher, later + timedelta(hours=1)) as session:
        work.reopen(session, row(session), "Нет", later + timedelta(hours=1))
    tell(later + timedelta(hours=1) + GRACE)
    assert outbox()[-1].user_id == director.id
    assert len(outbox()) == 3


# Pages


def send(panel: Panel, user: User, **fields: Any) -> Any:
    return panel.post(user, f"{PAGE}new", {"key": "key of the form", "body": "Не сохраняется"} | fields)


@ONE
def test_a_problem_is_reported_with_its_page_and_screenshots(panel: Panel, teacher: User, director: User) -> None:
    form = BeautifulSoup(panel.get(teacher, "/admin/?a=1").text, "html.parser")
    link = form.select_one("a.report-problem")
    assert link is not None
    assert str(link["href"]) == "/admin/support/new?page=/admin/?a%3D1"
    assert 'value="/admin/?a=1"' in panel.get(teacher, str(link["href"])).text
    sent = send(panel, teacher, page="/admin/?a=1", files=[screenshot(), screenshot("JPEG")])
    address = sent.headers["Location"]
    for reader in (teacher, director):
        shown = panel.page(reader, address)
        assert "Не сохраняется" in shown
        assert "/admin/?a=1" in shown
    shots = db.session.scalars(select(SupportFile).order_by(SupportFile.id)).all()
    assert [each.stored[-4:] for each in shots] == [".png", ".jpg"]
    picture = panel.get(director, f"{PAGE}file/{shots[0].id}")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert picture.headers["Cache-Control"] == "private, no-store"
    assert "no-store" in panel.get(director, f"{PAGE}file/{shots[1].id}?save").headers["Cache-Control"]


def test_nobody_else_sees_the_request_or_its_screenshot(
    panel: Panel, school: School, teacher: User, director: User
) -> None:
    address = send(panel, teacher, files=[screenshot()]).headers["Location"]
    shot = db.session.scalars(select(SupportFile.id)).one()
    db.session.commit()
    other, plain = other_class_teacher(school), person("Предметный")
    for stranger in (other, plain, notices.guardian(school)):
        for path in (address, f"{PAGE}file/{shot}"):
            assert panel.get(stranger, path).status_code in (403, 404), path
        assert panel.post(stranger, f"{address}say", do="solve").status_code in (403, 404)
    assert panel.get(other, address).status_code == 404
    assert panel.get(other, f"{PAGE}file/{shot}").status_code == 404
    assert "Не сохраняется" not in panel.page(other, f"{PAGE}?state=all")
    assert panel.get(plain, PAGE).status_code == 403
    assert panel.get(plain, f"{PAGE}new").status_code == 403
    assert send(panel, director).status_code == 403
    assert "report-problem" not in panel.get(director, "/admin/").text
    assert row().state is OPEN


@ONE
@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"just text", "«x.png» is not taken. This is not a picture that can be shown."),
        (b"", "«x.png» is not taken. The file is empty."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "This is not a picture"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "This is not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_text_stays(panel: Panel, teacher: User, given: bytes, why: str) -> None:
    answer = send(panel, teacher, files=[screenshot(), (BytesIO(given), "x.png")])
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.text, "html.parser")
    alert, area = soup.select_one("[role=alert]"), soup.select_one("textarea")
    assert alert is not None
    assert area is not None
    assert why in alert.get_text()
    assert area.get_text().strip() == "Не сохраняется"
    assert db.session.scalars(select(SupportRequest)).all() == []
    assert not files._shelf.folder().exists() or not list(files._shelf.folder().iterdir())


@ONE
def test_the_buttons_of_a_request_do_what_they_say(panel: Panel, teacher: User, director: User) -> None:
    address = send(panel, teacher).headers["Location"]
    assert "Take in work" in panel.page(director, address)
    assert "Take in work" not in panel.page(teacher, address)
    home = BeautifulSoup(panel.get(director, "/admin/").text, "html.parser")
    entry = home.select_one('nav a[href="/admin/support/"]')
    assert entry is not None
    assert "1 waiting for you" in entry.get_text()
    assert panel.post(teacher, f"{address}say", do="take").status_code == 400
    assert panel.post(director, f"{address}say", do="take").status_code == 302
    empty = panel.post(director, f"{address}say", do="reply", body=" ")
    assert (empty.status_code, "Write the reply." in empty.text) == (422, True)
    assert panel.post(director, f"{address}say", do="reply", body="Смотрю").status_code == 302
    assert panel.post(director, f"{address}say", do="solve").status_code == 302
    assert "solved after" in panel.page(director, f"{PAGE}?state=solved")
    assert "Nothing is waiting" in panel.page(director, PAGE)
    kept = panel.post(teacher, f"{address}say", do="reply", body="Спасибо, но нет")
    assert kept.status_code == 422
    assert "Спасибо, но нет" in kept.text
    assert panel.post(teacher, f"{address}say", do="reopen", body="Снова").status_code == 302
    assert row().state is OPEN
    assert "Снова" in panel.page(director, address)


@ONE
def test_what_nobody_can_ask_for_is_refused(panel: Panel, teacher: User, director: User) -> None:
    address = send(panel, teacher, page="//evil.example/").headers["Location"]
    assert row().page == ""
    for value in HOSTILE:
        for name in ("state", "author", "page"):
            answer = panel.client.get(PAGE, query_string={name: value}, headers={"X-Person": str(director.id)})
            assert answer.status_code in (200, 400, 404), (name, value)
        got = panel.client.get(f"{PAGE}new", query_string={"page": value}, headers={"X-Person": str(teacher.id)})
        assert got.status_code in (200, 400), value
        assert panel.post(director, f"{address}say", do=value, body=value).status_code in (302, 400, 422), value
        assert send(panel, teacher, body=value, key=value, page=value).status_code in (302, 400, 422), value
    for path in (f"{PAGE}0/", f"{PAGE}99999999999/", f"{PAGE}file/99999999999", f"{PAGE}file/7"):
        assert panel.get(director, path).status_code == 404, path
    many = send(panel, teacher, files=[screenshot() for _ in range(6)])
    assert (many.status_code, "At most 5" in many.text) == (422, True)
