"""Announcements to the parents of a class: whom they reach, that nobody sees anybody, and who has read them."""

from __future__ import annotations

import pytest

from app.extensions import db
from app.models import Guardianship, StudyGroup, StudyGroupMember
from tests.correspondents import DIARY, STAFF, People, child, guardian, members, people, said, send, threads
from tests.school import DAY, School
from tests.school_panel import TODAY, Panel, written


@pytest.fixture
def who(school: School) -> People:
    return people(school)


def announced(panel: Panel, who: People, **fields: str) -> int:
    group = who.school.assignment.study_group_id
    answer = send(panel, who.leader, f"{STAFF}announce/{group}", **fields)
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].split("?")[0].rstrip("/").rsplit("/", 1)[1])


def test_it_reaches_every_parent_of_the_class_of_today_once(panel: Panel, who: People) -> None:
    both = guardian("Обоих", who.pyotr, who.inna)
    left = child("Ушедшая", who.school.school_class)
    left.enrollments[0].ends_on = TODAY.replace(day=5)
    gone = guardian("Ушедших", left)
    thread = announced(panel, who, subject="Собрание", body="В четверг")
    assert members(thread) == {who.leader.id, who.anna.id, who.boris.id, who.clara.id, both.id}
    assert "В четверг" in panel.page(who.clara, f"{DIARY}{thread}/")
    for other in (gone, who.dora):
        assert panel.get(other, f"{DIARY}{thread}/").status_code == 404


def test_parents_see_neither_each_other_nor_who_has_read_it(panel: Panel, who: People) -> None:
    thread = announced(panel, who)
    panel.page(who.anna, f"{DIARY}{thread}/")
    for path in (f"{DIARY}{thread}/", DIARY):
        page = panel.get(who.clara, path).text
        for name in ("Аннина", "Борисов", "Read by", "@"):
            assert name not in page
        assert "Орлова" in page


def test_its_author_sees_in_numbers_who_has_read_it(panel: Panel, who: People) -> None:
    thread = announced(panel, who)
    assert "Read by 0 of 3" in panel.page(who.leader, f"{STAFF}{thread}/")
    panel.page(who.anna, f"{DIARY}{thread}/")
    panel.page(who.anna, f"{DIARY}{thread}/")
    page = panel.page(who.leader, f"{STAFF}{thread}/")
    assert "Read by 1 of 3" in page
    assert "Аннина" not in page


def test_an_answer_goes_to_the_author_alone(panel: Panel, who: People) -> None:
    thread = announced(panel, who, subject="Собрание")
    assert send(panel, who.anna, f"{DIARY}{thread}/", body="Всем").status_code == 422
    assert len(said(thread)) == 1
    assert "Answer the author in private" in panel.page(who.anna, f"{DIARY}{thread}/")
    form = panel.get(who.anna, f"{DIARY}new?to={who.leader.id}&subject=Собрание")
    assert 'value="Собрание"' in form.text
    answer = send(panel, who.anna, f"{DIARY}new", to=who.leader.id, subject="Собрание", body="Не смогу")
    private = int(answer.headers["Location"].split("?")[0].rstrip("/").rsplit("/", 1)[1])
    assert members(private) == {who.anna.id, who.leader.id}
    assert panel.get(who.clara, f"{DIARY}{private}/").status_code == 404


def test_who_is_no_longer_of_the_class_reads_it_and_is_told_whom_to_ask(panel: Panel, who: People) -> None:
    thread = announced(panel, who, body="В четверг")
    for spell in who.inna.enrollments:
        spell.ends_on = TODAY.replace(day=11)
    db.session.commit()
    page = panel.page(who.clara, f"{DIARY}{thread}/")
    assert "В четверг" in page
    assert "Answer the author" not in page
    assert "nobody to answer to" in page


def test_a_group_is_told_without_the_rest_of_the_class(panel: Panel, who: People) -> None:
    part = written(StudyGroup(school_class_id=who.school.school_class.id, name="группа 1"))
    written(StudyGroupMember(study_group=part, student=who.inna, starts_on=DAY))
    answer = send(panel, who.leader, f"{STAFF}announce/{part.id}")
    thread = int(answer.headers["Location"].split("?")[0].rstrip("/").rsplit("/", 1)[1])
    assert members(thread) == {who.leader.id, who.clara.id}
    assert "To the parents of a group" in panel.page(who.leader, STAFF)


def test_only_who_leads_or_teaches_the_class_or_a_deputy_may_announce(panel: Panel, who: People) -> None:
    group = who.school.assignment.study_group_id
    for other in (who.stranger, who.colleague):
        assert send(panel, other, f"{STAFF}announce/{group}").status_code == 404
    assert send(panel, who.anna, f"{STAFF}announce/{group}").status_code == 403
    assert threads() == 0
    assert "3 people will see it" in panel.page(who.leader, f"{STAFF}announce/{group}")
    assert "5Б" in panel.page(who.zavuch, f"{STAFF}new")
    assert send(panel, who.zavuch, f"{STAFF}announce/{group}").status_code == 302


def test_a_class_without_known_parents_is_not_told_anything(panel: Panel, who: People) -> None:
    for row in db.session.query(Guardianship):
        db.session.delete(row)
    db.session.commit()
    answer = send(panel, who.leader, f"{STAFF}announce/{who.school.assignment.study_group_id}", body="Никому")
    assert answer.status_code == 422
    assert "nobody would read" in answer.text
    assert "Никому" in answer.text
    assert threads() == 0
