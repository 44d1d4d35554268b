"""Edits of the journal page: each for itself, each once, none over what the browser has not seen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Attendance, AuditRecord, EditReceipt, FinalMark, Lesson, Mark, StaffNote, Student, User, Work
from app.models.journal import AttendanceStatus, FinalMarkValue
from tests.journal_page import JournalPage, journal_page, lesson, work
from tests.school import School
from tests.school_panel import Panel, deputy, written


@pytest.fixture
def page(panel: Panel, school: School) -> JournalPage:
    return journal_page(panel, school)


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def test_a_mark_is_saved_changed_and_cleared(page: JournalPage) -> None:
    (saved,) = page.edit(page.mark("5"))
    assert (saved["status"], saved["value"]) == ("saved", "5")
    assert saved["version"] > 0
    (changed,) = page.edit(page.mark("4", version=saved["version"]))
    assert changed["version"] > saved["version"]
    assert page.marks() == [4]
    (cleared,) = page.edit(page.mark("", version=changed["version"]))
    assert (cleared["status"], cleared["value"], cleared["version"]) == ("saved", "", 0)
    assert page.marks() == []


def test_a_mark_knows_who_entered_it(page: JournalPage) -> None:
    page.edit(page.mark("5"))
    assert db.session.scalars(select(Mark)).one().entered_by_id == page.school.teacher.id


def test_attendance_has_four_letters(page: JournalPage) -> None:
    version = 0
    for letter, status in zip("НУБО", AttendanceStatus, strict=True):
        (saved,) = page.edit(page.presence(letter, version=version))
        assert (saved["status"], saved["value"]) == ("saved", letter)
        version = saved["version"]
        assert db.session.scalars(select(Attendance.status)).one() == status
    assert statuses(page.edit(page.presence("", version=version))) == ["saved"]
    assert db.session.scalar(select(func.count(Attendance.id))) == 0


def test_a_column_is_saved_in_one_request(page: JournalPage) -> None:
    results = page.edit(*(page.mark(value, number) for number, value in enumerate("543")))
    assert statuses(results) == ["saved"] * 3
    assert page.marks() == [5, 4, 3]


@pytest.mark.parametrize("value", ["6", "0", "55", "x", None, 5, ["5"], {"a": 1}, "٥", "5 ", "-1", True])
def test_a_bad_value_is_refused_with_a_reason_and_spoils_nothing(page: JournalPage, value: Any) -> None:
    results = page.edit(page.mark("5", 0), page.mark(value, 1), page.mark("3", 2))
    assert statuses(results) == ["saved", "refused", "saved"]
    assert results[1]["message"] == "A mark is 1, 2, 3, 4 or 5."
    assert page.marks() == [5, 3]


@pytest.mark.parametrize(
    "broken",
    [
        None, 1, "x", [], {}, {"key": ""}, {"key": "k" * 65}, {"key": "a\0b"}, {"key": "k1", "student": 1},
        {"key": "k2", "student": "1", "work": 1, "value": "5", "version": 0},
        {"key": "k3", "student": 1, "work": True, "value": "5", "version": 0},
        {"key": "k4", "student": 1, "work": 1, "value": "5", "version": -1},
        {"key": "k5", "student": 1, "work": 1, "value": "5", "version": 1.5},
        {"key": "k6", "student": 1, "work": 2**31, "value": "5", "version": 0},
        {"key": "k7", "student": 1, "final": "term:x", "value": "5", "version": 0},
        {"key": "k8", "student": 1, "final": "year:3", "value": "5", "version": 0},
        {"key": "k9", "lesson": 1, "topic": "\0", "version": 0},
        {"key": "k10", "lesson": 1, "topic": "\ud800", "version": 0},
        {"key": "k11", "lesson": 1, "topic": "т" * 301, "version": 0},
        {"key": "k12", "student": 1, "lesson": 1, "mark": "", "version": 0},
    ],
)  # fmt: skip
def test_what_is_no_edit_is_refused_and_spoils_nothing(page: JournalPage, broken: Any) -> None:
    good = {"key": "good", "version": 0, **page.mark("5")}
    answer = page.panel.send(page.school.teacher, f"{page.address}/edits", {"edits": [broken, good]})
    assert statuses(answer.json["results"]) == ["refused", "saved"]
    assert answer.json["results"][0]["message"]
    assert page.marks() == [5]


@pytest.mark.parametrize("body", [None, [], {}, {"edits": {}}, {"edits": [{}] * 501}, "x"])
def test_what_is_no_request_is_answered_with_400(page: JournalPage, body: Any) -> None:
    assert page.panel.send(page.school.teacher, f"{page.address}/edits", body).status_code == 400


def test_the_same_key_twice_changes_nothing_the_second_time(page: JournalPage) -> None:
    first = page.edit(page.mark("5", key="once"))
    page.edit(page.mark("4", version=first[0]["version"]))
    assert page.edit(page.mark("5", key="once")) == first
    assert page.marks() == [4]


def test_the_same_key_twice_in_one_request_is_one_edit(page: JournalPage) -> None:
    results = page.edit(page.mark("5", key="once"), page.mark("5", key="once"))
    assert results[0] == results[1]
    assert db.session.scalar(select(func.count(EditReceipt.id))) == 1


def test_a_refused_key_stays_refused(page: JournalPage) -> None:
    first = page.edit(page.mark("9", key="once"))
    assert page.edit(page.mark("5", key="once")) == first
    assert page.marks() == []


def test_keys_of_one_person_are_not_those_of_another(page: JournalPage) -> None:
    other = written(User(family_name="Сменная", given_name="Ия", is_staff=True))
    page.school.lesson.substitute = other
    db.session.commit()
    page.edit(page.mark("5", key="once"), who=other)
    page.school.lesson.substitute = None
    db.session.commit()
    (answer,) = page.edit(page.mark("4", key="once"))
    assert answer["status"] == "conflict"


def test_who_comes_second_learns_who_wrote_what(page: JournalPage) -> None:
    page.edit(page.mark("5"))
    (second,) = page.edit(page.mark("3"))
    assert (second["status"], second["value"], second["by"]) == ("conflict", "5", "Орлова В.")
    assert second["at"]
    assert page.marks() == [5]
    (third,) = page.edit(page.mark("3", version=second["version"]))
    assert third["status"] == "saved"
    assert page.marks() == [3]


def test_a_cell_cleared_meanwhile_is_a_conflict_that_says_who_cleared_it(page: JournalPage) -> None:
    (first,) = page.edit(page.mark("5"))
    page.edit(page.mark("", version=first["version"]))
    (late,) = page.edit(page.mark("4", version=first["version"]))
    assert (late["status"], late["value"], late["version"], late["by"]) == ("conflict", "", 0, "Орлова В.")


def test_a_cell_cleared_and_filled_again_is_not_taken_for_the_one_that_was_seen(page: JournalPage) -> None:
    (seen,) = page.edit(page.mark("5"))
    page.edit(page.mark("", version=seen["version"]))
    page.edit(page.mark("2"))
    (late,) = page.edit(page.mark("4", version=seen["version"]))
    assert (late["status"], late["value"]) == ("conflict", "2")


def test_two_who_write_the_same_are_no_conflict(page: JournalPage) -> None:
    (first,) = page.edit(page.mark("5"))
    (second,) = page.edit(page.mark("5"))
    assert (second["status"], second["version"]) == ("saved", first["version"])


def test_one_cell_twice_in_a_request_is_written_in_order(page: JournalPage) -> None:
    results = page.edit(page.mark("5"), page.mark("4"))
    assert statuses(results) == ["saved", "conflict"]
    assert page.marks() == [5]


def test_a_mark_in_a_lesson_without_works_makes_one(page: JournalPage) -> None:
    bare = lesson(page, date(2026, 10, 2))
    edits = [{"student": student.id, "lesson": bare.id, "mark": "5"} for student in page.students]
    results = page.edit(*edits)
    assert statuses(results) == ["saved"] * 3
    made = db.session.scalars(select(Work).where(Work.lesson_id == bare.id)).one()
    assert results[0]["work"] == {"id": made.id, "lesson": bare.id, "kind": "answer", "title": "", "weight": 1}
    (again,) = page.edit(
        {"student": page.students[0].id, "lesson": bare.id, "mark": "4", "version": results[0]["version"]}
    )
    assert (again["status"], again["work"]["id"]) == ("saved", made.id)


def test_a_comment_for_all_and_a_note_for_staff(page: JournalPage) -> None:
    (saved,) = page.edit(page.mark("5"))
    where = {"student": page.students[0].id, "work": page.school.work.id}
    (said,) = page.edit({**where, "comment": "Молодец", "note": "списал?", "version": saved["version"]})
    assert said["status"] == "saved"
    assert said["version"] > saved["version"]
    assert page.state()["entries"][0][5:] == ["Молодец", "списал?"]
    assert statuses(page.edit({**where, "note": "", "version": saved["version"]})) == ["conflict"]
    assert statuses(page.edit({**where, "note": "", "version": said["version"]})) == ["saved"]
    assert db.session.scalar(select(func.count(StaffNote.id))) == 0
    assert page.state()["entries"][0][5:] == ["Молодец", ""]


def test_there_is_nothing_to_comment_on_without_a_mark(page: JournalPage) -> None:
    edit = {"student": page.students[0].id, "work": page.school.work.id, "comment": "Молодец"}
    assert statuses(page.edit(edit)) == ["refused"]


def test_a_cleared_mark_takes_its_note_with_it(page: JournalPage) -> None:
    (saved,) = page.edit(page.mark("5"))
    where = {"student": page.students[0].id, "work": page.school.work.id}
    (said,) = page.edit({**where, "note": "списал?", "version": saved["version"]})
    assert statuses(page.edit(page.mark("", version=said["version"]))) == ["saved"]
    assert db.session.scalar(select(func.count(StaffNote.id))) == 0


def test_topic_and_homework_share_the_version_of_the_lesson(page: JournalPage) -> None:
    number = page.school.lesson.id
    version = page.state()["lessons"][0]["version"]
    (topic,) = page.edit({"lesson": number, "topic": " Дроби ", "version": version})
    assert (topic["status"], topic["value"]) == ("saved", "Дроби")
    assert statuses(page.edit({"lesson": number, "homework": "§ 5", "version": version})) == ["conflict"]
    (homework,) = page.edit({"lesson": number, "homework": "§ 5\r\n№ 7", "version": topic["version"]})
    assert homework["value"] == "§ 5\n№ 7"
    row = db.session.get_one(Lesson, number)
    assert (row.topic, row.homework) == ("Дроби", "§ 5\n№ 7")
    assert row.homework_entered_at is not None


def test_final_marks_have_words_besides_figures(page: JournalPage) -> None:
    column = f"term:{page.term.id}"
    version = 0
    for word, value in (
        ("5", FinalMarkValue.FIVE),
        ("н/а", FinalMarkValue.NOT_ASSESSED),
        ("зач", FinalMarkValue.PASSED),
    ):
        (saved,) = page.edit({"student": page.students[0].id, "final": column, "value": word, "version": version})
        assert (saved["status"], saved["value"]) == ("saved", word)
        version = saved["version"]
        assert db.session.scalars(select(FinalMark.value)).one() == value
    assert page.state()["finals"] == [[page.students[0].id, column, "зач", version, ""]]
    page.edit({"student": page.students[0].id, "final": column, "value": "", "version": version})
    assert page.state()["finals"] == []


def test_the_year_has_its_own_mark(page: JournalPage) -> None:
    assert statuses(page.edit({"student": page.students[0].id, "final": "year", "value": "4"})) == ["saved"]


def test_a_locked_term_takes_no_change_and_says_so(page: JournalPage) -> None:
    page.term.is_locked = True
    db.session.commit()
    bare = lesson(page, date(2026, 11, 5))
    results = page.edit(
        page.mark("5"), page.presence("Н"), {"student": page.students[0].id, "lesson": bare.id, "mark": "5"}
    )
    assert statuses(results) == ["refused", "refused", "saved"]
    assert "locked" in results[0]["message"]


def test_grade_1_takes_attendance_only(page: JournalPage) -> None:
    page.school.school_class.grade = 1
    db.session.commit()
    results = page.edit(
        page.mark("5"), page.presence("Н"), {"lesson": page.school.lesson.id, "homework": "§ 5", "version": 1}
    )
    assert statuses(results) == ["refused", "saved", "refused"]
    assert "clause 2.2" in results[0]["message"]
    state = page.state()
    assert (state["marks"], state["columns"]) == (False, [])


def test_who_was_not_in_the_class_that_day_gets_no_mark(page: JournalPage) -> None:
    stranger = written(Student(family_name="Чужой", given_name="Иван"))
    edit = {"student": stranger.id, "work": page.school.work.id, "value": "5"}
    assert statuses(page.edit(page.mark("5"), edit, page.mark("4", 1))) == ["saved", "refused", "saved"]


def test_a_cancelled_lesson_takes_nothing(page: JournalPage) -> None:
    page.school.lesson.is_cancelled = True
    db.session.commit()
    assert statuses(page.edit(page.mark("5"), page.presence("Н"))) == ["refused", "refused"]


def test_the_substitute_writes_in_exactly_their_lessons(page: JournalPage) -> None:
    other = written(User(family_name="Сменная", given_name="Ия", is_staff=True))
    given = lesson(page, date(2026, 10, 2), substitute=other)
    theirs = work(given)
    edits = (page.mark("5"), {"student": page.students[0].id, "work": theirs.id, "value": "4"})
    assert statuses(page.edit(*edits, who=other)) == ["refused", "saved"]
    assert statuses(page.edit(*({**edit, "value": "3"} for edit in edits))) == ["saved", "refused"]
    state = page.state(other)
    assert [one["id"] for one in state["lessons"]] == [given.id]
    assert (state["whole"], state["columns"]) == (False, [])


def test_deputy_and_class_teacher_only_look(page: JournalPage) -> None:
    leader = written(User(family_name="Классная", given_name="Ия", is_staff=True))
    page.school.school_class.class_teacher = leader
    db.session.commit()
    for who in (deputy(), leader):
        assert statuses(page.edit(page.mark("5"), page.presence("Н"), who=who)) == ["refused", "refused"]
        assert not any(one["writable"] for one in page.state(who)["lessons"])
    assert page.marks() == []


def test_a_stranger_finds_no_journal(page: JournalPage) -> None:
    other = written(User(family_name="Другая", given_name="Ия", is_staff=True))
    page.school.assignment.study_group.school_class.class_teacher = None
    for path in ("/", "/state", "/history?lesson=1"):
        assert page.panel.get(other, page.address + path).status_code in (403, 404)
    assert page.panel.send(other, f"{page.address}/edits", {"edits": []}).status_code in (403, 404)


def test_every_edit_is_in_the_audit_with_its_lesson(page: JournalPage) -> None:
    (saved,) = page.edit(page.mark("5"))
    page.edit(page.mark("4", version=saved["version"]))
    records = db.session.scalars(select(AuditRecord).where(AuditRecord.model == "Mark").order_by(AuditRecord.id)).all()
    made, changed = records[-2:]
    assert (made.action, changed.action, changed.changes["value"]) == ("create", "change", [5, 4])
    assert {made.lesson_id, changed.lesson_id} == {page.school.lesson.id}
    assert {made.actor_id, changed.actor_id} == {page.school.teacher.id}


def test_the_state_is_sent_once_until_something_changes(page: JournalPage) -> None:
    path = f"{page.address}/state?term={page.term.id}"
    first = page.panel.get(page.school.teacher, path)
    header = {"If-None-Match": first.headers["ETag"], "X-Person": str(page.school.teacher.id)}
    db.session.commit()
    assert page.panel.client.get(path, headers=header).status_code == 304
    page.edit(page.mark("5"))
    db.session.commit()
    assert page.panel.client.get(path, headers=header).status_code == 200
