"""Who can write to whom: those who have to do with each other by the data of today, and nobody else."""

from __future__ import annotations

import pytest

from app import policy
from app.extensions import db
from app.models import Guardianship, Message, Thread, ThreadMember
from tests.correspondents import (
    DIARY,
    STAFF,
    People,
    begun,
    guardian,
    members,
    parent_asks,
    people,
    said,
    send,
    teaches,
    threads,
)
from tests.post import session_of
from tests.school import School
from tests.school_panel import TODAY, Panel


@pytest.fixture
def who(school: School) -> People:
    return people(school)


def test_a_parent_chooses_among_the_teachers_of_the_child(panel: Panel, who: People) -> None:
    teaches(who.colleague, who.school, "Физика")
    page = panel.page(who.anna, f"{DIARY}new")
    assert "Орлова Вера class teacher · Алгебра" in page
    assert "Коллегина Вера Физика" in page
    assert "Чужая" not in page
    assert "Кларина" not in page


def test_a_parent_writes_to_the_class_teacher_about_the_child(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who, body="Заболел")
    assert members(thread) == {who.anna.id, who.leader.id}
    page = panel.page(who.leader, f"{STAFF}{thread}/")
    assert "Аннина Вера" in page
    assert "Семёнов Пётр" in page
    assert "Заболел" in page
    assert panel.get(who.boris, f"{DIARY}{thread}/").status_code == 404
    assert panel.get(who.zavuch, f"{STAFF}{thread}/").status_code == 404


def test_a_parent_cannot_write_to_strangers_or_to_other_parents(panel: Panel, who: People) -> None:
    for to in (who.stranger, who.clara, who.boris, who.dora, who.anna):
        for student in (who.pyotr.id, ""):
            answer = send(panel, who.anna, f"{DIARY}new", to=to.id, student=student, body="Пишу")
            assert answer.status_code == 422
            assert "Пишу" in answer.text  # what was typed is not lost
    assert threads() == 0


def test_a_parent_writes_about_no_other_child(panel: Panel, who: People) -> None:
    assert send(panel, who.anna, f"{DIARY}new", to=who.leader.id, student=who.inna.id).status_code == 422
    assert threads() == 0


def test_a_parent_writes_to_the_administration_and_every_deputy_reads_it(panel: Panel, who: People) -> None:
    thread = begun(panel, who.anna, DIARY, to="administration", subject="Справка")
    assert members(thread) == {who.anna.id}
    assert "Messages 1 waiting" in panel.page(who.zavuch, STAFF)
    assert "Справка" in panel.page(who.zavuch, STAFF)
    assert send(panel, who.zavuch, f"{STAFF}{thread}/", body="Готова").status_code == 302
    assert "Готова" in panel.page(who.anna, f"{DIARY}{thread}/")
    assert panel.get(who.leader, f"{STAFF}{thread}/").status_code == 404


def test_a_teacher_chooses_the_parents_of_a_student_without_seeing_their_addresses(panel: Panel, who: People) -> None:
    who.school.school_class.class_teacher = None
    db.session.commit()
    teacher = who.leader  # still teaches algebra
    page = panel.get(teacher, f"{STAFF}new?student={who.pyotr.id}").text
    assert "Аннина" in page
    assert "Борисов" in page
    assert "@" not in page
    thread = begun(panel, teacher, STAFF, to=[who.anna.id, who.boris.id], student=who.pyotr.id)
    assert members(thread) == {teacher.id, who.anna.id, who.boris.id}
    assert "Read by" not in panel.page(who.anna, f"{DIARY}{thread}/")


def test_a_teacher_writes_to_no_family_of_another_class(panel: Panel, who: People) -> None:
    assert panel.get(who.stranger, f"{STAFF}new?student={who.pyotr.id}").status_code == 404
    for fields in ({"to": who.anna.id, "student": who.pyotr.id}, {"to": who.anna.id}):
        assert send(panel, who.stranger, f"{STAFF}new", **fields).status_code == 422
    assert send(panel, who.leader, f"{STAFF}new", to=who.clara.id, student=who.pyotr.id).status_code == 422
    assert threads() == 0
    assert "Семёнов" not in panel.page(who.stranger, f"{STAFF}new?q=семенов")
    assert "Семёнов" in panel.page(who.leader, f"{STAFF}new?q=СЕМЕНОВ")


def test_staff_write_to_a_colleague_and_a_deputy_to_anybody(panel: Panel, who: People) -> None:
    assert "Коллегина" in panel.page(who.stranger, f"{STAFF}new?q=коллег")
    assert members(begun(panel, who.stranger, STAFF, to=who.colleague.id)) == {who.stranger.id, who.colleague.id}
    assert "Дорина" not in panel.page(who.leader, f"{STAFF}new?q=дорина")
    assert "Дорина" in panel.page(who.zavuch, f"{STAFF}new?q=дорина")
    assert members(begun(panel, who.zavuch, STAFF, to=who.dora.id)) == {who.zavuch.id, who.dora.id}


def test_when_the_teacher_stops_teaching_the_thread_is_only_read(panel: Panel, who: People) -> None:
    subject = teaches(who.colleague, who.school, "Физика")
    thread = begun(panel, who.anna, DIARY, to=who.colleague.id, student=who.pyotr.id, body="Первое")
    subject.ends_on = TODAY.replace(day=11)
    db.session.commit()
    for reader, base in ((who.anna, DIARY), (who.colleague, STAFF)):
        page = panel.page(reader, f"{base}{thread}/")
        assert "Первое" in page
        assert "You can no longer write here" in page
        answer = send(panel, reader, f"{base}{thread}/", body="Ещё слово")
        assert answer.status_code == 422
        assert "Ещё слово" in answer.text
    assert said(thread) == ["Первое"]


def test_when_the_child_changes_class_the_former_teacher_cannot_write(panel: Panel, who: People) -> None:
    thread = parent_asks(panel, who)
    spell = who.pyotr.enrollments[0]
    spell.ends_on = TODAY.replace(day=11)
    db.session.commit()
    assert "You can no longer write here" in panel.page(who.leader, f"{STAFF}{thread}/")
    assert send(panel, who.leader, f"{STAFF}{thread}/").status_code == 422


def test_nothing_new_reaches_somebody_who_is_no_guardian_any_more(panel: Panel, who: People) -> None:
    thread = begun(panel, who.leader, STAFF, to=[who.anna.id, who.boris.id], student=who.pyotr.id)
    db.session.delete(db.session.query(Guardianship).filter_by(user_id=who.boris.id).one())
    db.session.commit()
    assert send(panel, who.leader, f"{STAFF}{thread}/").status_code == 422
    assert send(panel, who.anna, f"{DIARY}{thread}/").status_code == 422
    assert len(said(thread)) == 1


def test_students_have_no_threads(panel: Panel, who: People) -> None:
    own = guardian("Ученикова")
    who.pyotr.user = own
    db.session.commit()
    assert "Messages" not in panel.page(own, f"/diary/{who.pyotr.id}/")
    for path in ("", "new", "1/"):
        assert panel.get(own, DIARY + path).status_code == 404
    assert "Messages" in panel.page(who.anna, f"/diary/{who.pyotr.id}/")


def test_the_panel_has_no_messages_for_families(panel: Panel, who: People) -> None:
    assert panel.get(who.anna, STAFF).status_code == 403


def test_the_policy_refuses_what_a_service_would_forget(panel: Panel, who: People) -> None:
    """A thread with a stranger put in by hand is not written."""
    anna, stranger = who.anna.id, who.stranger.id
    with session_of(who.anna) as session:
        thread = Thread(subject="взлом", started_by_id=anna)
        thread.members = [ThreadMember(user_id=anna), ThreadMember(user_id=stranger)]
        thread.messages = [Message(author_id=anna, body="взлом")]
        session.add(thread)
        with pytest.raises(policy.PolicyError):
            session.flush()
