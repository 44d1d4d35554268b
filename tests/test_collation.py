"""Russian search and order."""

from __future__ import annotations

from app.collation import search_key, sort_key


def test_search_knows_no_case_and_no_yo() -> None:
    assert search_key(" Семёнов ", None, "ПЁТР") == "семенов петр"


def test_a_decomposed_letter_is_the_same_letter() -> None:
    assert search_key("\u0435\u0308ж") == search_key("ёж")


def test_yo_stands_beside_ye() -> None:
    names = ["Жуков", "Ёлкин", "Еремин", "Ерёмин", "Абрамов", "Елкин"]
    assert sorted(names, key=sort_key) == ["Абрамов", "Елкин", "Ёлкин", "Еремин", "Ерёмин", "Жуков"]


def test_a_shorter_name_comes_first() -> None:
    assert sort_key("Иванов", "Пётр") < sort_key("Иванова", "Анна")
