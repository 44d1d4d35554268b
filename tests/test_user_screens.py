"""The screen of people with access: roles in words, staff, who may change what, the last deputy director."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bs4 import BeautifulSoup
from sqlalchemy import select

from app.extensions import db
from app.models import Credential, Guardianship, Subject, TeachingAssignment, User
from tests.school import DAY, School
from tests.school_panel import NOW, Panel, deputy, errors, fields, led, written
from tests.visitor import text

STAFF = {"family_name": "Климова", "given_name": "Инна", "patronymic": "Юрьевна", "is_staff": "y", "is_active": "y"}


def test_roles_are_told_in_words(panel: Panel, school: School) -> None:
    boss, teacher = deputy(), led(school)
    group = school.assignment.study_group_id
    past = Subject(name="Черчение")
    db.session.add(TeachingAssignment(teacher=teacher, subject=past, study_group_id=group, starts_on=DAY, ends_on=DAY))
    written(Guardianship(student=school.student, user=teacher))
    written(User(family_name="Тихая", given_name="Ия", is_staff=True))
    page = panel.page(boss, "/admin/user/")
    assert "class teacher of 5А; teacher: Алгебра (5А); parent of Семёнов Пётр" in page
    assert "deputy director" in page
    assert "Черчение" not in page
    assert "Тихая Ия staff" in page


def test_the_state_of_access_is_told(panel: Panel, school: School) -> None:
    boss = deputy()
    names = ("Неизданная", "Изданная", "Открывшая", "Опоздавшая", "Вошедшая", "Отключённая")
    people = [User(family_name=name, given_name="Ия", login=f"login{n}") for n, name in enumerate(names)]
    db.session.add_all(people)
    db.session.flush()
    for person, opened, expires in zip(people[1:4], (None, NOW, None), (2, 2, -2), strict=True):
        db.session.add(
            Credential(
                user_id=person.id, version=1, code_hash=f"hash{person.id}", opened_at=opened,
                expires_at=NOW + timedelta(days=expires),
            )
        )  # fmt: skip
    assert people[4].account is not None
    people[4].account.password_hash, people[4].account.last_seen_at = "hash", datetime(2026, 10, 1, 12, tzinfo=UTC)
    people[5].is_active = False
    db.session.commit()
    page = panel.page(boss, "/admin/user/")
    states = ("not issued", "issued, not opened", "opened the link, set no password", "the code has expired",
              "signs in", "switched off")  # fmt: skip
    for name, state in zip(names, states, strict=True):
        assert state in page.split(name)[1][: len(state) + 60]
    assert "1 Oct 2026, 15:00" in page
    assert "hash" not in page


def test_a_deputy_director_adds_staff(panel: Panel, school: School) -> None:
    boss = deputy()
    assert "checked" in str(
        BeautifulSoup(panel.get(boss, "/admin/user/new/").text, "html.parser").select_one("#is_staff")
    )
    contacts = {"login": "Klimova", "phone": "8 912 000 00 01", "email": "K@example.org"}
    answer = panel.post(boss, "/admin/user/new/", STAFF, **contacts)
    assert answer.status_code == 302, text(answer)
    person = db.session.scalars(select(User).where(User.family_name == "Климова")).one()
    assert (person.login, person.phone, person.email) == ("klimova", "+79120000001", "k@example.org")
    assert (person.is_staff, person.is_deputy_director, person.is_active) == (True, False, True)
    second = panel.post(boss, "/admin/user/new/", STAFF | {"family_name": "Другая"}, login="KLIMOVA")
    assert errors(second) == {"login": "Somebody else has this login."}
    assert fields(second)["family_name"] == "Другая"


def test_a_login_is_latin_letters_and_digits(panel: Panel, school: School) -> None:
    boss = deputy()
    for login in ("иванова", "a b", "a", "a" * 81, "a'--"):
        answer = panel.post(boss, "/admin/user/new/", STAFF, login=login)
        assert "login" in errors(answer)
        assert fields(answer)["login"] == login


def test_contacts_and_login_are_changed_through_the_account(panel: Panel, school: School) -> None:
    boss = deputy()
    silent = written(User(family_name="Тихая", given_name="Ия"))
    for user in (school.teacher, silent):
        path = f"/admin/user/edit/?id={user.id}"
        answer = panel.post(boss, path, STAFF, login=user.login or "", phone="+7 900 000-00-03", email="")
        assert answer.status_code == 302, text(answer)
        assert (user.phone, user.email) == ("+79000000003", None)
    assert school.teacher.login == "orlova"


def test_nobody_changes_the_own_role(panel: Panel, school: School) -> None:
    boss = deputy()
    deputy("Вторая")
    page = panel.get(boss, f"/admin/user/edit/?id={boss.id}")
    assert "is_deputy_director" not in page.text
    panel.post(boss, f"/admin/user/edit/?id={boss.id}", family_name="Завучева", given_name="Ольга", patronymic="")
    assert (boss.is_deputy_director, boss.is_active, boss.is_staff) == (True, True, True)
    teacher = school.teacher
    panel.post(teacher, f"/admin/user/edit/?id={teacher.id}", STAFF, is_deputy_director="y")
    assert not teacher.is_deputy_director


def test_the_last_deputy_director_who_can_sign_in_stays(panel: Panel, school: School) -> None:
    """A second one without a password cannot take over; the message says what to do."""
    last, other = deputy(), deputy("Вторая")
    assert other.account is not None
    other.account.password_hash = None
    db.session.commit()
    path = f"/admin/user/edit/?id={last.id}"
    kept = {"family_name": "Завучева", "given_name": "Ольга", "patronymic": "", "login": "zavucheva"}
    for change in ({"is_staff": "y", "is_active": "y"}, {"is_staff": "y", "is_deputy_director": "y"}):
        answer = panel.post(other, path, kept, **change)
        assert "At least one deputy director must be able to sign in" in text(answer)
        assert (last.is_deputy_director, last.is_active) == (True, True)
    refused = panel.post(other, "/admin/user/delete/", id=last.id)
    assert refused.status_code == 302
    assert db.session.get(User, last.id) is not None
    assert other.account is not None
    other.account.password_hash = "hash"
    db.session.commit()
    assert panel.post(other, path, kept, is_staff="y", is_deputy_director="y").status_code == 302
    assert not last.is_active


def test_others_see_colleagues_without_their_contacts(panel: Panel, school: School) -> None:
    colleague = written(User(family_name="Тихая", given_name="Ия", is_staff=True, phone="+79120000001"))
    page = panel.page(led(school), "/admin/user/")
    assert "Тихая Ия" in page
    assert "+7 912" not in page
    assert panel.get(school.teacher, "/admin/user/new/").status_code == 403
    assert panel.post(school.teacher, f"/admin/user/edit/?id={colleague.id}", STAFF).status_code == 403
