"""What people write in cells becomes one form, or a reason why not; nothing else can happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports import values
from app.imports.values import Name, ValueProblem

TODAY = date(2026, 11, 24)
BORN = date(2019, 10, 26)


@pytest.mark.parametrize(
    "cell",
    ["26.10.19", "26.10.2019", "2019-10-26", "26/10/2019", "26-10-2019", "26,10,2019", " 26. 10. 2019 г.",
     "26 октября 2019", "26 окт. 2019 г.", "26.10.2019 0:00:00", "2019-10-26 00:00:00", "2019.10.26", 43764, 43764.0,
     "43764", date(2019, 10, 26), datetime(2019, 10, 26)],  # noqa: DTZ001  (as openpyxl gives it)
)  # fmt: skip
def test_a_birth_date_in_any_form_is_that_day(cell: Any) -> None:
    assert values.birth_date(cell, TODAY) == BORN


@pytest.mark.parametrize("month", list(enumerate(
    ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
     "декабря"), start=1)))  # fmt: skip
def test_months_in_words(month: tuple[int, str]) -> None:
    assert values.birth_date(f"5 {month[1]} 2015", TODAY) == date(2015, month[0], 5)


@pytest.mark.parametrize(
    "cell", ["32.13.2015", "29.02.2015", "10/26/2019", "01.01.1970", "01.01.2030", "26.10.94", "2015", "вчера", "1.1",
             date(2024, 1, 1), 10 ** 30, float("inf")],
)  # fmt: skip
def test_a_day_that_is_none_or_not_of_a_student_is_refused(cell: Any) -> None:
    with pytest.raises(ValueProblem):
        values.birth_date(cell, TODAY)


@pytest.mark.parametrize(
    "cell",
    ["+79123456789", "89123456789", "8 (912) 345-67-89", "+7 912 345 67 89", "79123456789", "912-345-67-89",
     9123456789, 79123456789.0, "+8 912 345-67-89", "тел.: 8-912-345-67-89", "8 912 345 67 89 (мама)",
     "8\xa0912\xa0345\u201167\u201189"],
)  # fmt: skip
def test_a_phone_in_any_form_is_one_number(cell: Any) -> None:
    assert values.phone(cell) == "+79123456789"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("12345", "few digits"), ("898112000002", "many digits"), ("939-120-00-009", "many digits"),
     ("нет телефона", "not a phone"), ("7.91235E+10", "shortened"), ("8 912 345-67-89 доб. 5", "not a phone"),
     ("+7 111 111 11 11", "no such"), ("1" * 301, "too long"), ("9" * 200, "many digits")],
)  # fmt: skip
def test_a_phone_that_is_none_says_why(cell: str, reason: str) -> None:
    with pytest.raises(ValueProblem) as refused:
        values.phone(cell)
    assert reason in refused.value.reason._args[0]  # type: ignore[union-attr]


def test_a_phone_of_another_country_keeps_its_country() -> None:
    assert values.phone("+375 29 123-45-67") == "+375291234567"


def test_an_email_is_kept_in_lower_case() -> None:
    assert values.email(" Anna.Elkina@Example.ORG ") == "anna.elkina@example.org"
    for wrong in ("не-почта", "a@", "a b@example.org", "@example.org", "a@example", "x" * 400):
        with pytest.raises(ValueProblem):
            values.email(wrong)


@pytest.mark.parametrize(
    ("cell", "name"),
    [("5 а", "5А"), ("5-А", "5А"), ('5"А"', "5А"), ("5«А»", "5А"), ('5 "A"', "5А"), ("5А", "5А"), ("05а", "5А"),
     ("11-Б", "11Б"), ("5 класс А", "5А"), ("5А кл.", "5А"), ("9 B", "9В"), ("1.г", "1Г"), (5, "5"), (5.0, "5")],
)  # fmt: skip
def test_a_class_in_any_form_is_one_class(cell: Any, name: str) -> None:
    assert str(values.class_name(cell)) == name


@pytest.mark.parametrize("cell", ["12Я", "0А", "А", "5АБВГД", "5 D", "пятый", "2019-10-26", ""])
def test_a_class_that_is_none_is_refused(cell: str) -> None:
    with pytest.raises(ValueProblem):
        values.class_name(cell)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  семёнов   ПЁТР ильич ", Name("Семёнов", "Пётр", "Ильич")),
        ("Римская - Корсакова Анна", Name("Римская-Корсакова", "Анна")),
        ("Жукова Н.А.", Name("Жукова", "Н.", "А.")),
        ("МАМЕДОВ Али Вагиф Оглы", Name("Мамедов", "Али", "Вагиф оглы")),
        ("Cорокина Аннa Ильинична", Name("Сорокина", "Анна", "Ильинична")),
        ("Иванова (Петрова) Анна", Name("Иванова (Петрова)", "Анна")),
        ("О'Нил Джон", Name("О'Нил", "Джон")),
        ("Smith John", Name("Smith", "John")),
        ("Йод\u0438\u0306 Анна", Name("Йодй", "Анна")),
    ],
)
def test_a_full_name_is_taken_apart_and_mended(cell: str, name: Name) -> None:
    assert values.full_name(cell) == name


@pytest.mark.parametrize("cell", ["Анна", "", "Иванов 2", "=1+1 Анна", "<b> Анна", "#N/A", "Иванdв Пётр", "я" * 90])
def test_a_name_that_is_none_is_refused(cell: str) -> None:
    with pytest.raises(ValueProblem):
        values.full_name(cell)


def test_one_person_is_known_by_the_name_a_stranger_is_not() -> None:
    assert Name("Семёнов", "Пётр", "Ильич").may_be(Name("СЕМЕНОВ", "Петр"))
    assert not Name("Семёнов", "Пётр", "Ильич").may_be(Name("Семёнов", "Пётр", "Олегович"))
    assert not Name("Семёнов", "Пётр").may_be(Name("Семёнова", "Пётр"))


@pytest.mark.parametrize(
    ("patronymic", "female"),
    [("Ильинична", True), ("Петровна", True), ("Вагиф кызы", True), ("Кузьмич", False), ("Олегович", False),
     ("Вагиф оглы", False), ("", None), ("Й.", None)],
)  # fmt: skip
def test_the_patronymic_tells_mother_from_father_where_it_can(patronymic: str, female: bool | None) -> None:
    assert values.is_female(Name("А", "Б", patronymic)) is female


anything = st.one_of(
    st.text(), st.text(alphabet="0123456789.,-/+() еeоглА ", max_size=30), st.integers(), st.floats(),
    st.dates(), st.datetimes(), st.times(), st.booleans(), st.none(),
)  # fmt: skip


def _birth_date(cell: Any) -> object:
    return values.birth_date(cell, TODAY)


@pytest.mark.parametrize(
    "parse", [_birth_date, values.phone, values.email, values.class_name, values.name_part, values.full_name]
)
@given(cell=anything)
def test_no_cell_makes_reading_fail_otherwise_than_with_a_reason(parse: Callable[[Any], object], cell: Any) -> None:
    try:
        parsed = parse(cell)
    except ValueProblem:
        return
    assert parsed


@given(st.dates(min_value=date(2003, 1, 1), max_value=date(2021, 12, 31)))
def test_every_day_comes_back_from_every_way_of_writing_it(day: date) -> None:
    for form in ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y"):
        assert values.birth_date(f"{day:{form}}", TODAY) == day
    assert values.birth_date(f"{day.day}.{day.month}.{day.year}", TODAY) == day
