"""The card of a lesson: its teacher writes in it and loses nothing, others look, families see what is theirs."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.journal.links import with_links
from app.models import (
    BellTime,
    Enrollment,
    Guardianship,
    Lesson,
    PlannedTopic,
    SchoolClass,
    Student,
    StudentHomework,
    Term,
    User,
)
from app.models.people import TermKind
from app.regulation import RegulationError
from tests.school import DAY, School
from tests.school_panel import NOW, TODAY, Panel, deputy, errors, led, written
from tests.visitor import text


def address(lesson: Lesson) -> str:
    return f"/admin/lessoncard/{lesson.id}/"


def save(panel: Panel, user: User, lesson: Lesson, topic: str, homework: str, **more: str) -> TestResponse:
    version = more.get("version") or str(lesson.version)
    return panel.post(user, address(lesson), version=version, topic=topic, homework=homework)


def field(answer: TestResponse, name: str) -> str:
    found = BeautifulSoup(answer.text, "html.parser").select_one(f"form.form [name={name}]")
    assert found is not None
    return str(found["value"]) if found.name == "input" else found.get_text().strip()


def parent_of(school: School, student: Student | None = None, name: str = "Семёнова") -> User:
    user = written(User(family_name=name, given_name="Анна"))
    written(Guardianship(user=user, student=student or school.student))
    return user


def classmate(school: School, name: str = "Яковлев", since: date = DAY) -> Student:
    student = written(Student(family_name=name, given_name="Ян"))
    written(Enrollment(student=student, school_class=school.school_class, starts_on=since))
    return student


# ---- topic and homework


def test_the_card_shows_the_lesson_and_takes_topic_and_homework(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    lesson.date, lesson.room = TODAY, "12"
    written(BellTime(number=1, starts_at=time(8, 30), ends_at=time(9, 15)))
    page = panel.page(teacher, address(lesson))
    for words in ("Алгебра · 5А", "12 Oct 2026", "lesson 1", "8:30–9:15", "room 12", "Орлова Вера"):  # fmt: skip
        assert words in page
    answer = save(panel, teacher, lesson, "  Дроби\tи  проценты ", "№ 5\r\n№ 6")
    assert answer.location == address(lesson)
    assert (lesson.topic, lesson.homework) == ("Дроби и проценты", "№ 5\n№ 6")
    assert lesson.homework_entered_at == NOW
    assert "entered after the day" not in panel.page(teacher, address(lesson))


def test_homework_entered_after_the_day_is_flagged_and_not_refused(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    save(panel, teacher, lesson, "", "№ 5")
    assert "entered after the day of the lesson" in panel.page(teacher, address(lesson))
    assert "entered after" not in panel.page(parent_of(school), address(lesson))


def test_what_cannot_be_saved_stays_in_the_form(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    answer = save(panel, teacher, lesson, "Я" * 301, "№ 5 </textarea><script>")
    assert "300" in errors(answer)["topic"]
    assert field(answer, "homework") == "№ 5 </textarea><script>"
    assert "<script>" not in answer.text.replace("<script src", "")
    assert lesson.homework == ""


def test_who_comes_second_learns_who_changed_what_and_decides(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    colleague = written(User(family_name="Белова", given_name="Ия", is_staff=True))
    lesson.substitute = colleague
    db.session.commit()
    seen = str(lesson.version)
    save(panel, colleague, lesson, "Дроби", "№ 1", version=seen)
    other = save(panel, colleague, lesson, "Проценты", "№ 2", version=seen)
    page = text(other)
    for words in ("Somebody changed this lesson", "Белова Ия", "Topic: «» → «Дроби»", "Homework: «» → «№ 1»",
                  "Now it says · Topic: Дроби"):  # fmt: skip
        assert words in page
    assert (field(other, "topic"), field(other, "homework")) == ("Проценты", "№ 2")
    assert (lesson.topic, lesson.homework) == ("Дроби", "№ 1")
    save(panel, colleague, lesson, "Проценты", "№ 2", version=field(other, "version"))
    assert (lesson.topic, lesson.homework) == ("Проценты", "№ 2")
    assert save(panel, colleague, lesson, "Проценты", "№ 2", version=seen).status_code == 302  # the same: no quarrel
    for version in ("", "-1", "9" * 16, "9" * 40, "x"):
        answer = panel.post(colleague, address(lesson), version=version, seen=version, topic="А", homework="")
        assert "Somebody changed" in text(answer)
    assert panel.post(teacher, address(lesson), version=seen, topic="А", homework="").status_code == 403


def test_the_plan_suggests_the_topic(panel: Panel, school: School) -> None:
    written(PlannedTopic(teaching_assignment_id=school.assignment.id, position=1, topic="Дроби"))
    assert "By the plan: Дроби" in panel.page(led(school), address(school.lesson))


def test_a_cancelled_lesson_says_why(panel: Panel, school: School) -> None:
    school.lesson.is_cancelled, school.lesson.cancel_reason = True, "Карантин"
    answer = panel.get(led(school), address(school.lesson))
    assert "Lesson cancelled Карантин" in text(answer)
    assert 'name="topic"' not in answer.text


def test_grade_one_has_no_field_for_homework_and_takes_none(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    school.school_class.grade = 1
    answer = panel.get(teacher, address(lesson))
    assert "clause 2.2" in text(answer)
    for drawn in ('name="homework"', 'name="files"', 'name="students"'):
        assert drawn not in answer.text
    save(panel, teacher, lesson, "Буква А", "прочитать")
    assert (lesson.topic, lesson.homework) == ("Буква А", "")
    answer = panel.post(teacher, address(lesson) + "personal/", students=str(school.student.id), text="дома")
    assert "2.2" in text(answer)
    assert db.session.scalars(select(StudentHomework)).all() == []


def test_a_locked_term_takes_no_more(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    written(Term(academic_year_id=school.year.id, kind=TermKind.QUARTER, number=1, starts_on=date(2026, 9, 1),
                 ends_on=date(2026, 10, 25), is_locked=True))  # fmt: skip
    answer = panel.get(teacher, address(lesson))
    assert "The term is locked" in text(answer)
    assert 'name="topic"' not in answer.text
    assert save(panel, teacher, lesson, "А", "").status_code == 403
    panel.post(teacher, address(lesson) + "personal/", students=str(school.student.id), text="дома")
    assert db.session.scalars(select(StudentHomework)).all() == []


def test_who_only_looks_gets_no_form(panel: Panel, school: School) -> None:
    school.lesson.homework = "смотри https://example.org/?a=1&b=2"
    for user in (deputy(), parent_of(school)):
        answer = panel.get(user, address(school.lesson))
        assert 'name="topic"' not in answer.text
        assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer"' in answer.text
        assert save(panel, user, school.lesson, "А", "").status_code == 403


def test_a_lesson_of_others_is_not_there(panel: Panel, school: School) -> None:
    led(school)
    stranger = written(User(family_name="Чужая", given_name="Зоя", is_staff=True))
    assert panel.get(stranger, address(school.lesson)).status_code == 403
    colleague = written(User(family_name="Белов", given_name="Ян", is_staff=True))
    written(Lesson(assignment=school.assignment, date=TODAY, number=2, substitute=colleague))
    assert panel.get(colleague, address(school.lesson)).status_code == 404
    assert panel.get(colleague, "/admin/lessoncard/99999999999999999999/").status_code == 404
    assert panel.get(colleague, "/admin/lessoncard/").status_code == 302


# ---- links


@pytest.mark.parametrize(
    ("typed", "links"),
    [("https://example.org/a_(b), и (http://x.ru/?q=1).", ["https://example.org/a_(b)", "http://x.ru/?q=1"]),
     ("HTTPS://РФ.рф/путь…", ["HTTPS://РФ.рф/путь"]), ("«https://a.ru»", ["https://a.ru"]),
     ("javascript:alert(1) data:text/html,x ftp://a.ru //a.ru www.a.ru vbscript:x", []),
     ("https://school.ru@evil.example/ http://[::1 https://", []), ("xhttps://a.ru", ["https://a.ru"]),
     ('https://a.ru/"onclick="alert(1)', ["https://a.ru/"]), ("https://a.ru/<img src=x>", ["https://a.ru/"]),
     ("https://a.ru/\u202egpj.exe", [])],
)  # fmt: skip
def test_addresses_become_links_and_nothing_else_does(typed: str, links: list[str]) -> None:
    soup = BeautifulSoup(str(with_links(typed)), "html.parser")
    assert [a["href"] for a in soup.select("a")] == links
    assert all(set(a.attrs) == {"href", "rel", "target"} for a in soup.select("a"))
    assert [tag.name for tag in soup.find_all() if tag.name != "a"] == []
    assert soup.get_text() == typed


def test_a_long_line_of_brackets_takes_no_time() -> None:
    assert len(with_links("https://a.ru/" + ")" * 5000)) > 5000


# ---- homework for chosen students


def test_homework_is_given_to_chosen_students_changed_and_taken_away(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    mate, later = classmate(school), classmate(school, "Позднев", DAY + timedelta(5))
    page = panel.page(teacher, address(lesson))
    assert "Яковлев Ян" in page
    assert "Позднев" not in page
    both = {"students": [str(school.student.id), str(mate.id)], "text": "повторить §4"}
    answer = panel.post(teacher, address(lesson) + "personal/", both)
    assert "Homework for 2 students is saved" in panel.page(teacher, answer.location.partition("#")[0])
    mine, other = db.session.scalars(select(StudentHomework).order_by(StudentHomework.student_id))
    assert (mine.text, other.text) == ("повторить §4", "повторить §4")
    panel.post(teacher, address(lesson) + f"personal/{mine.id}/", text="только § 5")
    panel.post(teacher, address(lesson) + f"personal/{other.id}/", delete="1")
    assert [row.text for row in db.session.scalars(select(StudentHomework))] == ["только § 5"]
    panel.post(teacher, address(lesson) + "personal/", students=str(school.student.id), text="новое")
    assert [row.text for row in db.session.scalars(select(StudentHomework))] == ["новое"]
    assert panel.post(teacher, address(lesson) + "personal/999/", text="x").status_code == 404
    assert panel.post(deputy(), address(lesson) + f"personal/{mine.id}/", text="x").status_code == 403
    assert later.id


def test_what_was_typed_for_students_stays_when_it_is_refused(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    later = classmate(school, "Позднев", DAY + timedelta(5))
    path = address(lesson) + "personal/"
    for students, typed, said in (
        ([str(later.id)], "повторить", "did not belong to the group"), ([], "повторить", "Choose at least one"),
        ([str(school.student.id)], " ", "Write what is to be done"), (["x", "-1", "9" * 30], "повторить", "Choose at"),
        ([str(school.student.id)], "я" * 5001, "At most 5000"), (["999999"], "повторить", "Nothing was"),
    ):  # fmt: skip
        answer = panel.post(teacher, path, {"students": students, "text": typed})
        assert said in text(answer)
        assert typed.strip() in answer.text
    assert db.session.scalars(select(StudentHomework)).all() == []


def test_families_see_only_what_is_given_to_their_child(panel: Panel, school: School) -> None:
    mate = classmate(school)
    db.session.add_all(
        StudentHomework(lesson_id=school.lesson.id, student_id=student.id, text=f"для {student.family_name}")
        for student in (school.student, mate)
    )
    db.session.commit()
    page = panel.page(parent_of(school), address(school.lesson))
    assert "для Семёнов" in page
    assert "Яковлев" not in page
    assert "для Яковлев" in panel.page(parent_of(school, mate, "Яковлева"), address(school.lesson))


def test_homework_of_a_stranger_or_of_grade_one_is_refused_on_every_path(school: School) -> None:
    other = written(SchoolClass(academic_year_id=school.year.id, grade=5, letter="Б"))
    student = written(Student(family_name="Чужой", given_name="Ян"))
    written(Enrollment(student=student, school_class=other, starts_on=DAY))
    db.session.add(StudentHomework(lesson_id=school.lesson.id, student_id=student.id, text="x"))
    with pytest.raises(RegulationError, match="did not belong"):
        db.session.flush()
    db.session.rollback()
    db.session.add(StudentHomework(lesson_id=school.lesson.id, student_id=school.student.id, text="x"))
    db.session.commit()
    school.school_class.grade = 1
    with pytest.raises(RegulationError, match="2.2"):
        db.session.flush()
    db.session.rollback()


def test_a_lesson_with_homework_for_students_is_not_deleted(panel: Panel, school: School) -> None:
    boss = deputy()
    db.session.delete(school.work)
    written(StudentHomework(lesson_id=school.lesson.id, student_id=school.student.id, text="x"))
    answer = panel.post(boss, "/admin/lesson/delete/", id=str(school.lesson.id))
    assert "Delete these first" in panel.page(boss, answer.location)


def test_a_change_by_the_journal_itself_is_told_too(panel: Panel, school: School) -> None:
    teacher, lesson = led(school), school.lesson
    db.session.commit()
    seen = str(lesson.version)
    lesson.topic = "Дроби"
    db.session.commit()
    page = text(save(panel, teacher, lesson, "Проценты", "", version=seen))
    assert "The journal itself" in page
    assert "«» → «Дроби»" in page
    assert lesson.topic == "Дроби"
