"""The sheet of a class: who sees what on it, what it proposes, and how a teacher fills it."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from bs4 import BeautifulSoup, Tag
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import policy
from app.extensions import db
from app.models import (
    Enrollment,
    FinalMark,
    Guardianship,
    StudyGroup,
    StudyGroupMember,
    TeachingAssignment,
    Term,
    User,
)
from app.models.journal import NUMBERS, FinalMarkKind, FinalMarkValue
from tests.final_marks import QUARTERS, classmate, final, marked, quarter, taught
from tests.school import School
from tests.school_panel import Panel, counted, deputy, led, second_class, written
from tests.visitor import text

ONE, TWO, THREE, FOUR, FIVE = NUMBERS
FOURS = [(4, 1), (4, 1), (4, 1)]


@pytest.fixture
def term(school: School) -> Term:
    return quarter(school)


def path(school: School, term: Term | str = "") -> str:
    key = term.id if isinstance(term, Term) else term
    return f"/admin/sheet/{school.school_class.id}/" + (f"?term={key}" if key else "")


def cell(html: str, student: str, subject: str = "Алгебра") -> Tag:
    """A cell of the table on the page."""
    for row in BeautifulSoup(html, "html.parser").select(".sheet tbody tr"):
        if row.th and student in row.th.get_text():
            found = row.find("td", {"data-label": subject})
            assert isinstance(found, Tag)
            return found
    raise AssertionError(student)


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def field(school: School, student: int | None = None) -> str:
    return f"mark-{student or school.student.id}-{school.assignment.subject_id}"


def stands() -> list[tuple[str, str, str]]:
    """Who has which final mark, and why."""
    return [
        (mark.student.family_name, str(mark.value.value), mark.reason)
        for mark in db.session.query(FinalMark).order_by(FinalMark.id)
    ]


def teacher_of(school: School, name: str) -> User:
    return written(User(family_name=name, given_name="Анна", is_staff=True, login=name.lower()))


def test_a_class_is_chosen_among_those_the_person_sees(panel: Panel, school: School, term: Term) -> None:
    second_class(school)
    boss, nobody = deputy(), teacher_of(school, "Никто")
    assert "5А 5Б" in panel.page(boss, "/admin/sheet/")
    assert "5Б" not in panel.page(school.teacher, "/admin/sheet/")
    assert panel.get(nobody, "/admin/sheet/").status_code == 403
    assert panel.get(boss, "/admin/sheet/?year=99").status_code == 404


def test_a_foreign_class_and_a_term_of_others_are_not_found(panel: Panel, school: School, term: Term) -> None:
    other = second_class(school)
    assert panel.get(school.teacher, f"/admin/sheet/{other.id}/").status_code == 404
    for key in ("0", "999", "x", "exam", "-1", "%00"):
        assert panel.get(school.teacher, path(school, key)).status_code in (400, 404), key
    assert panel.get(school.teacher, "/admin/sheet/99999999999999999999/").status_code == 404


def test_proposals_stand_in_grey_and_final_marks_beside_them(panel: Panel, school: School, term: Term) -> None:
    second = classmate(school, "Второй")
    marked(school, FOURS)
    db.session.add(final(school, term, FIVE, "Олимпиада", student=second))
    db.session.commit()
    html = panel.get(deputy(), path(school, term)).text
    proposed, given = cell(html, "Семёнов"), cell(html, "Второй")
    assert words(proposed) == "(4)"
    assert proposed["title"] == "average 4.00; 3 marks"
    assert words(given) == "5 *"
    assert given["title"] == "Олимпиада"
    assert "<select" not in html


def test_the_term_of_today_is_shown_first(panel: Panel, school: School, term: Term) -> None:
    quarter(school, 2)
    soup = BeautifulSoup(panel.get(deputy(), path(school)).text, "html.parser")
    assert [words(tab) for tab in soup.select(".tabs [aria-current]")] == ["I quarter"]


def test_a_teacher_enters_the_marks_of_a_column(panel: Panel, school: School, term: Term) -> None:
    second = classmate(school, "Второй")
    marked(school, FOURS)
    typed = {field(school): "4", field(school, second.id): "not_assessed"}
    assert panel.post(school.teacher, path(school, term), typed).status_code == 302
    assert stands() == [("Семёнов", "4", ""), ("Второй", "not_assessed", "")]
    mark = db.session.query(FinalMark).first()
    assert mark is not None
    assert mark.entered_by_id == school.teacher.id
    assert "2 final marks are saved" in panel.page(school.teacher, path(school, term))


def test_a_mark_that_differs_asks_for_a_reason_and_nothing_is_lost(panel: Panel, school: School, term: Term) -> None:
    second = classmate(school, "Второй")
    marked(school, FOURS)
    typed = {field(school): "5", field(school, second.id): "3"}
    answer = panel.post(school.teacher, path(school, term), typed)
    assert "Give a reason for each of them" in text(answer)
    assert "instead of 4" in text(answer)
    assert stands() == []
    soup = BeautifulSoup(answer.text, "html.parser")
    chosen = {str(each["name"]): str(each.select("option[selected]")[0]["value"]) for each in soup.select("select")}
    assert chosen == typed
    reason = field(school).replace("mark", "reason")
    assert len(soup.select(f"[name={reason}]")) == 1
    too_long = panel.post(school.teacher, path(school, term), typed | {reason: "я" * 201})
    assert "too long" in text(too_long)
    panel.post(school.teacher, path(school, term), typed | {reason: "Олимпиада"})
    assert sorted(stands()) == [("Второй", "3", ""), ("Семёнов", "5", "Олимпиада")]


def test_what_is_proposed_is_taken_over_at_once(panel: Panel, school: School, term: Term) -> None:
    second, third = classmate(school, "Второй"), classmate(school, "Третий")
    geometry = taught(school, "Геометрия")
    for student in (school.student, second):
        marked(school, FOURS, student)
    marked(school, [(5, 1), (5, 1), (4, 1)], assignment=geometry)
    panel.post(school.teacher, path(school, term), {field(school, third.id): "3"}, take=school.assignment.subject_id)
    assert sorted(stands()) == [("Второй", "4", ""), ("Семёнов", "4", ""), ("Третий", "3", "")]
    panel.post(school.teacher, path(school, term), take="all")
    assert sorted(stands())[2:] == [("Семёнов", "5", ""), ("Третий", "3", "")]
    answer = panel.post(school.teacher, path(school, term), take="all")
    assert answer.status_code == 302
    assert len(stands()) == 4


def test_a_cell_filled_meanwhile_stays_and_is_told(panel: Panel, school: School, term: Term) -> None:
    db.session.add(final(school, term, THREE))
    db.session.commit()
    panel.post(school.teacher, path(school, term), {field(school): "5"})
    assert stands() == [("Семёнов", "3", "")]
    assert "3 was entered meanwhile and stays" in panel.page(school.teacher, path(school, term))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_two_who_enter_at_the_same_moment(panel: Panel, school: School, term: Term) -> None:
    second, row = classmate(school, "Второй"), final(school, term, THREE)
    ids = {name: getattr(row, name).id for name in ("student", "subject", "assignment", "academic_year", "term")}
    db.session.commit()

    def be_faster(session: Session, *_rest: object) -> None:
        if any(isinstance(new, FinalMark) for new in session.new) and not faster:
            faster.append(True)
            with policy.system() as other:
                other.add(
                    FinalMark(
                        student_id=ids["student"], subject_id=ids["subject"], academic_year_id=ids["academic_year"],
                        teaching_assignment_id=ids["assignment"], kind=FinalMarkKind.TERM, term_id=ids["term"],
                        value=THREE,
                    )
                )  # fmt: skip
                other.commit()

    faster: list[bool] = []
    event.listen(Session, "before_flush", be_faster)
    try:
        answer = panel.post(school.teacher, path(school, term), {field(school): "5", field(school, second.id): "4"})
    finally:
        event.remove(Session, "before_flush", be_faster)
    assert answer.status_code == 302
    assert sorted(stands()) == [("Второй", "4", ""), ("Семёнов", "3", "")]
    assert "3 was entered meanwhile and stays" in panel.page(school.teacher, path(school, term))


def test_only_own_columns_can_be_filled(panel: Panel, school: School, term: Term) -> None:
    other = teacher_of(school, "Чужая")
    geometry = taught(school, "Геометрия", other)
    marked(school, FOURS, assignment=geometry)
    leader = led(school)
    html = panel.get(leader, path(school, term)).text
    assert cell(html, "Семёнов").select("select")
    assert words(cell(html, "Семёнов", "Геометрия")) == "(4)"
    name = f"mark-{school.student.id}-{geometry.subject_id}"
    assert panel.post(leader, path(school, term), {name: "4"}).status_code == 403
    assert panel.post(deputy(), path(school, term), {field(school): "4"}).status_code == 403
    assert stands() == []
    html = panel.get(other, path(school, term)).text
    assert "Алгебра" not in html
    assert cell(html, "Семёнов", "Геометрия").select("select")


def test_a_locked_term_takes_nothing(panel: Panel, school: School, term: Term) -> None:
    marked(school, FOURS)
    term.is_locked = True
    db.session.commit()
    html = panel.get(school.teacher, path(school, term)).text
    assert "<select" not in html
    assert "these marks are final" in html
    panel.post(school.teacher, path(school, term), {field(school): "4"})
    assert stands() == []
    assert "The term is locked" in panel.page(school.teacher, path(school, term))


def test_a_term_that_has_not_begun_has_nothing_to_fill(panel: Panel, school: School, term: Term) -> None:
    later = quarter(school, 2)
    for key in (later, "year", "final"):
        html = panel.get(school.teacher, path(school, key)).text
        assert "<select" not in html
    answer = panel.post(school.teacher, path(school, later), {field(school): "4"})
    assert "gets no such final mark here" in text(answer)


@pytest.mark.parametrize("typed", ["6", "0", "'; DROP", "5 ", "я" * 1000])
def test_nonsense_is_refused(panel: Panel, school: School, term: Term, typed: str) -> None:
    assert panel.post(school.teacher, path(school, term), {field(school): typed}).status_code == 400
    assert panel.post(school.teacher, path(school, term), {"mark-999999-999999": "5"}).status_code == 200
    assert panel.post(school.teacher, path(school, term), take=typed).status_code in (302, 400)
    assert stands() == []


def test_two_groups_share_a_column(panel: Panel, school: School, term: Term) -> None:
    other, second = teacher_of(school, "Вторая"), classmate(school, "Второй")
    for name, teacher, student in (("англ. 1", school.teacher, school.student), ("англ. 2", other, second)):
        part = written(StudyGroup(school_class=school.school_class, name=name))
        written(StudyGroupMember(study_group=part, student=student, starts_on=date(2026, 10, 1)))
        marked(school, FOURS, student, taught(school, "Английский", teacher, part))
    html = panel.get(deputy(), path(school, term)).text
    assert [words(cell(html, name, "Английский")) for name in ("Семёнов", "Второй")] == ["(4)", "(4)"]
    html = panel.get(other, path(school, term)).text
    assert cell(html, "Второй", "Английский").select("select")
    assert "Семёнов" not in html
    panel.post(other, path(school, term), take="all")
    mark = db.session.query(FinalMark).one()
    assert (mark.student.family_name, mark.assignment.teacher.family_name) == ("Второй", "Вторая")


def test_who_left_is_grey_and_nothing_is_due(panel: Panel, school: School, term: Term) -> None:
    gone = classmate(school, "Ушедший", until=date(2026, 10, 5))
    marked(school, FOURS, gone)
    html = panel.get(school.teacher, path(school, term)).text
    assert words(cell(html, "Ушедший")) == ""
    assert "left on" in html


def test_who_came_from_another_class_brings_the_marks_of_earlier_terms(
    panel: Panel, school: School, term: Term
) -> None:
    other = second_class(school)
    before = TeachingAssignment(
        teacher=teacher_of(school, "Прежняя"), subject=school.assignment.subject, study_group=other.groups[0],
        starts_on=date(2026, 9, 1),
    )  # fmt: skip
    newcomer = classmate(school, "Новый", since=date(2026, 9, 1), until=date(2026, 9, 30), school_class=other)
    newcomer.enrollments.append(Enrollment(school_class=school.school_class, starts_on=date(2026, 10, 1)))
    db.session.add_all([before, final(school, term, FIVE, student=newcomer, assignment=before)])
    for number in (2, 3, 4):
        begun = QUARTERS[number][0].replace(year=2026, month=9, day=number)
        row = quarter(school, number)
        row.starts_on, row.ends_on = begun, begun.replace(day=number + 1)
    db.session.commit()
    html = panel.get(school.teacher, path(school, "year")).text
    assert words(cell(html, "Новый")).startswith("5 · · · (5)")
    panel.post(school.teacher, path(school, "year"), take="all")
    assert [mark.kind for mark in db.session.query(FinalMark).order_by(FinalMark.id)] == [
        FinalMarkKind.TERM, FinalMarkKind.YEAR,
    ]  # fmt: skip


def test_exam_and_certificate_stand_in_grade_9(panel: Panel, school: School, term: Term) -> None:
    school.school_class.grade = 9
    db.session.add_all([final(school, None, FOUR), final(school, None, FIVE, kind=FinalMarkKind.EXAM)])
    db.session.commit()
    assert words(cell(panel.get(school.teacher, path(school, "exam")).text, "Семёнов")) == "4 5"
    html = panel.get(school.teacher, path(school, "final")).text
    assert words(cell(html, "Семёнов")).startswith("4 5 (5)")


def test_the_class_teacher_sees_who_is_about_to_fail(panel: Panel, school: School, term: Term) -> None:
    second, third = classmate(school, "Второй"), classmate(school, "Третий")
    marked(school, [(2, 1), (2, 1), (3, 1)])
    marked(school, [(5, 1)], second)
    db.session.add(final(school, term, FinalMarkValue.NOT_ASSESSED, student=third))
    db.session.commit()
    soup = BeautifulSoup(panel.get(led(school), path(school, term)).text, "html.parser")
    failing, few = soup.select(".sheet-risk .card")
    assert words(failing) == (
        "Failing or about to 2 Семёнов Пётр · Алгебра Орлова Вера 2.33 Третий Ян · Алгебра Орлова Вера not assessed"
    )
    assert "Второй Ян (1)" in words(few)


def test_no_sheet_where_there_are_no_marks(panel: Panel, school: School, term: Term) -> None:
    quarter(school, 2)
    school.school_class.grade = 1
    db.session.commit()
    boss = deputy()
    assert "no marks in grade 1" in panel.page(boss, path(school))
    assert panel.get(boss, path(school, term)).status_code == 404
    school.school_class.grade = 2
    db.session.commit()
    assert "I quarter" not in panel.page(boss, path(school)).replace("II quarter", "")


def test_a_parent_sees_own_children_only(panel: Panel, school: School, term: Term) -> None:
    second = classmate(school, "Второй")
    parent = written(User(family_name="Второва", given_name="Анна", login="vtorova"))
    written(Guardianship(user=parent, student=second))
    marked(school, FOURS)
    shown = panel.page(parent, path(school, term))
    assert "Второй" in shown
    assert "Семёнов" not in shown
    assert panel.post(parent, path(school, term), {field(school, second.id): "5"}).status_code == 403


def test_a_substitute_sees_no_final_marks(panel: Panel, school: School, term: Term) -> None:
    stand_in = teacher_of(school, "Подмена")
    school.lesson.substitute = stand_in
    marked(school, FOURS)
    shown = panel.page(stand_in, path(school, term))
    assert "You see only some lessons of this class" in shown


def test_the_sheet_goes_into_a_spreadsheet(panel: Panel, school: School, term: Term) -> None:
    taught(school, "Геометрия")
    db.session.add(final(school, term, FIVE))
    db.session.add(final(school, None, FIVE))
    db.session.commit()
    base = f"/admin/sheet/{school.school_class.id}/export/?term="
    rows = list(load_workbook(BytesIO(panel.get(school.teacher, f"{base}{term.id}").data)).active.values)
    assert rows == [("Student", "Алгебра", "Геометрия", "Average"), ("Семёнов Пётр", 5, None, 5)]
    rows = list(load_workbook(BytesIO(panel.get(school.teacher, f"{base}year").data)).active.values)
    assert rows[0][:3] == ("Student", "Алгебра, I quarter", "Алгебра")
    assert rows[1][:3] == ("Семёнов Пётр", 5, 5)


def test_a_large_class_costs_no_more_statements(panel: Panel, school: School, term: Term) -> None:
    address, boss = path(school, term), deputy()

    def statements() -> int:
        with counted() as seen:
            panel.get(boss, address)
        return len(seen)

    few = statements()
    for number in range(3):
        student = classmate(school, f"Ученик{number}")
        marked(school, FOURS, student, taught(school, f"Предмет {number}"))
    assert statements() == few
