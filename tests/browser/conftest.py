"""The application served over HTTP, and Chromium to visit it with."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from tests.browser.journal_desk import Desk, people_of, school_at, served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine, or the one Playwright brings."""
    options = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application answers; its PUBLIC_URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["PUBLIC_URL"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield app.config["PUBLIC_URL"]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def staffed_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A school on SQLite, served while the tests of the journal page run; each opens a journal of its own."""
    app = school_at(tmp_path_factory.mktemp("desk"))
    school = people_of(app)
    with served(app) as school.address:
        yield school


@pytest.fixture
def desk(staffed_school: Desk) -> Iterator[Desk]:
    """The same; what a test opened is closed behind it."""
    yield staffed_school
    staffed_school.leave()
