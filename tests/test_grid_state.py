"""What the journal page shows: whom, which lessons, in what order; and the list of journals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.extensions import db
from app.models import (
    Enrollment,
    Guardianship,
    Lesson,
    Mark,
    Student,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    Term,
    User,
)
from app.models.people import TermKind
from tests.journal_page import JournalPage, journal_page, lesson, work
from tests.school import DAY, School
from tests.school_panel import TODAY, Panel, counted, day, deputy, written


@pytest.fixture
def page(panel: Panel, school: School) -> JournalPage:
    return journal_page(panel, school)


def names(page: JournalPage, who: User | None = None) -> list[str]:
    return [student["name"] for student in page.state(who)["students"]]


def pupil(page: JournalPage, name: str, starts_on: date = DAY, ends_on: date | None = None) -> Student:
    student = Student(family_name=name, given_name="Анна")
    enrollment = Enrollment(
        student=student, school_class=page.school.school_class, starts_on=starts_on, ends_on=ends_on
    )
    written(enrollment)
    return student


def test_students_stand_in_russian_order(page: JournalPage) -> None:
    for name in ("Яшин", "Ежов", "Ёлкин", "Жуков"):
        pupil(page, name)
    assert [name.split()[0] for name in names(page)] == [
        "Ежов", "Ёлкин", "Жуков", "Семёнов", "Ученик01", "Ученик02", "Яшин",
    ]  # fmt: skip


def test_namesakes_are_told_by_their_patronymics(page: JournalPage) -> None:
    for patronymic in ("Ильинична", "Петровна"):
        student = Student(family_name="Котова", given_name="Анна", patronymic=patronymic)
        written(Enrollment(student=student, school_class=page.school.school_class, starts_on=DAY))
    assert names(page)[:2] == ["Котова Анна Ильинична", "Котова Анна Петровна"]


def test_who_left_and_who_came_stand_with_their_days(page: JournalPage) -> None:
    page.term.starts_on = DAY
    pupil(page, "Ушедшая", ends_on=day(10, 5))
    pupil(page, "Новенькая", starts_on=day(10, 8))
    pupil(page, "Прошлогодняя", starts_on=date(2025, 9, 1), ends_on=date(2025, 12, 1))
    rows = {row["name"].split()[0]: row for row in page.state()["students"]}
    assert (rows["Ушедшая"]["from"], rows["Ушедшая"]["until"]) == (None, "2026-10-05")
    assert (rows["Новенькая"]["from"], rows["Новенькая"]["until"]) == ("2026-10-08", None)
    assert "Прошлогодняя" not in rows


def test_lessons_stand_by_day_and_number_of_the_term_only(page: JournalPage) -> None:
    late, early = lesson(page, day(10, 7), 3), lesson(page, day(10, 7), 2)
    lesson(page, day(11, 9))
    assert [one["id"] for one in page.state()["lessons"]] == [page.school.lesson.id, early.id, late.id]


def test_a_mark_after_a_week_and_homework_after_the_day_are_flagged(page: JournalPage) -> None:
    old = lesson(page, TODAY - timedelta(8), 2)
    theirs = work(old)
    fresh = work(lesson(page, TODAY - timedelta(7), 3))
    for column in (theirs, fresh):
        page.edit({"student": page.students[0].id, "work": column.id, "value": "5"})
    version = {one["id"]: one["version"] for one in page.state()["lessons"]}
    page.edit({"lesson": old.id, "homework": "§ 5", "version": version[old.id]})
    state = page.state()
    assert {entry[0]: entry[4] for entry in state["entries"]} == {theirs.id: 1, fresh.id: 0}
    assert {one["id"]: one["late"] for one in state["lessons"]}[old.id] is True


def test_two_teachers_of_one_class_have_two_journals(page: JournalPage) -> None:
    colleague = written(User(family_name="Вторая", given_name="Ия", is_staff=True))
    english = written(Subject(name="Английский"))
    halves = []
    for number, (teacher, student) in enumerate(((page.school.teacher, 0), (colleague, 1))):
        group = StudyGroup(school_class=page.school.school_class, name=f"английский {number + 1}")
        db.session.add(StudyGroupMember(study_group=group, student=page.students[student], starts_on=DAY))
        assignment = TeachingAssignment(teacher=teacher, subject=english, study_group=group, starts_on=DAY)
        db.session.add(Lesson(assignment=assignment, date=day(10, 2), number=2, room=str(number)))
        db.session.commit()
        halves.append(assignment)
    for assignment, teacher, student, other in ((halves[0], page.school.teacher, 0, 1), (halves[1], colleague, 1, 0)):
        path = f"/admin/journal/{assignment.id}"
        state = page.panel.get(teacher, f"{path}/state").json
        assert [row["id"] for row in state["students"]] == [page.students[student].id]
        edit = {"lesson": state["lessons"][0]["id"], "version": 0, "mark": "5"}
        sent = [{"key": f"{path}{one}", "student": page.students[one].id, **edit} for one in (student, other)]
        answers = page.panel.send(teacher, f"{path}/edits", {"edits": sent}).json["results"]
        assert [answer["status"] for answer in answers] == ["saved", "refused"]
    assert page.panel.get(colleague, f"/admin/journal/{halves[0].id}/state").status_code == 404


def test_the_page_opens_in_the_term_of_today_and_each_other(page: JournalPage) -> None:
    second = written(
        Term(academic_year=page.school.year, kind=TermKind.QUARTER, number=2, starts_on=day(11, 2), ends_on=day(12, 27))
    )
    state = f"{page.address}/state"
    teacher = page.school.teacher
    assert page.panel.get(teacher, state).json["term"] == page.term.id
    assert page.panel.get(teacher, f"{state}?term={second.id}").json["term"] == second.id
    for odd in ("x", "999", "-1", "٣"):
        assert page.panel.get(teacher, f"{state}?term={odd}").json["term"] == page.term.id
    year = page.panel.get(teacher, f"{state}?term=year").json
    assert year["term"] is None
    assert [column["id"] for column in year["columns"]] == [
        f"term:{page.term.id}",
        f"term:{second.id}",
        "year",
        "final",
    ]


def test_grade_9_has_an_exam(page: JournalPage) -> None:
    page.school.school_class.grade = 9
    db.session.commit()
    columns = page.panel.get(page.school.teacher, f"{page.address}/state?term=year").json["columns"]
    assert [column["id"] for column in columns][-3:] == ["year", "exam", "final"]


def test_a_parent_has_no_journal_but_a_diary(page: JournalPage) -> None:
    parent = written(User(family_name="Семёнова", given_name="Анна"))
    written(Guardianship(user=parent, student=page.students[0]))
    for path in ("/admin/journal/", f"{page.address}/", f"{page.address}/state"):
        assert page.panel.get(parent, path).status_code == 403


def test_a_teacher_who_is_a_parent_of_another_class_does_not_open_its_journals(page: JournalPage) -> None:
    parent = written(User(family_name="Семёнова", given_name="Анна", is_staff=True))
    written(Guardianship(user=parent, student=page.students[0]))
    written(
        TeachingAssignment(
            teacher=parent, subject=Subject(name="Труд"), starts_on=DAY,
            study_group=StudyGroup(school_class=page.school.school_class, name="труд"),
        )
    )  # fmt: skip
    assert page.panel.get(parent, f"{page.address}/state").status_code == 404
    assert "Алгебра" not in page.panel.page(parent, "/admin/journal/")


def test_the_list_has_own_journals_and_those_to_look_at(page: JournalPage) -> None:
    lesson(page, TODAY, 3)
    own = page.panel.page(page.school.teacher, "/admin/journal/")
    assert "Your journals" in own
    assert "today, lesson 3" in own
    looked_at = page.panel.page(deputy(), "/admin/journal/")
    assert "Your journals" not in looked_at
    assert "Алгебра" in looked_at


def test_the_number_of_statements_does_not_grow_with_the_class(page: JournalPage) -> None:
    def statements() -> int:
        teacher, path = page.school.teacher, f"{page.address}/state?term={page.term.id}"
        with counted() as asked:
            page.panel.get(teacher, path)
        return len(asked)

    page.edit(page.mark("5"))
    few = statements()
    more = work(lesson(page, day(10, 2), 2))
    for number in range(20):
        db.session.add(Mark(work=more, student=pupil(page, f"Ещё{number:02}"), value=5))
    db.session.commit()
    assert statements() == few
