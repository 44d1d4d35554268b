"""Static files: kept for good under the address of their content, asked for anew without one."""

from __future__ import annotations

import re

from flask import Flask, url_for


def test_a_file_is_kept_for_good_under_its_version_and_only_under_it(demo_app: Flask) -> None:
    client = demo_app.test_client()
    with demo_app.test_request_context():
        addresses = [
            url_for("static", filename="panel.css"),
            url_for("admin.static", filename="bootstrap/bootstrap4/css/bootstrap.min.css"),
        ]
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        assert "immutable" in client.get(address).headers["Cache-Control"]
        for other in (address.partition("?")[0], address[:-1] + "x"):
            answer = client.get(other)
            assert answer.status_code == 200
            assert "immutable" not in answer.headers["Cache-Control"]


def test_a_file_that_is_not_there_has_no_version(demo_app: Flask) -> None:
    with demo_app.test_request_context():
        address = url_for("static", filename="../config.py")
    assert "v=" not in address
    assert demo_app.test_client().get("/static/nothing.css?v=").status_code == 404
