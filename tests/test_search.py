"""What people type finds what they mean, on both databases: ё and е, capitals, phones, classes."""

from __future__ import annotations

import pytest

from admin_views.search import terms
from app.extensions import db
from app.models import Enrollment, Guardianship, SchoolClass, Student, User
from tests.school import DAY, School
from tests.school_panel import Panel, day, deputy, second_class

PHONES = ("8 (912) 345-67-89", "+79123456789", "+7 912 345-67-89", "89123456789", "9123456789", "+7912", "8912",
          "8 (912) 345", "912-345", "345-67-89", "(912) 345")  # fmt: skip


@pytest.fixture
def names(panel: Panel, school: School) -> list[str]:
    """Three students: Семёнов in 5А, Семенов with a parent's phone, Алексеева in 5Б and once in 5А."""
    second = Student(family_name="Семенов", given_name="Илья", phone="+79990000001", email="ilya@example.org")
    third = Student(family_name="Алексеева", given_name="Алёна")
    other = second_class(school)
    for student, place, first, last in (
        (second, other, DAY, None),
        (third, school.school_class, DAY, day(10, 4)),
        (third, other, day(10, 5), None),
    ):
        db.session.add(Enrollment(student=student, school_class=place, starts_on=first, ends_on=last))
    guardian = User(family_name="Петрова", given_name="Ия", phone="+79123456789", email="petrova@example.org")
    db.session.add(Guardianship(student=second, user=guardian))
    db.session.commit()
    return ["Семёнов Пётр", "Семенов Илья", "Алексеева Алёна"]


def found(panel: Panel, user: User, typed: str, names: list[str], screen: str = "student") -> list[str]:
    answer = panel.get(user, f"/admin/{screen}/?" + "search=" + typed.replace("+", "%2B").replace(" ", "+"))
    assert answer.status_code == 200
    return [name for name in names if name in answer.text]


def test_names_are_found_with_or_without_yo_and_in_any_case(panel: Panel, names: list[str]) -> None:
    boss = deputy()
    for typed in ("семёнов", "Семенов", "СЕМЕН", "семён", "ЁНОВ"):
        assert found(panel, boss, typed, names) == names[:2], typed
    for typed, name in (("пётр семен", 0), ("Илья", 1), ("алЕна", 2), ("  алексеева   АЛЁНА ", 2)):
        assert found(panel, boss, typed, names) == [names[name]], typed


def test_a_phone_is_found_however_it_is_typed(panel: Panel, names: list[str]) -> None:
    boss = deputy()
    for typed in PHONES:
        assert found(panel, boss, typed, names) == ["Семенов Илья"], typed
        assert found(panel, boss, typed, ["Петрова"], "user") == ["Петрова"], typed
        assert found(panel, boss, typed, ["Петрова"], "guardianship") == ["Петрова"], typed
    assert found(panel, boss, "8 999 000 00 01", names) == ["Семенов Илья"]
    assert found(panel, boss, "семенов 8 (912) 345-67-89", names) == ["Семенов Илья"]
    assert found(panel, boss, "семенов 8 (912) 345-67-80", names) == []
    assert found(panel, boss, "petrova@example.org", names) == ["Семенов Илья"]


def test_a_class_is_that_of_today_however_it_is_written(panel: Panel, names: list[str]) -> None:
    boss = deputy()
    for typed in ("5а", "5А", "5-А", "5 а", '5"А"', "5a"):
        assert found(panel, boss, typed, names) == ["Семёнов Пётр"], typed
    assert found(panel, boss, "5б", names) == names[1:]
    assert found(panel, boss, "5", names) == names
    assert found(panel, boss, "6а", names) == []
    assert found(panel, boss, "5б алексеева", names) == ["Алексеева Алёна"]


def test_odd_words_find_nothing_and_break_nothing(panel: Panel, names: list[str]) -> None:
    boss = deputy()
    for typed in ("%", "_", "'", "\\", "я" * 5000, "2026-10-01", "99999999999999999999", "+"):
        assert found(panel, boss, typed, names) == [], typed
    assert len(found(panel, boss, "   ", names)) == 3


def test_a_secret_column_is_not_searched(panel: Panel, names: list[str], school: School) -> None:
    """A teacher does not see contacts, so searching for them tells nothing."""
    assert found(panel, school.teacher, "Пётр", names) == ["Семёнов Пётр"]
    school.student.phone = "+79123456789"
    db.session.commit()
    assert found(panel, school.teacher, "9123456789", names) == []


def test_what_counts_as_one_word() -> None:
    assert terms("8 (912) 345-67-89 Семёнов") == ["89123456789", "семенов"]
    assert terms("12.10.2026") == ["12.10.2026"]
    assert terms("2026-10-12") == ["2026-10-12"]
    assert terms("10 «Б»") == ["10б"]


def test_the_look_up_of_a_class_tells_the_years_apart(panel: Panel, school: School) -> None:
    answer = panel.get(deputy(), "/admin/student/ajax/lookup/?name=school_class&query=5 а")
    assert answer.json == [[db.session.query(SchoolClass).one().id, "5А · 2026/2027"]]
