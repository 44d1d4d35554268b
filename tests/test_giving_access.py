"""Giving access on the screen: choose, look before sending, confirm, follow, print, take back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.credentials.codes import derive
from app.demo.sign_ins import demo_hash
from app.extensions import db
from app.models import Account, Credential, Delivery, Enrollment, Guardianship, SchoolClass, Student, User, UserSession
from app.models.access import DeliveryChannel, DeliveryState
from tests.panel import Panel, Statements, page, words
from tests.post import code_of, guardian_of, issued
from tests.school import DAY, School

MOBILE = "+79123456789"
PREVIEW, CONFIRM = "/admin/access/preview", "/admin/access/confirm"


@pytest.fixture
def teacher(app: Flask, school: School) -> Panel:
    """The class teacher of the one class."""
    app.config.update(PUBLIC_URL="https://s7.example", SCHOOL_NAME="School 7")
    school.school_class.class_teacher = school.teacher
    school.teacher.is_staff = True
    # The class is there from long ago to long after, whatever day the test runs on.
    enrolled = db.session.scalars(select(Enrollment)).one()
    enrolled.starts_on = date(2020, 9, 1)
    return Panel(app, school.teacher)


@pytest.fixture
def deputy(app: Flask, teacher: Panel) -> Panel:
    """The deputy director, who can sign in."""
    user = User(family_name="Завуч", given_name="Ия", is_staff=True, is_deputy_director=True, login="deputy")
    assert user.account is not None
    user.account.password_hash = "set"
    db.session.add(user)
    db.session.commit()
    return Panel(app, user)


def stranger_of(school: School) -> User:
    """A guardian in another class."""
    student = Student(family_name="Чужой", given_name="Ян")
    other = SchoolClass(academic_year_id=school.year.id, grade=6, letter="Б")
    user = User(family_name="Чужая", given_name="Ия", phone="+79123456780")
    db.session.add_all([student, other, user, Guardianship(user=user, student=student)])
    db.session.add(Enrollment(student=student, school_class=other, starts_on=DAY))
    db.session.commit()
    return user


def written() -> tuple[int, int]:
    """Credentials and deliveries in the database."""
    with policy.system() as session:
        return len(session.scalars(select(Credential.id)).all()), len(session.scalars(select(Delivery.id)).all())


def delivery() -> Delivery:
    with policy.system() as session:
        row = session.scalars(select(Delivery)).one()
        session.expunge(row)
        return row


def test_the_class_is_listed_with_its_access_and_who_has_none_has_a_tick(teacher: Panel, school: School) -> None:
    new, silent = guardian_of(school, "Новая", phone=MOBILE), guardian_of(school, "Тихая")
    sent = guardian_of(school, "Ждущая", email="w@mail.example")
    issued(sent)
    seen = teacher.get("/admin/access/")
    rows = {row.select("td")[1].get_text(strip=True).split()[0]: row for row in page(seen).select("tbody tr")}
    assert "No access yet" in rows["Новая"].get_text()
    assert "+7 912 345-67-89" in rows["Новая"].get_text()
    assert "No phone and no e-mail" in rows["Тихая"].get_text()
    assert "Queued" in rows["Ждущая"].get_text()
    assert "Семёнов Пётр, 5А" in rows["Новая"].get_text()
    ticked = {int(box["value"]) for box in page(seen).select("input[name=rowid][checked]")}
    assert ticked == {new.id, silent.id}


def test_before_sending_everything_is_shown_and_nothing_is_written(teacher: Panel, school: School) -> None:
    by_sms, by_mail = guardian_of(school, phone=MOBILE), guardian_of(school, email="a@mail.example")
    nowhere, active = guardian_of(school, "Лист"), guardian_of(school, "Давняя", phone="+79123456781")
    assert active.account is not None
    active.account.password_hash = "set"
    waiting = guardian_of(school, "Ждущая", phone="+79123456782")
    issued(waiting)
    before = written()
    people = [by_sms.id, by_mail.id, nowhere.id, active.id, waiting.id]
    shown = teacher.post(PREVIEW, rowid=people)
    assert written() == before
    text = words(shown)
    assert "School 7: diary access https://s7.example/a/XXXXXXXXXXXX" in text
    assert "3 messages in total." in text
    assert "2 SMS parts are charged." in text
    assert "1 person cannot be reached this way and gets a printed slip." in text
    assert "Signs in already." in text
    assert "Has a code that is valid until" in text
    ticked = {int(box["value"]) for box in page(shown).select("input[name=rowid][checked]")}
    assert ticked == set(people) - {active.id}
    assert shown.text.count(code_of(waiting)) == 0


def test_confirmed_access_is_one_code_and_one_message_each(teacher: Panel, school: School) -> None:
    people = [guardian_of(school, phone=MOBILE), guardian_of(school, email="a@mail.example"), guardian_of(school)]
    shown = teacher.post(PREVIEW, rowid=[person.id for person in people])
    progress = teacher.press(shown, CONFIRM)
    assert written() == (3, 3)
    with policy.system() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.user_id)).all()
        assert [row.channel.value for row in rows] == ["sms", "email", "slip"]
        issuers = set(session.scalars(select(Credential.issued_by_id)))
    assert issuers == {teacher.user_id}
    followed = words(teacher.get(progress.location))
    assert "Print 1 slip" in followed
    assert all(person.full_name in followed for person in people)
    again = teacher.press(shown, CONFIRM)  # the button pressed twice
    assert (again.location, written()) == (progress.location, (3, 3))
    late = guardian_of(school, "Поздняя", phone="+79123456783")  # back to the page, and one more tick
    teacher.press(shown, CONFIRM, rowid=[people[0].id, late.id])
    assert written() == (4, 4)


def test_the_channel_can_be_forced_and_is_looked_at_again_before_it_counts(teacher: Panel, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE, email="a@mail.example")
    shown = teacher.post(PREVIEW, rowid=[guardian.id])
    assert 'value="push"' not in shown.text  # it reaches only who is in already
    unseen = teacher.press(shown, CONFIRM, channel="email")
    assert "The channel was changed" in words(unseen)
    assert written() == (0, 0)
    by_mail = teacher.press(unseen, CONFIRM, button=PREVIEW)
    assert "a@mail.example" in words(by_mail)
    teacher.press(by_mail, CONFIRM)
    assert delivery().channel is DeliveryChannel.EMAIL


def test_people_can_be_taken_out_and_nobody_is_no_choice(teacher: Panel, school: School) -> None:
    stays, goes = guardian_of(school, phone=MOBILE), guardian_of(school, "Лишняя", phone="+79123456781")
    shown = teacher.post(PREVIEW, rowid=[stays.id, goes.id])
    nobody = teacher.press(shown, CONFIRM, rowid=[])
    assert "Choose at least one person." in words(nobody)
    assert goes.full_name in words(nobody)
    assert written() == (0, 0)
    teacher.press(shown, CONFIRM, rowid=[stays.id])
    assert delivery().user_id == stays.id
    empty = teacher.post(PREVIEW)
    assert empty.status_code == 302
    assert "Choose at least one person." in words(teacher.get(empty.location))
    alone = Student(family_name="Один", given_name="Ян")
    db.session.add_all([alone, Enrollment(student=alone, school_class=school.school_class, starts_on=date(2020, 9, 1))])
    db.session.commit()
    teacher.post(f"{PREVIEW}?of=student", rowid=[alone.id])
    assert "The chosen students have no parents in the journal yet." in words(teacher.get("/admin/access/"))


@pytest.mark.parametrize("address", [PREVIEW, CONFIRM, "/admin/access/revoke", "/admin/access/revoke/confirm"])
def test_the_parents_of_others_are_refused_and_nothing_is_written(
    teacher: Panel, school: School, address: str
) -> None:  # fmt: skip
    own, stranger = guardian_of(school, phone=MOBILE), stranger_of(school)
    assert teacher.post(address, rowid=[own.id, stranger.id]).status_code == 403
    assert written() == (0, 0)
    for unread in (["x"], ["-1"], ["99999999999999999999"], ["1' OR 1=1"]):
        assert teacher.post(address, rowid=unread).status_code == 400


def test_a_class_teacher_gives_no_access_to_staff(teacher: Panel, deputy: Panel, school: School) -> None:
    colleague = User(family_name="Коллега", given_name="Ия", is_staff=True, phone="+79123456781")
    db.session.add_all([colleague, Guardianship(user=colleague, student=school.student)])
    own = guardian_of(school, phone=MOBILE)
    assert "Staff" not in {option.get_text() for option in page(teacher.get("/admin/access/")).select("option")}
    assert teacher.get("/admin/access/?who=staff").status_code == 404
    listed = page(teacher.get("/admin/access/")).select_one(f'input[value="{colleague.id}"]')
    assert listed is None
    shown = teacher.post(f"{PREVIEW}?of=student", rowid=[school.student.id])
    assert "Left out: Коллега Ия (gets access from the deputy director)" in words(shown)
    assert teacher.press(shown, CONFIRM, rowid=[own.id, colleague.id]).status_code == 403
    assert written() == (0, 0)
    staff = deputy.get("/admin/access/?who=staff")
    assert "Коллега Ия" in words(staff)
    deputy.press(deputy.press(staff, PREVIEW, rowid=[colleague.id]), CONFIRM)
    assert delivery().user_id == colleague.id


@pytest.mark.parametrize("screen", ["student", "guardianship", "user"])
def test_lists_of_people_lead_to_the_same_preview(teacher: Panel, school: School, screen: str) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    row = {"student": school.student.id, "user": guardian.id}.get(screen) or db.session.scalars(
        select(Guardianship.id)
    ).one()  # fmt: skip
    listed = teacher.get(f"/admin/{screen}/")
    assert "Give access" in words(listed)
    answer = teacher.post(f"/admin/{screen}/action/", action="give_access", rowid=[row])
    assert (answer.status_code, answer.location) == (307, f"{PREVIEW}?of={screen}")
    shown = teacher.post(answer.location, rowid=[row])
    assert guardian.full_name in words(shown)
    assert teacher.post(answer.location, rowid=[row, 999]).status_code == 403
    assert written() == (0, 0)


def test_an_expired_form_is_refused(teacher: Panel, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    assert teacher.post(CONFIRM, rowid=[guardian.id], csrf_token="stale").status_code == 400
    assert written() == (0, 0)


def test_people_without_the_right_find_no_such_page(app: Flask, teacher: Panel, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    batch = issued(guardian)
    parent = Panel(app, guardian)
    for address in (
        "",
        f"batch/{batch}",
        f"batch/{batch}/state",
        f"slips?batch={batch}",
        f"slips?person={guardian.id}",
    ):
        assert parent.get(f"/admin/access/{address}").status_code == 403


def test_a_batch_is_followed_and_says_what_to_do(teacher: Panel, school: School) -> None:
    fails, goes, strange = guardian_of(school, phone=MOBILE), guardian_of(school, "Идёт"), stranger_of(school)
    batch = issued(fails, goes, strange)
    row = db.session.scalars(select(Delivery).where(Delivery.user_id == fails.id)).one()
    state = teacher.get(f"/admin/access/batch/{batch}/state").get_json()
    assert (state["under_way"], state["total"], state["settled"]) == (True, 2, 1)  # the stranger is not counted
    row.state, row.error, row.settled_at = DeliveryState.FAILED, "number_invalid:21211", datetime.now(UTC)
    db.session.commit()
    state = teacher.get(f"/admin/access/batch/{batch}/state").get_json()
    assert state["under_way"] is False
    assert state["counts"] == {"failed": 1, "slip": 1}
    (line,) = [line for line in state["people"] if line["state"] == "failed"]
    assert line["id"] == row.id
    assert line["reason"] == "The phone number does not exist. Correct it and send the access again. (code 21211)"
    seen = teacher.get(f"/admin/access/batch/{batch}")
    assert "Correct the address" in words(seen)
    assert "Чужая" not in seen.text
    only = words(teacher.get(f"/admin/access/batch/{batch}?show=trouble"))
    assert fails.full_name in only
    assert goes.full_name not in only
    for unknown in (uuid4(), "x", "0"):
        assert teacher.get(f"/admin/access/batch/{unknown}").status_code == 404
        assert teacher.get(f"/admin/access/batch/{unknown}/state").status_code == 404
        assert teacher.get(f"/admin/access/slips?batch={unknown}").status_code == 404


def test_opened_and_activated_people_are_counted_as_such(teacher: Panel, school: School) -> None:
    people = [guardian_of(school, name, phone=MOBILE) for name in ("Открыла", "Вошла", "Опоздала")]
    batch = issued(*people)
    opened, activated, expired = db.session.scalars(select(Credential).order_by(Credential.user_id)).all()
    opened.opened_at = activated.activated_at = datetime.now(UTC)
    expired.expires_at = datetime.now(UTC) - timedelta(days=1)
    db.session.commit()
    state = teacher.get(f"/admin/access/batch/{batch}/state").get_json()
    assert state["counts"] == {"opened": 1, "activated": 1, "expired": 1}
    assert len(page(teacher.get(f"/admin/access/batch/{batch}?show=trouble")).select("[data-line]")) == 1


def test_slips_are_printed_for_the_own_people_only_and_change_nothing(teacher: Panel, school: School) -> None:
    own, reached, stranger = guardian_of(school), guardian_of(school, "Смс", phone=MOBILE), stranger_of(school)
    batch = issued(own, reached, stranger)
    code = code_of(own)
    printed = teacher.get(f"/admin/access/slips?batch={batch}")
    names = [name.get_text() for name in page(printed).select(".slip-name")]
    assert names == [own.full_name]
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in words(printed)
    assert printed.headers["Cache-Control"] == "no-store"
    chosen = teacher.get(f"/admin/access/slips?person={reached.id}&person={own.id}")
    assert len(page(chosen).select(".slip")) == 2
    assert teacher.get(f"/admin/access/slips?person={own.id}&person={stranger.id}").status_code == 403
    with policy.system() as session:
        assert session.scalars(select(Credential.opened_at)).all() == [None, None, None]


def test_taking_access_back_asks_first_and_ends_sessions(teacher: Panel, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    issued(guardian)
    assert guardian.account is not None
    guardian.account.password_hash = "set"
    db.session.add(UserSession(user_id=guardian.id, token_hash="0" * 64, address="::1"))
    row = db.session.scalars(select(Credential.id)).one()
    db.session.commit()
    details = teacher.get(f"/admin/credential/details/?id={row}")
    asked = teacher.press(details, "/admin/access/revoke")
    assert guardian.full_name in words(asked)
    assert stands(guardian) == ("set", True, True)
    done = teacher.press(asked, "/admin/access/revoke/confirm")
    assert "Access of 1 person is taken back." in words(teacher.get(done.location))
    assert stands(guardian) == (None, False, False)


def stands(user: User) -> tuple[str | None, bool, bool]:
    """Password, whether the code works, whether a browser is signed in."""
    with policy.system() as session:
        password = session.scalars(select(Account.password_hash).where(Account.user_id == user.id)).one()
        code = session.scalars(select(Credential.revoked_at)).one() is None
        return password, code, session.scalars(select(UserSession.ended_at)).one() is None


def test_the_last_deputy_director_keeps_the_access(deputy: Panel, school: School) -> None:
    refused = deputy.post("/admin/access/revoke/confirm", rowid=[deputy.user_id])
    assert "At least one deputy director must be able to sign in." in words(deputy.get(refused.location))
    with policy.system() as session:
        own = select(Account.password_hash).where(Account.user_id == deputy.user_id)
        assert session.scalars(own).one() == "set"


def failed_message(guardian: User) -> int:
    issued(guardian)
    row = db.session.scalars(select(Delivery)).one()
    row.state, row.error, row.settled_at = DeliveryState.FAILED, "number_invalid:21211", datetime.now(UTC)
    row.attempts, row.attempt_id = 1, str(uuid4())
    db.session.commit()
    return row.id


def offered(panel: Panel, number: int) -> list[str]:
    """The buttons of a message's page."""
    details = page(panel.get(f"/admin/delivery/details/?id={number}"))
    return [str(field["value"]) for field in details.select("input[name=action]")]


def by_hand(panel: Panel, name: str, number: int) -> str:
    """Choose an action for a message; what is said then."""
    answer = panel.post(
        "/admin/delivery/action/", action=name, rowid=[number], url=f"/admin/delivery/details/?id={number}"
    )
    return words(panel.get(answer.location))


def test_a_failed_message_goes_again_to_the_corrected_number(teacher: Panel, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    number = failed_message(guardian)
    assert "The phone number does not exist." in words(teacher.get("/admin/delivery/"))
    guardian.phone = "+79123456700"
    db.session.commit()
    assert offered(teacher, number) == ["retry"]
    assert "1 message is queued again." in by_hand(teacher, "retry", number)
    row = delivery()
    assert (row.state, row.address, row.error, row.settled_at) == (DeliveryState.QUEUED, "+79123456700", "", None)
    assert offered(teacher, number) == ["cancel", "retry"]
    assert "1 message is cancelled." in by_hand(teacher, "cancel", number)
    assert delivery().state is DeliveryState.CANCELLED
    assert "Only a message that is still queued can be cancelled." in by_hand(teacher, "cancel", number)
    guardian.phone = None
    db.session.commit()
    assert "The person has no number or address for this channel any more." in by_hand(teacher, "retry", number)
    issued(guardian)  # replaces the code
    assert "The access in this message is no longer valid." in by_hand(teacher, "retry", number)


@pytest.mark.parametrize(
    ("state", "said"),
    [(DeliveryState.SENT, "has been sent already"), (DeliveryState.SENDING, "is being sent at this moment")],
)
def test_what_is_on_its_way_is_not_sent_twice(
    teacher: Panel, school: School, state: DeliveryState, said: str
) -> None:  # fmt: skip
    number = failed_message(guardian_of(school, phone=MOBILE))
    db.session.get_one(Delivery, number).state = state
    db.session.commit()
    assert said in by_hand(teacher, "retry", number)
    assert delivery().state is state


def test_a_message_of_others_is_not_touched(teacher: Panel, school: School) -> None:
    number = failed_message(stranger_of(school))
    teacher.post("/admin/delivery/action/", action="retry", rowid=[number])
    assert delivery().state is DeliveryState.FAILED
    assert "Чужая" not in teacher.get(f"/admin/delivery/details/?id={number}").text


def test_the_code_is_read_in_a_demo_without_a_service_and_nowhere_else(
    app: Flask, teacher: Panel, school: School
) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    number = failed_message(guardian)
    code = code_of(guardian)
    address = f"/admin/delivery/details/?id={number}"
    masked = teacher.get(address)
    assert "https://s7.example/a/XXXXXXXXXXXX" in words(masked)
    assert code not in masked.text
    assert guardian.account is not None
    guardian.account.password_hash = demo_hash("guardian")
    db.session.commit()
    assert f"https://s7.example/a/{code}" in words(teacher.get(address))
    app.config["TWILIO_ACCOUNT_SID"] = "AC1"
    assert code not in teacher.get(address).text


def test_a_whole_school_is_given_access_in_few_statements(deputy: Panel, school: School) -> None:
    statements_for(deputy, school, 1, 2000)  # the token of its form is fetched once, the look noted once a day
    few, many = statements_for(deputy, school, 20, 0), statements_for(deputy, school, 400, 1000)
    assert few == many
    assert sum(many) < 120


def statements_for(deputy: Panel, school: School, number: int, first: int) -> list[int]:
    """Statements of preview, confirmation, progress and its JSON for so many parents."""
    people = [User(family_name="Петрова", given_name="Анна", phone=f"+7912{first + n:07}") for n in range(number)]
    db.session.add_all(people)
    db.session.flush()
    db.session.add_all([Guardianship(user=person, student=school.student) for person in people])
    db.session.commit()
    ids = [person.id for person in people]
    with Statements() as preview:
        shown = deputy.post(PREVIEW, rowid=ids)
    with Statements() as confirm:
        progress = deputy.press(shown, CONFIRM)
    with Statements() as follow:
        seen = deputy.get(progress.location)
    with Statements() as ask:
        state = deputy.get(f"{progress.location}/state").get_json()
    assert state["total"] == number
    assert len(page(seen).select("[data-line]")) == min(number, 100)
    return [preview.number, confirm.number, follow.number, ask.number]


def test_no_code_is_kept(app: Flask, teacher: Panel, school: School) -> None:
    guardian = guardian_of(school, phone=MOBILE)
    teacher.press(teacher.post(PREVIEW, rowid=[guardian.id]), CONFIRM)
    code = derive(app.config["SECRET_KEY"], guardian.id, 1)
    with Session(db.engine) as session:
        tables = [table for table in db.metadata.tables.values() if table.name in {"credential", "delivery"}]
        rows = [row for table in tables for row in session.connection().execute(select(table))]
    assert rows
    assert all(code not in str(row) for row in rows)
