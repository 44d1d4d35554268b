"""What is done in one go: access for 1,800 people, a class list of 1,000 students."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from app import clock, create_app, policy
from app.cli import keep_counts
from app.credentials.issue import issue
from app.extensions import db
from app.models import User
from app.models.access import DeliveryChannel
from bench.databases import flask
from bench.servers import ROOT

PEOPLE, STUDENTS = 1_800, 1_000
HEAD = "Фамилия;Имя;Отчество;Дата рождения;Класс;Родитель;Телефон родителя"


def issue_to_all(url: str, folder: Path) -> dict[str, float]:
    """Give access to up to 1,800 people in one transaction: seconds, how many."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench"}, instance=folder / "instance")
    with app.app_context(), policy.system() as session:
        people = session.scalars(select(User).where(User.is_active).order_by(User.id).limit(PEOPLE)).all()
        begun, used = time.perf_counter(), time.process_time()
        issue(session, people, None, clock.now(), DeliveryChannel.SLIP)
        session.commit()
        figures = {"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - used,
                   "count": len(people)}  # fmt: skip
        db.session.remove()
        db.engine.dispose()
    return figures


def recount(url: str, folder: Path) -> None:
    """What the message worker does each minute: count again what edits have touched of the whole school."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench"}, instance=folder / "instance")
    with app.app_context():
        keep_counts(clock.now())
        db.engine.dispose()


def import_list(url: str, folder: Path) -> dict[str, float]:
    """``flask import-students`` of 1,000 new students with a parent each: seconds, with the start of the command."""
    file = folder / "class-list.csv"
    born = date(2014, 9, 1)
    lines = [
        f"Новиков{_letters(n)};Пётр;Ильич;{born + timedelta(n % 300):%d.%m.%Y};5А;Новикова{_letters(n)} Анна;"
        f"+7973{n:07d}"
        for n in range(STUDENTS)
    ]
    file.write_text("\n".join([HEAD, *lines]), encoding="utf-8-sig")
    return {"seconds": flask(url, "import-students", str(file)), "count": STUDENTS}


def _letters(number: int) -> str:
    """A number in letters, for names hold no figures: 27 is «бв»."""
    return "".join("абвгдежзик"[int(digit)] for digit in str(number))


def issued(url: str, folder: Path) -> dict[str, float]:
    """The same in a process of its own, so that no other application is about."""
    command = [sys.executable, "-m", "bench.commands", url, str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"LOG_LEVEL": "ERROR"}, check=True, capture_output=True)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(issue_to_all(sys.argv[1], Path(sys.argv[2]))))
