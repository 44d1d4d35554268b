"""Somebody leaves: the journals go on with another teacher, the access ends, all of it in one step or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import policy
from app.extensions import db
from app.journal.handovers import held_before, told
from app.models import (
    AuditRecord,
    Credential,
    Guardianship,
    Handover,
    Lesson,
    Mark,
    StudyGroup,
    Subject,
    TeachingAssignment,
    TimetableSlot,
    User,
    UserSession,
)
from app.people.refusal import Refusal
from app.policy import PolicyError
from app.regulation import RegulationError
from app.staff import leaving
from app.staff.holdings import holdings
from app.staff.leaving import Wishes
from app.staff.successors import colleagues, successors
from tests.rights.screens import changed, snapshot
from tests.school import School
from tests.school_panel import HOSTILE, NOW, TODAY, Panel, counted, deputy, led, second_class, text, written

PAGES = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is about pages, not data, is tried on one database."""
LATER = TODAY + timedelta(1)


def colleague(name: str = "Быкова") -> User:
    return written(User(family_name=name, given_name="Нина", is_staff=True, login=name.lower()))


def actor_of(user: User) -> policy.Actor | None:
    """What the person is today."""
    number = user.id
    db.session.commit()  # SQLite has one writer
    with policy.system() as facts:
        return policy.load_actor(facts, number, TODAY, NOW)


@contextmanager
def acting(user: User) -> Iterator[tuple[Session, policy.Actor]]:
    """A session that works for the person."""
    actor = actor_of(user)
    assert actor is not None
    with Session(db.engine, info={"actor": actor, "criteria": {}}) as session:
        yield session, actor


def hand_over(boss: User, person: User, wishes: Wishes) -> leaving.Done:
    number = person.id
    with acting(boss) as (session, actor):
        done = leaving.hand_over(session, session.get_one(User, number), wishes, actor.today)
        session.commit()
    db.session.expire_all()
    return done


def leave(boss: User, person: User, wishes: Wishes) -> leaving.Done:
    number = person.id
    with acting(boss) as (session, actor):
        done = leaving.leave(session, actor, session.get_one(User, number), wishes)
        session.commit()
    db.session.expire_all()
    return done


def elsewhere(school: School, who: User, subject: str = "Физика") -> TeachingAssignment:
    """An assignment in another class since September."""
    other = second_class(school)
    group = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == other.id)).one()
    return written(TeachingAssignment(teacher=who, subject=Subject(name=subject), study_group=group,
                                      starts_on=school.year.starts_on))  # fmt: skip


def test_the_whole_journal_goes_on_with_the_successor(school: School) -> None:
    boss, gone, taker = deputy(), school.teacher, colleague()
    mark = written(Mark(work=school.work, student=school.student, value=5, entered_by=gone))
    coming = written(Lesson(assignment=school.assignment, date=LATER, number=2))
    lessons, number = (coming.id, school.lesson.id), mark.id
    assert leave(boss, gone, Wishes({school.assignment.id: taker.id})).journals == 1
    with acting(taker) as (session, actor):
        assert actor.teaches
        for each in lessons:
            session.get_one(Lesson, each).topic = "Дроби"
        session.get_one(Mark, number).value = 4
        session.commit()
    row = db.session.scalars(select(Handover)).one()
    assert (row.from_teacher_id, row.to_teacher_id, row.since) == (gone.id, taker.id, TODAY)
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.model == "TeachingAssignment")).all()[-1]
    assert record.changes["teacher_id"] == [gone.id, taker.id]


def test_a_mark_keeps_who_entered_it(school: School) -> None:
    boss, gone, taker = deputy(), school.teacher, colleague()
    mark = written(Mark(work=school.work, student=school.student, value=5, entered_by=gone))
    version = mark.version
    leave(boss, gone, Wishes({school.assignment.id: taker.id}))
    assert (mark.entered_by_id, mark.value, mark.version) == (gone.id, 5, version)
    assert (
        told(held_before(db.session(), [school.assignment.id])[school.assignment.id]) == "Орлова В. until 11 Oct 2026"
    )


def test_who_leaves_is_out_of_everything(school: School) -> None:
    boss, gone = deputy(), led(school)
    taker = colleague()
    gone.is_deputy_director = True
    assert gone.account is not None
    gone.account.password_hash = "hash"
    db.session.add_all([
        Credential(user_id=gone.id, version=1, code_hash="code", expires_at=NOW + timedelta(9)),
        UserSession(user_id=gone.id, token_hash="token", address="::1"),
    ])  # fmt: skip
    db.session.commit()
    lessons = Wishes({school.assignment.id: taker.id}, {school.school_class.id: taker.id})
    assert leave(boss, gone, lessons) == leaving.Done(1, 1, 0)
    db.session.expire_all()
    assert (gone.is_active, gone.is_deputy_director, gone.account.password_hash) == (False, False, None)
    assert db.session.scalars(select(Credential)).one().revoked_at == NOW
    assert db.session.scalars(select(UserSession)).one().ended_at == NOW
    assert school.school_class.class_teacher_id == taker.id
    assert actor_of(gone) is None


def test_past_lessons_of_the_same_hour_do_not_count_later_ones_do(school: School) -> None:
    """Both taught in the first hour of a day in the past; on a day to come the successor cannot be in both."""
    boss, taker = deputy(), colleague()
    other = elsewhere(school, taker)
    written(Lesson(assignment=other, date=school.lesson.date, number=1))
    past = TimetableSlot(weekday=1, number=1, valid_from=school.year.starts_on, valid_until=TODAY - timedelta(1))
    db.session.add_all([
        TimetableSlot(assignment=other, weekday=past.weekday, number=1, valid_from=school.year.starts_on),
        TimetableSlot(assignment=school.assignment, weekday=1, number=1, valid_from=school.year.starts_on,
                      valid_until=TODAY - timedelta(1)),
    ])  # fmt: skip
    db.session.commit()
    assert hand_over(boss, school.teacher, Wishes({school.assignment.id: taker.id})).journals == 1
    db.session.expire_all()
    school.lesson.room = "12"  # the past lesson is still its teacher's of then
    db.session.commit()
    assert "Быкова Н. already has this lesson" in _said(
        Lesson(assignment=school.assignment, date=LATER, number=3), Lesson(assignment=other, date=LATER, number=3)
    )


def _said(*rows: Lesson) -> str:
    db.session.add_all(rows)
    with pytest.raises(RegulationError) as refused:
        db.session.commit()
    db.session.rollback()
    return str(refused.value)


@pytest.mark.parametrize("weekly", [False, True])
def test_a_conflict_refuses_all_of_it(school: School, weekly: bool) -> None:
    boss, taker, gone = deputy(), colleague(), led(school)
    other = elsewhere(school, taker)
    for each in (other, school.assignment):
        if weekly:
            db.session.add(TimetableSlot(assignment=each, weekday=1, number=1, valid_from=school.year.starts_on))
        else:
            db.session.add(Lesson(assignment=each, date=LATER, number=2))
    db.session.commit()
    before = snapshot()
    with pytest.raises(RegulationError, match="Быкова Н. already has this lesson"):
        leave(boss, gone, Wishes({school.assignment.id: taker.id}, {school.school_class.id: taker.id}))
    assert list(changed(before, snapshot())) == []


def test_two_journals_of_the_same_group_are_not_one_persons(school: School) -> None:
    boss, taker = deputy(), colleague()
    own = school.assignment
    second = {"subject": own.subject, "study_group": own.study_group, "starts_on": own.starts_on}
    written(TeachingAssignment(teacher=taker, **second))
    with pytest.raises(Refusal, match="has a journal of their own for Алгебра · 5А"):
        hand_over(boss, school.teacher, Wishes({school.assignment.id: taker.id}))


def test_only_active_staff_takes_and_only_what_is_the_persons(school: School) -> None:
    boss, taker = deputy(), colleague()
    foreign = elsewhere(school, boss)
    off, parent = colleague("Ушедшая"), written(User(family_name="Родитель", given_name="Ия"))
    off.is_active = False
    for wishes in (
        Wishes({school.assignment.id: off.id}), Wishes({school.assignment.id: parent.id}),
        Wishes({school.assignment.id: school.teacher.id}), Wishes({foreign.id: taker.id}),
        Wishes({}, {school.school_class.id: taker.id}), Wishes({school.assignment.id: 999_999}),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            hand_over(boss, school.teacher, wishes)
    with pytest.raises((PolicyError, Refusal)):
        hand_over(school.teacher, school.teacher, Wishes({school.assignment.id: taker.id}))


def test_an_ill_teacher_gets_the_journal_back_and_it_stays_one(school: School) -> None:
    boss, ill, taker = deputy(), school.teacher, colleague()
    hand_over(boss, ill, Wishes({school.assignment.id: taker.id}))
    row = db.session.scalars(select(Handover)).one()
    row.since = TODAY - timedelta(5)
    ill.is_staff = True
    db.session.commit()
    number = row.id
    with acting(boss) as (session, actor):
        leaving.give_back(session, session.get_one(Handover, number), actor.today)
        session.commit()
    db.session.expire_all()
    assert school.assignment.teacher_id == ill.id
    assert told(held_before(db.session(), [school.assignment.id])[school.assignment.id]) == (
        "Орлова В. until 6 Oct 2026, Быкова Н. until 11 Oct 2026"
    )
    with acting(boss) as (session, actor), pytest.raises(Refusal, match="given on to somebody else"):
        leaving.give_back(session, session.get_one(Handover, number), actor.today)


def test_a_change_of_teacher_in_the_form_is_a_handover_too(panel: Panel, school: School) -> None:
    boss, taker = deputy(), colleague()
    form = {"subject": school.assignment.subject_id, "study_group": school.assignment.study_group_id,
            "teacher": taker.id, "starts_on": "2026-10-01", "ends_on": ""}  # fmt: skip
    answer = panel.post(boss, f"/admin/teachingassignment/edit/?id={school.assignment.id}", form)
    assert answer.status_code == 302, text(answer)
    assert db.session.scalars(select(Handover.from_teacher_id)).all() == [school.teacher.id]


def test_substitutions_to_come_go_back_or_to_somebody_else(school: School) -> None:
    boss, gone, taker = deputy(), colleague(), colleague("Лаптева")
    past = written(Lesson(assignment=school.assignment, date=TODAY - timedelta(1), number=4, substitute=gone))
    lessons = [written(Lesson(assignment=school.assignment, date=LATER, number=n, substitute=gone)) for n in (4, 5)]
    assert len(holdings(db.session(), gone.id, TODAY).substitutions) == 2
    assert hand_over(boss, gone, Wishes(returned=True, substitute=taker.id)).lessons == 2
    assert hand_over(boss, taker, Wishes(returned=True)).lessons == 2
    db.session.expire_all()
    assert [past.substitute_id, *(each.substitute_id for each in lessons)] == [gone.id, None, None]


def test_a_parent_who_leaves_goes_on_reading_the_diary(school: School) -> None:
    boss, gone, taker = deputy(), school.teacher, colleague()
    gone.is_staff = True
    written(Guardianship(user=gone, student=school.student))
    with pytest.raises(Refusal, match="is a parent"):
        leave(boss, gone, Wishes())
    leave(boss, gone, Wishes({school.assignment.id: taker.id}))
    db.session.expire_all()
    assert (gone.is_active, gone.is_staff) == (True, False)
    actor = actor_of(gone)
    assert actor is not None
    assert actor.only_reads


def test_nobody_ends_the_own_access_and_a_deputy_director_stays(school: School) -> None:
    boss = deputy()
    with pytest.raises(Refusal, match="Ask another deputy director"):
        leave(boss, boss, Wishes())
    silent = deputy("Вторая")
    assert silent.account is not None
    silent.account.password_hash = None
    db.session.commit()
    with pytest.raises(RegulationError, match="At least one deputy director"):
        leave(silent, boss, Wishes())
    db.session.expire_all()
    assert boss.is_active


def test_who_could_take_a_journal_stands_in_order(school: School) -> None:
    had, same, busy, other = (colleague(name) for name in ("Яшина", "Эллер", "Абаева", "Белова"))
    db.session.add(Handover(assignment=school.assignment, from_teacher=had, to_teacher=school.teacher, since=TODAY))
    algebra, physics = elsewhere(school, same, "Геометрия"), elsewhere_in(school, busy, "В")
    algebra.subject = school.assignment.subject
    for each in (school.assignment, physics):
        db.session.add(TimetableSlot(assignment=each, weekday=1, number=1, valid_from=school.year.starts_on))
    db.session.commit()
    held = holdings(db.session(), school.teacher.id, TODAY)
    found = successors(db.session(), held, colleagues(db.session(), school.teacher.id), TODAY)[school.assignment.id]
    assert [(each.user.family_name, each.clashes) for each in found] == [
        ("Яшина", 0), ("Эллер", 0), ("Белова", 0), ("Абаева", 1),
    ]  # fmt: skip
    assert other


def elsewhere_in(school: School, who: User, letter: str) -> TeachingAssignment:
    group = db.session.scalars(
        select(StudyGroup).where(StudyGroup.school_class_id == second_class(school, letter).id)
    ).one()
    subject = Subject(name=f"Предмет {letter}")
    return written(TeachingAssignment(teacher=who, subject=subject, study_group=group, starts_on=date(2026, 9, 1)))


# The pages


def test_the_guided_page_writes_all_of_it(panel: Panel, school: School) -> None:
    boss, gone, taker = deputy(), led(school), colleague()
    page = panel.page(boss, f"/admin/staff/leave/?id={gone.id}&ends=1")
    assert "Орлова Вера leaves the school" in page
    assert "Алгебра · 5А" in page
    assert "Class teacher of 5А" in page
    fields = {"id": gone.id, "ends": 1, "all": taker.id, f"journal-{school.assignment.id}": "",
              f"class-{school.school_class.id}": taker.id}  # fmt: skip
    answer = panel.post(boss, "/admin/staff/leave/", fields)
    assert answer.headers["Location"].endswith(f"/admin/user/details/?id={gone.id}")
    assert (gone.is_active, school.assignment.teacher_id) == (False, taker.id)
    left = panel.page(boss, "/admin/staff/?flt0_state=left")
    assert "Орлова Вера" in left
    assert "Орлова Вера" not in panel.page(boss, "/admin/staff/")
    assert "taken over from Орлова В." in panel.page(boss, f"/admin/user/details/?id={taker.id}")
    back = panel.post(boss, "/admin/staff/comeback/", rowid=gone.id)
    assert (back.status_code, gone.is_active) == (307, True)
    panel.post(boss, "/admin/staff/return/", id=gone.id, handover=db.session.scalars(select(Handover.id)).one())
    assert school.assignment.teacher_id == gone.id


@PAGES
def test_what_cannot_be_is_said_and_the_choice_stays(panel: Panel, school: School) -> None:
    boss, gone, taker = deputy(), led(school), colleague()
    other = elsewhere(school, taker)
    for each in (other, school.assignment):
        db.session.add(Lesson(assignment=each, date=LATER, number=2))
    db.session.commit()
    fields = {"id": gone.id, "ends": 1, f"journal-{school.assignment.id}": taker.id}
    answer = panel.post(boss, "/admin/staff/leave/", fields)
    assert answer.status_code == 200
    assert "choose another time or teacher. Nothing was saved." in text(answer)
    assert f'<option value="{taker.id}" selected>' in answer.text
    assert gone.is_active


@PAGES
def test_a_journal_without_a_successor_is_named_until_somebody_takes_it(panel: Panel, school: School) -> None:
    boss, gone = deputy(), school.teacher
    gone.is_staff = True
    db.session.commit()
    panel.post(boss, "/admin/staff/leave/", {"id": gone.id, "ends": 1})
    assert not gone.is_active
    page = panel.page(boss, f"/admin/user/details/?id={gone.id}")
    assert "1 journal has no teacher who can sign in" in page
    assert panel.get(boss, f"/admin/staff/leave/?id={gone.id}").status_code == 200


@PAGES
def test_the_staff_list_tells_and_narrows(panel: Panel, school: School) -> None:
    boss, teacher = deputy(), led(school)
    colleague("Праздная")
    written(User(family_name="Родитель", given_name="Ия"))
    db.session.add(TimetableSlot(assignment=school.assignment, weekday=1, number=1, valid_from=school.year.starts_on))
    db.session.add(UserSession(user_id=teacher.id, token_hash="t", address="::1"))
    db.session.commit()
    page = panel.page(boss, "/admin/staff/")
    assert "Орлова Вера class teacher of 5А; teacher: Алгебра (5А) 1" in page
    assert "Родитель" not in page
    idle = panel.page(boss, "/admin/staff/?flt0_state=idle")
    assert ("Праздная" in idle, "Орлова" in idle) == (True, False)
    assert "Праздная" in panel.page(boss, "/admin/staff/?flt0_state=no_access")
    assert "Завучева" not in panel.page(boss, "/admin/staff/?flt0_state=no_access")
    panel.post(boss, "/admin/staff/action/", {"action": "end_sessions", "rowid": [teacher.id], "url": "/admin/staff/"})
    assert db.session.scalars(select(UserSession.ended_at)).one() == NOW


@PAGES
def test_the_list_takes_as_many_statements_for_many(panel: Panel, school: School) -> None:
    boss = deputy()
    with counted() as few:
        panel.page(boss, "/admin/staff/")
    for number in range(20):
        colleague(f"Учитель{number}")
    with counted() as many:
        panel.page(boss, "/admin/staff/")
    assert len(many) == len(few)


@PAGES
def test_none_of_it_is_for_others_and_nothing_breaks_it(panel: Panel, school: School) -> None:
    boss, teacher, taker = deputy(), led(school), colleague()
    for path in ("/admin/staff/", f"/admin/staff/leave/?id={taker.id}"):
        assert panel.get(teacher, path).status_code == 403
    for path in ("leave", "comeback", "sessions", "return"):
        assert panel.post(teacher, f"/admin/staff/{path}/", id=taker.id, ends=1).status_code == 403
    assert "Hand over journals" not in panel.page(teacher, f"/admin/user/details/?id={taker.id}")
    before = snapshot()
    for value in HOSTILE:
        for path in ("leave/?id=", "?flt0_state="):
            assert panel.get(boss, f"/admin/staff/{path}{value[:500]}").status_code in (200, 302, 400, 404)
        answer = panel.post(boss, "/admin/staff/leave/", {
            "id": teacher.id, "ends": value, "all": value, f"journal-{school.assignment.id}": value,
            f"class-{school.school_class.id}": value or "x", "substitutions": value,
        })  # fmt: skip
        assert answer.status_code in (200, 302, 400)
        for path in ("return", "sessions", "comeback"):
            assert panel.post(boss, f"/admin/staff/{path}/", id=value, handover=value).status_code in (400, 404)
    told = ("audit_record", "rule_touch", "school_class")
    assert [row for row in changed(before, snapshot()) if not row.startswith(told)] == []
