"""The papers of a term as people of the school get them: the figures by hand, and nothing of what is not theirs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app import policy
from app.extensions import db
from app.models import Attendance, DiaryVisit, Enrollment, Guardianship, Lesson, Mark, RollCall, Student, User, Work
from app.models.journal import AttendanceStatus, FinalMarkValue
from app.reports.document import Document
from app.reports.report import NotThere
from tests.final_marks import classmate, final
from tests.reported import Reported, lines, report, reported_school
from tests.school import DAY, School
from tests.school_panel import NOW, counted, day, deputy, led, written


@pytest.fixture
def known(school: School) -> Reported:
    """5А has a day of two lessons and a day of one; Семёнов misses the first day, Ильин an hour of it."""
    found = reported_school(school)
    classmate(school, "Выбывший", until=day(10, 3))
    first, second = school.lesson, Lesson(assignment=found.history, date=DAY, number=2, topic="Рим", homework="§ 1")
    third = Lesson(assignment=school.assignment, date=day(10, 6), number=1)
    cancelled = Lesson(assignment=school.assignment, date=day(10, 7), number=1, is_cancelled=True)
    ilyin = db.session.get_one(type(found.kotova), found.kotova.id - 1)
    late = datetime(2026, 10, 12, 8, tzinfo=UTC)
    db.session.add_all([
        second, third, cancelled, RollCall(lesson=first), RollCall(lesson=second),
        Attendance(lesson=first, student=school.student, status=AttendanceStatus.ILL),
        Attendance(lesson=second, student=school.student, status=AttendanceStatus.ABSENT),
        Attendance(lesson=second, student=ilyin, status=AttendanceStatus.EXCUSED),
        Attendance(lesson=third, student=ilyin, status=AttendanceStatus.LATE),
        Mark(work=school.work, student=ilyin, value=5, entered_at=late),
        Mark(work=Work(lesson=third, weight=3), student=ilyin, value=4, entered_at=late),
    ])  # fmt: skip
    db.session.commit()
    return found


def table(document: Document, caption: str) -> list[list[object]]:
    """The rows of the table with this heading."""
    return lines(document, next(at for at, each in enumerate(document.tables) if each.caption == caption))


def test_attendance_by_class_by_student_by_reason_and_by_week(known: Reported) -> None:
    leader, zavuch = led(known.school), deputy()
    school = report(zavuch, "attendance")
    # students, lessons, Н, У, Б, all, late, whole days, days in part, percent
    assert table(school, "Attendance by class")[0] == ["5А", 4, 11, 1, 1, 1, 3, 1, 1, 1, 72.7]
    assert table(school, "By week") == [
        ["28 Sep", 8, 1, 1, 1, 3, 0, 1, 1, 62.5],
        ["5 Oct", 3, 0, 0, 0, 0, 1, 0, 0, 100.0],
    ]
    assert [row[1] for row in table(school, "By reason")] == [1, 1, 1]
    mine = report(leader, "attendance")
    assert table(mine, "By student") == [
        ["Выбывший Ян", 2, 0, 0, 0, 0, 0, 0, 0, 100.0],
        ["Ильин Ян", 3, 0, 1, 0, 1, 1, 0, 1, 66.7],
        ["Котова Ян", 3, 0, 0, 0, 0, 0, 0, 0, 100.0],
        ["Семёнов Пётр", 3, 1, 0, 1, 2, 0, 1, 0, 33.3],
    ]


def test_fill_of_journals_counts_what_is_there_and_what_is_late(known: Reported) -> None:
    found = report(deputy(), "filling")
    # lessons; topics, %; homework due, given, %; attendance, %; students; works, marks, each, late, %; final marks
    assert table(found, "Fill of journals by teacher") == [
        ["Белова А.", 1, 1, 100.0, 1, 1, 100.0, 1, 100.0, 3, 0, 0, 0.0, 0, "", 0, 0, ""],
        ["Орлова В.", 2, 0, 0.0, 2, 0, 0.0, 1, 50.0, 3, 2, 2, 0.7, 1, 50.0, 0, 0, ""],
    ]
    mine = report(known.school.teacher, "filling")
    assert [row[0] for row in table(mine, "By journal")] == ["Алгебра, 5А"]
    assert "Only the subjects and groups that you teach" in " ".join(mine.lines)


def test_the_class_teachers_report_says_who_left_who_fails_and_whose_parents_came(known: Reported) -> None:
    parent = written(User(family_name="Семёнова", given_name="Анна", login="anna"))
    assert parent.account is not None
    parent.account.password_hash = "hash"  # noqa: S105
    visit = DiaryVisit(user=parent, student=known.school.student, week=day(10, 5), visits=3, first_at=NOW, last_at=NOW)
    db.session.add_all([visit, Guardianship(user=parent, student=known.school.student)])
    found = report(led(known.school), "class-teacher")
    assert table(found, "Number of students") == [
        ["At the start", 0, ""],
        ["Joined", 4, "Семёнов Пётр (01.10), Ильин Ян (01.10), Котова Ян (01.10), Выбывший Ян (01.10)"],
        ["Left", 1, "Выбывший Ян (03.10)"],
        ["At the end", 3, ""],
    ]
    assert table(found, "Lists of students") == [
        ["All fives", 1, "Семёнов Пётр"],
        ["Fives and fours", 1, "Ильин Ян"],
        ["One four", 1, "Ильин Ян (Алгебра, Орлова В.)"],
        ["One three", 0, ""],
        ["Failing", 1, "Котова Ян (Алгебра, Орлова В.)"],
    ]
    assert table(found, "Attendance")[0][1:6] == [11, 1, 1, 1, 3]
    # students, parents known, with access, %, came, %, visits
    assert table(found, "Parents and the diary") == [["5А", 3, 1, 1, 33.3, 1, 33.3, 3]]
    assert [row[0] for row in table(found, "Results by subject")] == ["Алгебра", "История"]
    assert found.signatures == ["Class teacher", "Deputy director"]


def test_the_deputys_report_has_the_classes_the_grades_and_what_was_not_kept(known: Reported) -> None:
    found = report(deputy(), "deputy")
    assert table(found, "Number of students by class") == [["5А", "", 0, 4, 1, 3], ["5Б", "", 0, 1, 0, 1]]
    assert table(found, "Number of students by grade") == [["Grade 5", 0, 5, 1, 4]]
    assert table(found, "Attendance by grade")[0][:6] == ["Grade 5", 11, 1, 1, 1, 3]
    kept = {row[0]: row[2:6] for row in table(found, "How the regulation was kept")}
    assert kept["Topics of lessons are filled"] == [3, 1, 0, 2]


def test_the_class_summary_has_marks_averages_and_figures_of_each_subject(known: Reported) -> None:
    found = report(led(known.school), "summary")
    assert lines(found) == [
        ["1. Выбывший Ян (until 03.10)", "", "", "", ""],
        ["2. Ильин Ян", 4, 5, 4.5, 100.0],
        ["3. Котова Ян", 2, 3, 2.5, 0.0],
        ["4. Семёнов Пётр", 5, 5, 5.0, 100.0],
    ]
    below = {line.title: [round(value, 1) if value else value for value in line.values[1:3]]
             for line in found.tables[0].below}  # fmt: skip
    assert below == {
        "Success, %": [66.7, 100.0], "Quality, %": [66.7, 66.7], "SOU, %": [60.0, 78.7], "Average mark": [3.7, 4.3],
    }  # fmt: skip


def test_the_summary_of_the_year_has_a_row_for_each_term_and_the_year(known: Reported) -> None:
    db.session.add(final(known.school, None, FinalMarkValue.FIVE))
    found = report(led(known.school), "summary", period="year")
    assert [row[:3] for row in lines(found)][-2:] == [["4. Семёнов Пётр", "I quarter", 5], ["", "Year mark", 5]]
    success = found.tables[0].below[0]
    assert (success.title, success.values[2], success.values[3]) == ("Success, % (Year mark)", 100.0, None)
    assert 'COUNTIFS({when},"Year mark",{cells},5)' in success.formula


def test_the_personal_sheet_has_the_marks_of_the_student_alone(known: Reported) -> None:
    ilyin = known.kotova.id - 1
    found = report(led(known.school), "student", student=ilyin)
    assert "Ильин Ян, class 5А" in found.lines
    assert found.following == []
    # first quarter, year; current marks and their average, weighed
    assert table(found, "Marks") == [["Алгебра", 4, "", "5 4", 4.2], ["История", 5, "", "", ""]]
    assert table(found, "Attendance") == [["I quarter", 3, 0, 1, 0, 1, 1, 0, 1, 66.7]]


def test_the_sheets_of_a_class_are_one_for_each_who_is_in_it(known: Reported) -> None:
    found = report(deputy(), "student", **{"class": known.school.school_class.id})
    names = [each.name for each in (found, *found.following)]
    assert names == ["Ильин Ян", "Котова Ян", "Семёнов Пётр"]


def test_a_class_teacher_gets_no_paper_of_another_class(known: Reported) -> None:
    leader, other = led(known.school), known.other_class.id
    for key in ("attendance", "class-teacher", "summary", "student", "journal"):
        with pytest.raises(NotThere):
            report(leader, key, **{"class": other})


def test_a_teacher_has_papers_of_own_journals_only(known: Reported) -> None:
    for key in ("attendance", "class-teacher", "summary", "student", "deputy"):
        with pytest.raises(NotThere):
            report(known.other_teacher, key)
    history = report(known.other_teacher, "journal", assignment=known.history.id,
                     **{"class": known.school.school_class.id})  # fmt: skip
    assert "Белова" in history.lines[0]
    with pytest.raises(NotThere):
        report(known.other_teacher, "journal", assignment=known.school.assignment.id,
               **{"class": known.school.school_class.id})  # fmt: skip


def test_more_students_take_no_more_statements(known: Reported) -> None:
    zavuch, class_id = deputy(), known.school.school_class.id
    lesson_id, keys = known.school.lesson.id, ("attendance", "filling", "class-teacher", "summary", "student", "deputy")

    def statements() -> list[int]:
        numbers = []
        for key in keys:
            with counted() as made:
                report(zavuch, key, **({} if key == "deputy" else {"class": class_id}))
            numbers.append(len(made))
        return numbers

    statements()
    few = statements()
    policy.act_as(db.session(), policy.SYSTEM)
    for number in range(3):
        student = Student(family_name=f"Новый{number}", given_name="Ян")
        student.enrollments.append(Enrollment(school_class_id=class_id, starts_on=DAY))
        db.session.add(Attendance(lesson_id=lesson_id, student=student, status=AttendanceStatus.ABSENT))
    db.session.commit()
    assert statements() == few
