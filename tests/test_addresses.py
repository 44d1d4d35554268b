"""Numbers in addresses that no row can have: there is no such page, whoever asks."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from app.addresses import LAST_ID, RowNumber
from tests.visitor import Visitor, person

TOO_LARGE = 7554937284125619388416


def test_every_address_with_a_number_knows_how_large_it_can_be(app: Flask) -> None:
    numbers = [
        converter
        for rule in app.url_map.iter_rules()
        for converter in rule._converters.values()
        if isinstance(converter, IntegerConverter)
    ]
    assert len(numbers) > 50
    assert all(isinstance(number, RowNumber) and number.max == LAST_ID for number in numbers)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "page",
    ["/admin/journal/{}/", "/admin/journal/{}/state?term=1", "/admin/journal/{}/history?work=1", "/admin/deleted/{}/"],
)
def test_a_number_that_is_too_large_is_no_page(app: Flask, page: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(person(is_deputy_director=True, is_staff=True))
    assert visitor.get(page.format(TOO_LARGE)).status_code == 404
    assert visitor.get(page.format(LAST_ID + 1)).status_code == 404
