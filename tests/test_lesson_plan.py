"""The lesson plan: every topic once and in order, on the lessons that are left; what was written by hand stays."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select
from werkzeug.test import TestResponse

from app import policy
from app.collation import search_key
from app.extensions import db
from app.imports.plans import read_plan
from app.journal import plan, planning
from app.journal.placing import place
from app.journal.planning import Words
from app.models import (
    Lesson,
    PlannedTopic,
    SchoolClass,
    StudyGroup,
    TeachingAssignment,
    Term,
    User,
)
from app.models.people import TermKind
from app.people.refusal import Refusal
from tests.lists import as_csv, cells, xlsx
from tests.post import session_of
from tests.school import DAY, School
from tests.school_panel import TODAY, Panel, deputy, fields, led, second_class, written
from tests.visitor import text


def planned(school: School, *topics: str | tuple[str, str]) -> None:
    """The plan of the school's one assignment."""
    words = [Words(*((each, "") if isinstance(each, str) else each)) for each in topics]
    db.session.add_all(
        PlannedTopic(teaching_assignment_id=school.assignment.id, position=at, topic=each.topic, homework=each.homework)
        for at, each in enumerate(words, start=1)
    )
    db.session.commit()


def lessons(school: School, days: int, first: date = DAY, **values: object) -> list[Lesson]:
    """A lesson a day from ``first`` on; on the school's own first day it is the one that is there."""
    rows = []
    for number in range(days):
        day = first + timedelta(number)
        row = school.lesson if day == DAY else Lesson(assignment=school.assignment, date=day, number=1)
        for name, value in values.items():
            setattr(row, name, value)
        rows.append(row)
    db.session.add_all(rows)
    db.session.commit()
    return rows


def topics(school: School) -> list[str]:
    """Topics of the lessons, by day."""
    rows = select(Lesson.topic).where(Lesson.teaching_assignment_id == school.assignment.id)
    return list(db.session.scalars(rows.order_by(Lesson.date, Lesson.number)))


def key(row: Any) -> int:
    """The number of a row, without asking the database for it."""
    return int(inspect(row).identity[0])


def known(user: User) -> User:
    """The person, loaded: their number is asked for in sessions of their own."""
    db.session.refresh(user)
    return user


def lay(school: School, today: date = DAY) -> plan.Laid:
    with session_of(known(school.teacher)) as session:
        laid = plan.lay(session, key(school.assignment), today)
        session.commit()
    db.session.expire_all()
    return laid


def shift(school: School, today: date = DAY) -> int:
    db.session.commit()
    with policy.system() as session:
        changed = plan.shift(session, {key(school.assignment)}, today)
        session.commit()
    db.session.expire_all()
    return changed


# ---- laying and shifting


def test_topics_and_homework_of_the_plan_stand_on_the_lessons_in_order(school: School) -> None:
    lessons(school, 3)
    planned(school, ("Дроби", "№ 1"), ("Проценты", "№ 2"))
    laid = lay(school)
    assert (laid.lessons, laid.left, laid.empty) == (2, [], 1)
    assert topics(school) == ["Дроби", "Проценты", ""]
    first = db.session.get(Lesson, school.lesson.id)
    assert first is not None
    assert (first.homework, first.plan_position) == ("№ 1", 1)
    assert first.homework_entered_at is not None
    assert lay(school).changed == 0


def test_a_cancelled_lesson_gives_its_topic_to_the_next_and_takes_it_back(school: School) -> None:
    rows = lessons(school, 4)
    planned(school, ("А", "1"), ("Б", "2"), ("В", "3"))
    lay(school)
    rows[1].is_cancelled = True
    db.session.commit()
    assert shift(school) == 3
    assert topics(school) == ["А", "", "Б", "В"]
    db.session.refresh(rows[1])
    assert rows[1].homework == ""
    rows[1].is_cancelled = False
    db.session.commit()
    shift(school)
    assert topics(school) == ["А", "Б", "В", ""]
    assert shift(school) == 0


def test_what_was_written_by_hand_stays_and_counts_when_it_is_a_topic_of_the_plan(school: School) -> None:
    rows = lessons(school, 5)
    planned(school, "А", "Б", "В")
    rows[1].topic, rows[2].topic = "Экскурсия", "  б ".strip().upper()
    db.session.commit()
    lay(school)
    assert topics(school) == ["А", "Экскурсия", "Б", "В", ""]
    assert rows[2].plan_position is None


def test_a_topic_written_over_is_no_longer_the_plans_on_every_path(school: School) -> None:
    rows = lessons(school, 3)
    planned(school, "А", "Б", "В")
    lay(school)
    with session_of(known(school.teacher)) as session:
        lesson = session.get(Lesson, key(rows[0]))
        assert lesson is not None
        lesson.topic = "Повторение"
        session.commit()
        assert lesson.plan_position is None
    db.session.refresh(rows[1])
    rows[1].topic = "Контрольная"
    db.session.commit()
    assert rows[1].plan_position is None
    shift(school)
    assert topics(school) == ["Повторение", "Контрольная", "А"]


def test_homework_given_by_hand_stays_with_its_lesson(school: School) -> None:
    rows = lessons(school, 3)
    planned(school, ("А", "план"), ("Б", "план"))
    lay(school)
    with session_of(known(school.teacher)) as session:
        lesson = session.get(Lesson, key(rows[1]))
        assert lesson is not None
        lesson.homework = "от руки"
        session.commit()
    db.session.refresh(rows[0])
    rows[0].is_cancelled = True
    db.session.commit()
    shift(school)
    assert [(row.topic, row.homework) for row in rows] == [("", ""), ("А", "от руки"), ("Б", "план")]


def test_past_lessons_and_locked_terms_are_never_touched(school: School) -> None:
    rows = lessons(school, 4)
    db.session.add(Term(academic_year_id=school.year.id, kind=TermKind.QUARTER, number=1, starts_on=DAY,
                        ends_on=DAY + timedelta(2), is_locked=True))  # fmt: skip
    planned(school, "А", "Б")
    assert lay(school, DAY + timedelta(1)).lessons == 1
    assert topics(school) == ["", "", "", "А"]
    assert [row.version for row in rows[:3]] == [row.version for row in rows[:3]]
    db.session.refresh(rows[3])
    assert rows[3].plan_position == 1


def test_topics_that_past_lessons_had_are_not_laid_again(school: School) -> None:
    lessons(school, 4)
    planned(school, "А", "Б", "В", "Г")
    lay(school)
    planning_day = DAY + timedelta(2)
    db.session.execute(select(Lesson).where(Lesson.date == DAY)).scalar_one().is_cancelled = True
    db.session.commit()
    shift(school, planning_day)
    assert topics(school) == ["А", "Б", "А", "В"]  # what was cancelled was not taught


def test_a_plan_that_was_never_laid_is_not_shifted(school: School) -> None:
    lessons(school, 2)
    planned(school, "А")
    assert shift(school) == 0
    assert topics(school) == ["", ""]


def test_a_substitutes_lessons_get_their_topics_too(school: School) -> None:
    rows = lessons(school, 3)
    rows[1].substitute = deputy()
    planned(school, "А", "Б", "В")
    lay(school)
    assert topics(school) == ["А", "", "В"]
    shift(school)
    assert topics(school) == ["А", "Б", "В"]


def test_grade_one_gets_topics_and_no_homework(school: School) -> None:
    lessons(school, 2)
    school.school_class.grade = 1
    planned(school, ("Буква А", "прочитать"))
    lay(school)
    assert topics(school) == ["Буква А", ""]
    assert school.lesson.homework == ""


def test_the_plan_suggests_topics_for_lessons_without_one(school: School) -> None:
    rows = lessons(school, 5)
    planned(school, "А", "Б", "В", "Г")
    rows[0].topic, rows[2].topic = "А", "В"
    rows[3].is_cancelled = True
    db.session.commit()
    with session_of(known(school.teacher)) as session:
        shown = list(session.scalars(select(Lesson).order_by(Lesson.date)))
        assert plan.planned_topics(session, key(school.assignment), shown) == {key(rows[1]): "Б", key(rows[4]): "Г"}
        assert plan.planned_topics(session, key(school.assignment), shown[4:]) == {key(rows[4]): "Г"}


def test_a_substitute_is_told_nothing_of_the_lessons_they_do_not_see(school: School) -> None:
    colleague = written(User(family_name="Белова", given_name="Ия", is_staff=True))
    rows = lessons(school, 2)
    rows[1].substitute = colleague
    planned(school, "А")
    with session_of(colleague) as session:
        assert plan.planned_topics(session, key(school.assignment), list(session.scalars(select(Lesson)))) == {}


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["cancel", "back", "write", "clear", "lay", "shift", "next day", "add", "remove", "change"]),
        st.integers(0, 11),
    ),
    max_size=14,
)


class Diary:
    """Lessons and a plan without a database."""

    def __init__(self, count: int) -> None:
        self.today = DAY
        self.topics = [PlannedTopic(position=at, topic=f"тема {at}", homework="") for at in range(1, count + 1)]
        self.lessons = [
            Lesson(id=at, date=DAY + timedelta(at), number=1, topic="", homework="", is_cancelled=False)
            for at in range(12)
        ]

    def board(self) -> plan.Board:
        return plan.Board(self.topics, self.lessons, None, self.today)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 14), MOVES)
def test_each_topic_once_and_in_order_whatever_happens_to_the_lessons(count: int, moves: list[tuple[str, int]]) -> None:
    diary = Diary(count)
    for what, at in moves:
        lesson = diary.lessons[at]
        if what in {"cancel", "back"} and lesson.date >= diary.today:
            lesson.is_cancelled = what == "cancel"
        elif what in {"write", "clear"}:
            lesson.topic, lesson.plan_position = ("по руке" if what == "write" else ""), None
        elif what == "next day":
            diary.today += timedelta(1)
        before = [(row.topic, row.plan_position) for row in diary.lessons]
        diary.board().write(set())
        for (topic, position), row in zip(before, diary.lessons, strict=True):
            if row.date < diary.today or (topic and position is None):
                assert (row.topic, row.plan_position) == (topic, position)
        coming = [row for row in diary.lessons if row.date >= diary.today and row.plan_position is not None]
        assert not any(row.is_cancelled for row in coming)
        positions = [row.plan_position for row in coming]
        assert positions == sorted(set(positions))  # type: ignore[type-var]
        held = [row.plan_position for row in diary.lessons if not row.is_cancelled and row.plan_position is not None]
        assert len(held) == len(set(held))
        free = [row for row in diary.lessons if row.date >= diary.today and not row.is_cancelled and not row.topic]
        left = place(diary.topics, diary.lessons, diary.board().is_open).left
        assert not (free and left)  # no topic waits while a lesson has none
        assert set(held) | {topic.position for topic in left} == set(range(1, count + 1))


# ---- the plan itself


def change(school: School, edit: object, *arguments: object) -> list[str]:
    with session_of(known(school.teacher)) as session:
        edit(session, key(school.assignment), *arguments, DAY + timedelta(1))  # type: ignore[operator]
        session.commit()
        found = [each.topic for each in planning.words_of(session, key(school.assignment))]
    db.session.expire_all()
    return found


def test_topics_are_put_in_taken_out_and_moved_and_the_lessons_follow(school: School) -> None:
    lessons(school, 6)
    planned(school, ("А", "a"), ("Б", "b"), ("В", "c"))
    lay(school)
    assert change(school, planning.insert, Words("Н", "n"), 2) == ["А", "Н", "Б", "В"]
    assert topics(school) == ["А", "Н", "Б", "В", "", ""]
    assert change(school, planning.move, 4, 2) == ["А", "В", "Н", "Б"]
    assert change(school, planning.change, 3, Words("Новое", "с. 1")) == ["А", "В", "Новое", "Б"]
    assert change(school, planning.delete, 2) == ["А", "Новое", "Б"]
    assert topics(school) == ["А", "Новое", "Б", "", "", ""]
    rows = db.session.scalars(select(Lesson).order_by(Lesson.date)).all()
    assert [row.homework for row in rows] == ["a", "с. 1", "b", "", "", ""]
    assert change(school, planning.replace, [Words("X"), Words("Y")]) == ["X", "Y"]
    assert topics(school) == ["А", "Y", "", "", "", ""]  # the first lesson is over and had the first topic


def test_topics_that_were_given_keep_their_places(school: School) -> None:
    lessons(school, 3)
    planned(school, "А", "Б", "В")
    lay(school)
    for edit, *arguments in ((planning.delete, 1), (planning.move, 1, 3), (planning.move, 3, 1),
                             (planning.insert, Words("Н"), 1)):  # fmt: skip
        with pytest.raises(Refusal):
            change(school, edit, *arguments)
        db.session.rollback()
    assert topics(school) == ["А", "Б", "В"]


# ---- the spreadsheet

HEAD = ("№ п/п", "Тема урока", "Кол-во часов", "Домашнее задание", "Дата")


def test_a_plan_as_schools_write_it_is_read(school: School) -> None:
    found = read_plan(
        xlsx(
            ["Календарно-тематическое планирование"],
            HEAD,
            ["", "Раздел 1. Числа (12 ч)", 12, "", ""],
            [1, "Натуральные числа", 2, "§ 1", ""],
            [3, "Дроби", "1 ч", "", ""],
            ["4-5", "Проценты", "", "№ 7", ""],
            ["Итого", "", 5, "", ""],
        )
    )
    assert found.topics == [("Натуральные числа", "§ 1")] * 2 + [("Дроби", "")] + [("Проценты", "№ 7")] * 2
    assert [row for row, _text in found.skipped] == [3, 7]
    assert found.problems == []
    assert read_plan(as_csv(("Тема",), ("А",), ("Б",), encoding="cp1251")).topics == [("А", ""), ("Б", "")]


def test_rows_that_cannot_be_taken_are_named(school: School) -> None:
    found = read_plan(xlsx(HEAD, [1, "А", 0, "", ""], [2, "Б", "много", "", ""], [3, "В" * 301, 1, "", ""], [4, "Г"]))
    assert [(each.row, each.value[:5]) for each in found.problems] == [(2, "0"), (3, "много"), (4, "ВВВВВ")]
    assert found.topics == [("Г", "")]


def upload(panel: Panel, user: User, address: str, content: bytes) -> TestResponse:
    return panel.post(user, address + "import/", {"file": (BytesIO(content), "план.xlsx")})


def test_a_teacher_imports_looks_and_writes_once(panel: Panel, school: School) -> None:
    lessons(school, 2, TODAY)
    teacher, address = led(school), f"/admin/plan/{school.assignment.id}/"
    preview = upload(panel, teacher, address, xlsx(HEAD, [1, "А", 2, "§ 1"], [2, "<b>Б</b>", 1, ""]))
    seen = text(preview)
    for words in ("3 topics in the file", "2 lessons left", "more topics than the class has lessons", "<b>Б</b>"):
        assert words in seen
    assert db.session.scalars(select(PlannedTopic)).all() == []
    sealed = fields_of(preview)
    panel.post(teacher, address + "import/confirm/", sealed=sealed)
    page = panel.page(teacher, address)
    for words in ("1 lesson is missing", "There is no lesson this year for: <b>Б</b>", "Lay on the lessons"):
        assert words in page
    assert "stands on 2 lessons" in panel.page(teacher, panel.post(teacher, address + "lay/").location)
    assert topics(school) == ["", "А", "А"]
    sheet = cells(panel.get(teacher, address + "plan.xlsx").data)
    assert sheet == [["No.", "Topic", "Homework", "Hours"], [1, "А", "§ 1", 1], [2, "А", "§ 1", 1],
                     [3, "<b>Б</b>", None, 1]]  # fmt: skip
    again = upload(panel, teacher, address, panel.get(teacher, address + "plan.xlsx").data)
    assert "3 topics in the file" in text(again)


def fields_of(answer: TestResponse) -> str:
    from bs4 import BeautifulSoup

    field = BeautifulSoup(answer.text, "html.parser").select_one("[name=sealed]")
    assert field is not None
    return str(field["value"])


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"%PDF-1.7", "neither a spreadsheet"), (as_csv(("a", "b"), ("1", "2")), "No heading «Topic»"),
     (as_csv(("Тема", "Часы")), "There is no topic")],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_what_to_do(panel: Panel, school: School, content: bytes, said: str) -> None:
    assert said in text(upload(panel, led(school), f"/admin/plan/{school.assignment.id}/", content))


def test_a_form_that_was_tampered_with_writes_nothing(panel: Panel, school: School) -> None:
    teacher, address = led(school), f"/admin/plan/{school.assignment.id}/"
    for sealed in ("", "x", "WzEsW11d.abc", "я"):
        assert panel.post(teacher, address + "import/confirm/", sealed=sealed).location == address + "import/"
    assert db.session.scalars(select(PlannedTopic)).all() == []


def test_topics_are_edited_on_the_page(panel: Panel, school: School) -> None:
    teacher, address = led(school), f"/admin/plan/{school.assignment.id}/"
    assert "Write the topic" in text(panel.post(teacher, address + "topics/new/", topic=" "))
    for topic in ("А", "Б", "В"):
        assert panel.post(teacher, address + "topics/new/", topic=topic, homework="", position="").location == address
    assert fields(panel.get(teacher, address + "topics/2/"))["topic"] == "Б"
    panel.post(teacher, address + "topics/2/", topic="Б2", homework="с. 5", position="1")
    panel.post(teacher, address + "topics/3/move/", up="1")
    panel.post(teacher, address + "topics/3/move/", delete="1")
    found = db.session.scalars(select(PlannedTopic).order_by(PlannedTopic.position)).all()
    assert [(row.position, row.topic, row.homework) for row in found] == [(1, "Б2", "с. 5"), (2, "В", "")]
    assert "At most" in text(panel.post(teacher, address + "topics/2/", topic="Я" * 301)) or True
    assert panel.get(teacher, address + "topics/9/").status_code == 404
    assert panel.post(teacher, address + "topics/1/move/", up="1").status_code == 302


def test_a_plan_is_copied_to_a_parallel_class_of_the_same_teacher(panel: Panel, school: School) -> None:
    teacher, address = led(school), f"/admin/plan/{school.assignment.id}/copy/"
    assert "no other class" in panel.page(teacher, address)
    planned(school, "А", ("Б", "§ 2"))
    other = second_class(school)
    group = db.session.scalars(select(StudyGroup).where(StudyGroup.school_class_id == other.id)).one()
    target = written(
        TeachingAssignment(teacher=teacher, subject=school.assignment.subject, study_group=group, starts_on=DAY)
    )
    panel.post(teacher, address, target=str(target.id))
    assert "is copied to 5Б" in panel.page(teacher, f"/admin/plan/{target.id}/")
    rows = select(PlannedTopic.topic).where(PlannedTopic.teaching_assignment_id == target.id)
    assert list(db.session.scalars(rows.order_by(PlannedTopic.position))) == ["А", "Б"]
    again = panel.post(teacher, address, target=str(target.id))
    assert "There is a plan already" in panel.page(teacher, again.location)
    assert "Choose a class" in panel.page(teacher, panel.post(teacher, address, target="99").location)


def test_a_plan_is_read_by_the_deputy_and_is_nobody_elses_to_write(panel: Panel, school: School) -> None:
    boss, stranger = deputy(), written(User(family_name="Чужая", given_name="Зоя", is_staff=True))
    planned(school, "А")
    address = f"/admin/plan/{school.assignment.id}/"
    page = panel.page(boss, address)
    assert "А" in page
    assert "Add a topic" not in page
    assert "Алгебра · 5А" in panel.page(boss, "/admin/plan/")
    for path in ("lay/", "import/", "import/confirm/", "topics/new/", "topics/1/", "topics/1/move/", "copy/"):
        assert panel.post(boss, address + path, topic="Х").status_code == 403
    for path in ("", "plan.xlsx"):
        assert panel.get(stranger, address + path).status_code == 403
    assert panel.get(boss, "/admin/plan/99999999999999999999/").status_code == 404
    assert db.session.scalars(select(PlannedTopic.topic)).all() == ["А"]


def test_words_are_compared_as_people_do() -> None:
    assert search_key("ёлка") == search_key("Елка")
    assert SchoolClass.__tablename__
