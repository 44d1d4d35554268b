"""Static files: kept for good under the address of their content, asked for anew without one."""

from __future__ import annotations

import re

from flask import Flask, url_for

from app.static_files import modules_of


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


def test_scripts_that_import_each_other_share_the_version_of_their_folder(demo_app: Flask) -> None:
    client = demo_app.test_client()
    with demo_app.test_request_context():
        addresses = modules_of("journal")
    start = addresses["grid"]
    assert {address.rpartition("/")[0] for address in addresses.values()} == {start.rpartition("/")[0]}
    assert "immutable" in client.get(start).headers["Cache-Control"]
    old = start.replace(start.split("/")[3], "000000000000")
    assert client.get(old).status_code == 200
    assert "immutable" not in client.get(old).headers["Cache-Control"]


def test_no_other_file_is_a_script(demo_app: Flask) -> None:
    client = demo_app.test_client()
    for path in ("/modules/../x/config.py", "/modules/%2e%2e/x/config.py", "/modules/journal/x/..%2f..%2fconfig.py"):
        assert client.get(path).status_code == 404
