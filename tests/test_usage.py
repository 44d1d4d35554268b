"""Use by parents: how far each has come, who never came, who stopped; a class teacher sees the own class alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credentials.standing import stage_of_row, standings, with_stage
from app.extensions import db
from app.models import (
    Credential,
    Delivery,
    DiaryVisit,
    Enrollment,
    Guardianship,
    SchoolClass,
    Student,
    User,
)
from app.models.access import DeliveryChannel, DeliveryState
from app.usage import parents
from app.usage.figures import by_class, figures
from app.usage.parents import Beside, Step, Week
from tests.notices import writing
from tests.school import DAY, School
from tests.school_panel import HOSTILE, NOW, TODAY, Panel, counted, deputy, led, second_class, written

PAGE = "/admin/usage/"
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For pages, where the database makes no difference."""
MONDAY = TODAY
"""The tests' day is a Monday."""


def pupil(school_class: SchoolClass, name: str) -> Student:
    student = Student(family_name=name, given_name="Инна")
    written(Enrollment(student=student, school_class=school_class, starts_on=DAY))
    return student


def parent(name: str, *students: Student, password: bool = False, **fields: Any) -> User:
    user = User(family_name=name, given_name="Анна", **({"login": name.lower()} if password else {}), **fields)
    if password:
        assert user.account is not None
        user.account.password_hash = "hash"
    written(user)
    for student in students:
        written(Guardianship(user=user, student=student))
    return user


def given(user: User, state: DeliveryState, channel: DeliveryChannel = DeliveryChannel.SMS, **fields: Any) -> None:
    """The person has a credential, and a message with it in that state."""
    moments = {"issued_at": NOW, "expires_at": NOW + timedelta(7)}
    credential = Credential(user=user, version=1, code_hash=f"hash {user.id}", **(moments | fields))
    written(Delivery(user=user, credential=credential, channel=channel, address="", state=state))


def came(user: User, student: Student, weeks_ago: int, visits: int = 1) -> None:
    moment = NOW - timedelta(weeks=weeks_ago)
    written(
        DiaryVisit(
            user=user, student=student, week=MONDAY - timedelta(weeks=weeks_ago), visits=visits, first_at=moment,
            last_at=moment,
        )
    )  # fmt: skip


@pytest.fixture
def families(school: School) -> dict[str, User]:
    """A parent of the class's student for each of what can become of access."""
    child = school.student
    people = {
        "nobody": parent("Безконтактная", child),
        "phone": parent("Телефонова", child, phone="+79123456781"),
        "failed": parent("Ошибкина", child, phone="+79123456782"),
        "expired": parent("Просроченная", child, email="late@mail.example"),
        "queued": parent("Очередина", child, phone="+79123456783"),
        "slip": parent("Памяткина", child),
        "delivered": parent("Доставленная", child, phone="+79123456784"),
        "opened": parent("Открытая", child, phone="+79123456785"),
        "active": parent("Активная", child, password=True),
        "stopped": parent("Ушедшая", child, password=True),
        "here": parent("Частая", child, password=True),
        "off": parent("Отключённая", child, password=True, is_active=False),
    }
    given(people["failed"], DeliveryState.FAILED)
    given(people["expired"], DeliveryState.DELIVERED, expires_at=NOW)
    given(people["queued"], DeliveryState.QUEUED)
    given(people["slip"], DeliveryState.SENT, DeliveryChannel.SLIP)
    given(people["delivered"], DeliveryState.DELIVERED)
    given(people["opened"], DeliveryState.SENT, opened_at=NOW)
    came(people["stopped"], child, 4)
    came(people["here"], child, 3, visits=2)
    came(people["here"], child, 0, visits=5)
    return people


@contextmanager
def by_deputy() -> Iterator[Session]:
    """A session of a deputy director."""
    with writing(deputy(), NOW) as session:
        yield session


def of_school() -> list[parents.Parent]:
    with by_deputy() as session:
        ids = [each.id for each in parents.classes(session, TODAY)]
        return parents.parents(session, NOW, TODAY, ids)


def test_each_parent_stands_at_the_furthest_step(school: School, families: dict[str, User]) -> None:
    people = of_school()
    at = {each.user_id: each.step for each in people}
    steps = {name: at.get(user.id) for name, user in families.items()}
    assert steps == {
        "nobody": Step.NO_CONTACT, "phone": Step.NOT_SENT, "failed": Step.NOT_SENT, "expired": Step.NOT_SENT,
        "queued": Step.SENT, "slip": Step.SENT, "delivered": Step.DELIVERED, "opened": Step.DELIVERED,
        "active": Step.ACTIVATED, "stopped": Step.ACTIVATED, "here": Step.CAME, "off": None,
    }  # fmt: skip
    found = figures(people, NOW, weeks=3)
    assert (found.total, [found.reached(step) for step in Step]) == (11, [11, 10, 7, 5, 3, 1])
    assert sum(found.at.values()) == 11
    assert (found.never, found.stopped) == (9, 1)
    assert (figures(people, NOW, weeks=4).stopped, figures(people, NOW, weeks=5).stopped) == (0, 0)
    assert found.percent(found.reached(Step.CAME)) == pytest.approx(100 / 11)


def test_the_figures_know_the_same_stages_as_the_lists_of_access(school: School, families: dict[str, User]) -> None:
    ids = [user.id for user in families.values()]
    with by_deputy() as session:
        listed = {each.user_id: each.stage for each in standings(session, ids, NOW, TODAY)}
        figures = with_stage(select(User.id).where(User.id.in_(ids)))
        assert {row.id: stage_of_row(row, NOW) for row in session.execute(figures)} == listed
    assert len(set(listed.values())) > 6


def test_a_parent_of_two_classes_counts_in_both_and_once_in_the_school(school: School) -> None:
    other = second_class(school)
    sister = pupil(other, "Семёнова")
    mother = parent("Материнская", school.student, sister, password=True)
    came(mother, sister, 0)
    people = of_school()
    of_class = by_class(people, NOW, 3)
    assert (of_class[school.school_class.id].never, of_class[other.id].never) == (1, 0)
    assert (of_class[school.school_class.id].total, of_class[other.id].total) == (1, 1)
    whole = figures(people, NOW, 3)
    assert (whole.total, whole.at[Step.CAME], whole.never) == (1, 1, 0)


def test_weeks_count_people_once_and_their_visits_all(school: School, families: dict[str, User]) -> None:
    stranger = parent("Чужая", password=True)  # was a guardian once
    came(stranger, school.student, 0)
    ids = [school.school_class.id]
    with by_deputy() as session:
        weeks = parents.weeks(session, TODAY, ids, 5)
    assert [(each.people, each.visits) for each in weeks] == [(1, 1), (1, 2), (0, 0), (0, 0), (1, 5)]
    assert weeks[0] == Week(MONDAY - timedelta(weeks=4), 1, 1)


def test_staff_and_students_are_counted_apart(school: School) -> None:
    colleague = parent("Коллегина", school.student, password=True, is_staff=True)
    came(colleague, school.student, 0)
    school.student.user_id = parent("Ученик", password=True).id
    db.session.commit()
    ids = [school.school_class.id]
    with by_deputy() as session:
        assert parents.parents(session, NOW, TODAY, ids) == []
        assert parents.beside(session, TODAY, ids) == (Beside(1, 1), Beside(1, 0))


@ONE
def test_who_has_left_the_class_is_no_longer_counted(school: School, families: dict[str, User]) -> None:
    db.session.scalars(select(Enrollment)).one().ends_on = TODAY - timedelta(1)
    db.session.commit()
    assert of_school() == []


# The page


def names(page: str) -> list[str]:
    """Who stands on the list."""
    return [cell.get_text(strip=True) for cell in BeautifulSoup(page, "html.parser").select(".rows td.first")]


@ONE
def test_a_class_teacher_sees_the_own_class_and_a_deputy_all(
    panel: Panel, school: School, families: dict[str, User]
) -> None:
    other = second_class(school)
    parent("Чужая", pupil(other, "Чужой"), phone="+79123456789")
    teacher, director = led(school), deputy()
    page = panel.get(teacher, PAGE)
    assert page.status_code == 200
    assert "Чужая" not in page.text
    assert len(names(page.text)) == 9
    assert panel.get(teacher, f"{PAGE}?class={other.id}").status_code == 404
    assert names(panel.get(director, f"{PAGE}?class={other.id}").text) == ["Чужая Анна"]
    assert len(names(panel.get(director, PAGE).text)) == 10
    assert names(panel.get(director, f"{PAGE}?list=stopped").text) == ["Ушедшая Анна"]
    assert names(panel.get(director, f"{PAGE}?list=stopped&weeks=5").text) == []
    assert names(panel.get(director, f"{PAGE}?list=no_contact").text) == ["Безконтактная Анна"]


@ONE
def test_others_have_no_page(panel: Panel, school: School, families: dict[str, User]) -> None:
    subject_teacher = written(User(family_name="Предметный", given_name="Илья", is_staff=True, login="p"))
    for person in (families["active"], subject_teacher):
        assert panel.get(person, PAGE).status_code == 403
        assert panel.get(person, f"{PAGE}export/").status_code == 403


@ONE
def test_what_is_chosen_on_the_list_is_what_will_be_sent(
    panel: Panel, school: School, families: dict[str, User]
) -> None:
    teacher = led(school)
    page = BeautifulSoup(panel.get(teacher, f"{PAGE}?list=not_sent").text, "html.parser")
    chosen = [str(box["value"]) for box in page.select("input[name=rowid]")]
    assert {int(each) for each in chosen} == {families[name].id for name in ("phone", "failed", "expired")}
    form = page.select_one("form#chosen")
    assert form is not None
    preview = panel.post(teacher, str(form["action"]), {"rowid": chosen, "channel": "sms"})
    shown = BeautifulSoup(preview.text, "html.parser")
    assert {str(box["value"]) for box in shown.select("input[name=rowid]")} == set(chosen)
    assert shown.select_one("option[value=sms][selected]") is not None
    slips = panel.post(teacher, f"{PAGE}slips", {"rowid": [families["slip"].id]})
    assert slips.headers["Location"].endswith(f"/admin/access/slips?person={families['slip'].id}")
    assert panel.get(teacher, slips.headers["Location"]).status_code == 200


@ONE
def test_the_list_can_be_taken_along_as_a_spreadsheet(panel: Panel, school: School, families: dict[str, User]) -> None:
    answer = panel.get(led(school), f"{PAGE}export/?list=not_sent")
    rows = list(load_workbook(BytesIO(answer.data)).active.values)  # type: ignore[union-attr]
    assert rows[0][:3] == ("Class", "Parent", "Children")
    assert [row[1] for row in rows[1:]] == ["Телефонова Анна", "Ошибкина Анна", "Просроченная Анна"]
    assert rows[1][5] == "+7 912 345-67-81"


@ONE
def test_more_families_take_no_more_statements(panel: Panel, school: School, families: dict[str, User]) -> None:
    director = deputy()
    panel.get(director, PAGE)
    with counted() as few:
        panel.get(director, PAGE)
    for number in range(5):
        came(parent(f"Новая{number}", pupil(school.school_class, f"Новый{number}"), password=True),
             school.student, 0)  # fmt: skip
    with counted() as many:
        panel.get(director, PAGE)
    assert len(many) == len(few)


@ONE
def test_what_nobody_can_ask_for_is_not_there(app: Flask, panel: Panel, school: School) -> None:
    director = deputy()
    for value in HOSTILE:
        for name in ("class", "list", "weeks", "page"):
            answer = panel.client.get(PAGE, query_string={name: value}, headers={"X-Person": str(director.id)})
            assert answer.status_code in (200, 400, 404), (name, value)
    for path in ("?weeks=0", "?weeks=53", "?page=5", "?list=nothing", "?class=0"):
        assert panel.get(director, PAGE + path).status_code == 404, path
    assert panel.post(director, f"{PAGE}slips").status_code == 302
