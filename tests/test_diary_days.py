"""Today and the week in the diary: what a family finds there, and that ticks are the family's own."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Guardianship,
    Holiday,
    HomeworkDone,
    HomeworkFile,
    Lesson,
    NewsItem,
    StudentHomework,
    StudyGroup,
    StudyGroupMember,
    Subject,
    TeachingAssignment,
    User,
)
from app.models.journal import AttendanceStatus
from tests.diary_family import MONDAY, TOMORROW, absence, bells, lesson, mark, mother_of, sister, soup, words
from tests.school import DAY, School
from tests.school_panel import HOSTILE, NOW, Panel, counted, second_class

FRIDAY = MONDAY - timedelta(3)


@pytest.fixture
def mother(school: School) -> User:
    return mother_of(school.student)


def day_shown(panel: Panel, who: User, path: str, heading: str) -> str:
    """What stands on the page under a heading, in one line."""
    page = soup(panel.get(who, path))
    head = next(each for each in page.select("section > h2") if heading in words(each))
    return words(head.parent)


def home(school: School) -> str:
    return f"/diary/{school.student.id}/"


def test_the_homework_of_a_lesson_stands_at_the_next_one(panel: Panel, school: School, mother: User) -> None:
    lesson(school, FRIDAY, homework="§ 12, № 5, см. https://resh.edu.ru/7")
    given_today = lesson(school, MONDAY, homework="§ 13")
    lesson(school, TOMORROW, 2, room="204")
    today = day_shown(panel, mother, home(school), "Monday, 12 October")
    assert "§ 12, № 5" in today
    assert "§ 13" not in today
    tomorrow = day_shown(panel, mother, home(school), "Tomorrow")
    assert "§ 13" in tomorrow
    assert "room 204" in tomorrow
    page = soup(panel.get(mother, home(school)))
    assert page.select_one('a[href="https://resh.edu.ru/7"][rel~="noreferrer"]') is not None
    assert page.select_one(f"#homework-{given_today.id} button.tick") is not None


def test_of_two_lessons_in_a_row_the_first_asks_for_what_both_gave(panel: Panel, school: School, mother: User) -> None:
    lesson(school, MONDAY, 1, homework="Упр. 7")
    lesson(school, MONDAY, 2)
    lesson(school, TOMORROW, 1)
    lesson(school, TOMORROW, 2)
    assert day_shown(panel, mother, home(school), "Tomorrow").count("Упр. 7") == 1


def test_a_cancelled_lesson_passes_its_homework_on(panel: Panel, school: School, mother: User) -> None:
    lesson(school, FRIDAY, homework="Учить стихи")
    lesson(school, MONDAY, is_cancelled=True, cancel_reason="болезнь учителя")
    lesson(school, TOMORROW)
    today = day_shown(panel, mother, home(school), "Monday")
    assert "cancelled : болезнь учителя" in today.replace("cancelled:", "cancelled :")
    assert "Учить стихи" not in today
    assert "Учить стихи" in day_shown(panel, mother, home(school), "Tomorrow")


def test_homework_goes_on_when_another_teacher_takes_over(panel: Panel, school: School, mother: User) -> None:
    lesson(school, FRIDAY, homework="Повторить дроби")
    successor = User(family_name="Новикова", given_name="Инна", is_staff=True)
    taken_over = TeachingAssignment(
        teacher=successor,
        subject=school.assignment.subject,
        study_group=school.assignment.study_group,
        starts_on=MONDAY,
    )
    db.session.add_all([successor, taken_over])
    lesson(school, MONDAY, assignment=taken_over)
    assert "Повторить дроби" in day_shown(panel, mother, home(school), "Monday")


def test_a_moved_and_a_substituted_lesson_say_so(panel: Panel, school: School, mother: User) -> None:
    substitute = User(family_name="Ершова", given_name="Ольга", is_staff=True)
    lesson(school, MONDAY, 1, is_cancelled=True, cancel_reason="→ 15.10.2026")
    lesson(school, MONDAY, 2, substitute=substitute)
    today = day_shown(panel, mother, home(school), "Monday")
    assert "moved to Thu, 15 Oct" in today
    assert "substitution: Ершова Ольга" in today


def test_only_the_lesson_that_is_running_is_marked(panel: Panel, school: School, mother: User) -> None:
    bells()  # it is noon
    for number in (1, 2, 3):
        lesson(school, MONDAY, number, topic=f"Тема {number}")
        lesson(school, TOMORROW, number)
    running = soup(panel.get(mother, home(school))).select('[aria-current="time"]')
    assert [words(each)[:30] for each in running] == [words(running[0])[:30]]
    assert "11:30–12:15" in words(running[0])
    assert "Тема 2" in words(running[0])


def test_marks_and_absences_stand_at_their_lesson_and_among_the_new(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    held = lesson(school, MONDAY, 1)
    mark(school, held, 4, comment="Хороший ответ", entered_at=NOW)
    late = lesson(school, MONDAY, 2)
    absence(school, late, AttendanceStatus.LATE)
    missed = lesson(school, FRIDAY, 1)
    absence(school, missed, AttendanceStatus.ABSENT)
    today = day_shown(panel, mother, home(school), "Monday")
    assert "Mark: 4" in today
    assert "Late" in today
    assert "Хороший ответ" in day_shown(panel, mother, home(school), "New marks of the week")
    assert "Absent no reason given" in day_shown(panel, mother, home(school), "Absences of two weeks")


def test_on_a_day_without_lessons_the_page_says_when_school_goes_on(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    db.session.add(Holiday(academic_year=school.year, name="Осенние каникулы", starts_on=MONDAY, ends_on=TOMORROW))
    lesson(school, date(2026, 11, 9), homework="")
    assert "Осенние каникулы . No lessons today. School goes on: Monday, 9 November." in day_shown(
        panel, mother, home(school), "Monday, 12 October"
    ).replace("каникулы.", "каникулы .")
    assert "Next school day: Monday, 9 November" in panel.page(mother, home(school))
    week = panel.page(mother, f"{home(school)}week/")
    assert "No lessons this week. School goes on: Monday, 9 November." in week
    assert week.count("Осенние каникулы") == 2


def test_lessons_of_another_part_of_the_class_are_not_the_childs(panel: Panel, school: School, mother: User) -> None:
    groups = [StudyGroup(school_class=school.school_class, name=name) for name in ("Английский 1", "Английский 2")]
    subject = Subject(name="Английский язык")
    db.session.add_all([*groups, subject])
    db.session.flush()
    for number, group in enumerate(groups):
        held = TeachingAssignment(
            teacher=school.teacher, subject=subject, study_group=group, starts_on=date(2026, 9, 1)
        )  # fmt: skip
        lesson(school, MONDAY, 3 + number, assignment=held, topic=f"Тема группы {number + 1}")
    db.session.add(StudyGroupMember(study_group=groups[1], student=school.student, starts_on=DAY))
    today = day_shown(panel, mother, home(school), "Monday")
    assert "Тема группы 2" in today
    assert "Тема группы 1" not in today


def test_a_child_who_left_is_shown_without_lessons(panel: Panel, school: School, mother: User) -> None:
    school.student.enrollments[0].ends_on = FRIDAY
    lesson(school, MONDAY)
    lesson(school, TOMORROW)
    page = panel.page(mother, home(school))
    assert "No lessons today." in page
    assert "Пётр is in no class at present." in page


def test_homework_for_this_child_alone_and_files_reach_only_its_family(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    given = lesson(school, FRIDAY)
    other = sister(school)
    neighbour = mother_of(other, "Соседова")
    lesson(school, MONDAY)
    db.session.add(StudentHomework(lesson=given, student=school.student, text="Доделать тест"))
    db.session.add(HomeworkFile(lesson=given, name="Карточка.pdf", stored="x.pdf", size=10))
    db.session.commit()
    mine = day_shown(panel, mother, home(school), "Monday")
    assert "only for Пётр Доделать тест" in mine
    assert "Карточка.pdf" in mine
    theirs = day_shown(panel, neighbour, f"/diary/{other.id}/", "Monday")
    assert "Доделать тест" not in theirs
    assert "Карточка.pdf" in theirs


# Ticks


def ticked() -> list[tuple[int, int]]:
    db.session.rollback()
    return [(row.student_id, row.lesson_id) for row in db.session.scalars(select(HomeworkDone))]


def test_a_family_ticks_homework_off_and_back_and_nobody_else_sees_it(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    given = lesson(school, FRIDAY, homework="§ 5")
    lesson(school, MONDAY)
    other = sister(school)
    neighbour = mother_of(other, "Соседова")
    father = User(family_name="Семёнов", given_name="Илья")
    db.session.add(Guardianship(user=father, student=school.student))
    tick = f"{home(school)}homework/{given.id}/"
    answer = panel.post(mother, tick, done="1", back=f"{home(school)}week/2026-10-12/")
    assert answer.location == f"{home(school)}week/2026-10-12/#homework-{given.id}"
    assert ticked() == [(school.student.id, given.id)]
    assert panel.post(father, tick, done="1").status_code == 302  # once more: it stays
    assert ticked() == [(school.student.id, given.id)]
    button = soup(panel.get(father, home(school))).select_one(f"#homework-{given.id} button")
    assert button is not None
    assert (button["aria-pressed"], button["value"]) == ("true", "0")
    theirs = soup(panel.get(neighbour, f"/diary/{other.id}/")).select_one(f"#homework-{given.id} button")
    assert theirs is not None
    assert theirs["aria-pressed"] == "false"
    assert panel.post(father, tick, done="0").status_code == 302
    assert ticked() == []


def test_the_child_itself_ticks_with_its_own_access(panel: Panel, school: School) -> None:
    given = lesson(school, FRIDAY, homework="§ 5")
    lesson(school, MONDAY)
    school.student.user = User(family_name="Семёнов", given_name="Пётр")
    db.session.commit()
    assert "§ 5" in panel.page(school.student.user, home(school))
    assert panel.post(school.student.user, f"{home(school)}homework/{given.id}/", done="1").status_code == 302
    assert ticked() == [(school.student.id, given.id)]


def test_what_is_not_the_childs_homework_cannot_be_ticked(panel: Panel, school: School, mother: User) -> None:
    nothing_given = lesson(school, FRIDAY)
    given = lesson(school, MONDAY, homework="§ 5")
    other_class = second_class(school)
    stranger = sister(school, other_class)
    neighbour = mother_of(stranger, "Соседова")
    for who, student, number in (
        (mother, school.student.id, nothing_given.id),
        (mother, stranger.id, given.id),
        (neighbour, stranger.id, given.id),
        (neighbour, school.student.id, given.id),
        (mother, school.student.id, 2**40),
    ):
        assert panel.post(who, f"/diary/{student}/homework/{number}/", done="1").status_code == 404
    assert ticked() == []


def test_a_tick_leads_back_to_this_site_only(panel: Panel, school: School, mother: User) -> None:
    given = lesson(school, FRIDAY, homework="§ 5")
    for back in ("https://evil.example/", "//evil.example", "\\\\evil", "/\t/evil.example", ""):
        answer = panel.post(mother, f"{home(school)}homework/{given.id}/", done="1", back=back)
        assert answer.location == f"{home(school)}#homework-{given.id}"


# The week


def test_the_week_of_any_day_with_arrows_to_both_sides(panel: Panel, school: School, mother: User) -> None:
    lesson(school, date(2026, 10, 17), topic="Суббота")
    page = soup(panel.get(mother, f"{home(school)}week/2026-10-14/"))
    assert [str(each["href"]) for each in page.select("[rel=prev], [rel=next]")] == [
        f"{home(school)}week/2026-10-05/",
        f"{home(school)}week/2026-10-19/",
    ]
    assert [str(each["id"]) for each in page.select("section[id]")][-1] == "d-2026-10-17"
    assert page.select_one('.days [aria-current="date"]')["href"] == "#d-2026-10-12"  # type: ignore[index]
    before = soup(panel.get(mother, f"{home(school)}week/2026-10-05/"))
    assert len(before.select("section[id]")) == 5
    assert "This week" in words(before)


def test_switching_the_child_keeps_the_week(panel: Panel, school: School, mother: User) -> None:
    other = sister(school)
    db.session.add(Guardianship(user=mother, student=other))
    page = soup(panel.get(mother, f"{home(school)}week/2026-10-14/"))
    assert page.select_one(f'nav.who a[href="/diary/{other.id}/week/2026-10-14/"]') is not None


def test_no_address_breaks_the_week(panel: Panel, school: School, mother: User) -> None:
    for typed in HOSTILE:
        assert panel.get(mother, f"{home(school)}week/{quote(typed, safe='')}/").status_code in {200, 308, 400, 404}


def test_nobody_reads_the_diary_of_a_foreign_child(panel: Panel, school: School, mother: User) -> None:
    stranger = sister(school)
    for part in ("", "week/", "marks/", "finals/", "attendance/", "timetable/"):
        assert panel.get(mother, f"/diary/{stranger.id}/{part}").status_code == 404


def test_today_and_the_week_take_few_statements_however_much_there_is(
    panel: Panel, school: School, mother: User
) -> None:  # fmt: skip
    paths = [home(school), f"{home(school)}week/", f"{home(school)}timetable/"]
    lesson(school, FRIDAY, homework="§ 1")
    lesson(school, MONDAY)
    lesson(school, TOMORROW)

    def counts() -> list[int]:
        found = []
        for path in paths:
            with counted() as seen:
                assert panel.get(mother, path).status_code == 200
            found.append(len([each for each in seen if not each.startswith("BEGIN")]))
        return found

    counts()  # the visit is noted once
    few = counts()
    for offset in range(-3, 3):
        for number in range(2, 6):
            held = lesson(school, MONDAY + timedelta(offset), number, homework="§ 2")
            mark(school, held, 5, entered_at=NOW)
            db.session.add(HomeworkFile(lesson=held, name="Файл.pdf", stored=f"{offset}-{number}", size=1))
    db.session.add_all(NewsItem(title=f"Новость {n}", body="Текст", published_at=NOW) for n in range(9))
    db.session.commit()
    assert counts() == few
    assert max(few) <= 14
    assert db.session.scalars(select(Lesson)).all()
