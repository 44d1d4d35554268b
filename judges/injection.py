"""sqlmap: every kind of value that reaches a statement - searches, filters, orders, numbers, JSON, the sign-in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from judges.api import known_numbers
from judges.journal import URL, Journal
from judges.people import Person, sign_in
from judges.tools import program, run, version_of
from judges.verdict import Finding, Verdict

NAME = "sqlmap"
FOUND = re.compile(r"^Parameter: .*$", re.MULTILINE)  # stands under «identified the following injection point(s)»
TRIED = re.compile(r"testing for SQL injection on (.*?) parameter '(.*?)'")


@dataclass(frozen=True)
class Target:
    """An address, asked by a role; ``data`` is what is posted."""

    role: str
    address: str
    data: str = ""


def targets(journal: Journal) -> list[Target]:
    """Where values go in, with numbers of this school; a star marks a place inside an address or JSON."""
    known = known_numbers(journal)
    journal_page = f"/admin/journal/{known['assignment']}"
    edit = (
        f'{{"edits":[{{"key":"k*","version":0,"student":"{known["student"]}*","work":"{known["work"]}*","value":"5*"}},'
        f'{{"key":"l","version":"0*","lesson":"{known["lesson"]}*","topic":"t*"}}]}}'
    )
    return [
        Target("deputy", "/admin/student/?search=a&sort=1&desc=1&page=0&page_size=20"),
        Target("deputy", f"/admin/student/details/?id={known['student']}&url=%2Fadmin%2F"),
        Target("deputy", "/admin/auditrecord/?search=a&flt0_action=create&flt1_model=Mark"),
        Target("deputy", "/admin/guardianship/ajax/lookup/?name=student&query=a&offset=0&limit=10"),
        Target("deputy", "/admin/lesson/?search=a&sort=0&flt1_from=2026-09-01"),
        Target("deputy", "/admin/reports/registry/?year=1&period=year&class=1"),
        Target("teacher", f"{journal_page}/state?term=1&day=2026-11-01"),
        Target(
            "teacher", f"{journal_page}/history?student={known['student']}&work={known['work']}&lesson=1&final=year"
        ),
        Target("teacher", f"{journal_page}/edits", edit),
        Target(
            "teacher",
            f"{journal_page}/works",
            f'{{"lesson":"{known["lesson"]}*","kind":"test*","title":"t*","weight":3}}',
        ),
        Target("guardian", "/diary/messages/?search=a&page=1"),
        Target("guardian", "/diary/push/unsubscribe", '{"endpoint":"https://push.example/1*"}'),
        Target("", "/login", "username=deputy&password=x"),
        Target("", "/a/", "code=ABCD"),
    ]


def judge(journal: Journal, seconds: int) -> list[Verdict]:
    """All targets; none takes longer than its part of ``seconds``."""
    wanted, findings, tried = targets(journal), [], 0
    people = {role: sign_in(role) for role in {target.role for target in wanted} if role}
    for target in wanted:
        said = _ask(target, people.get(target.role), journal.folder, seconds // len(wanted))
        reached = set(TRIED.findall(said))
        tried += len(reached)
        where = f"{target.role or 'nobody'} {target.address}"
        findings += [Finding("SQL injection", where, line) for line in FOUND.findall(said)]
        if not reached:
            findings.append(Finding("did not get to it", where, said[-200:]))
    return [Verdict(NAME, version_of("tools", "sqlmap"), "every role", tried, "parameters", findings)]


def _ask(target: Target, person: Person | None, folder: Path, seconds: int) -> str:
    command = [
        program("tools", "sqlmap"), "--url", URL + target.address, "--batch", "--level", "1", "--risk", "1",
        "--technique", "BEU", "--dbms", "sqlite", "--timeout", "15",
        "--retries", "1", "--ignore-code", "401,404,422,429", "--output-dir", str(folder / "sqlmap"),
        "--flush-session",
        "--disable-coloring",
        "--skip", "url,csrf_token,user-agent,referer,host",
    ]  # fmt: skip
    if person is not None:
        command += ["--cookie", person.cookie, "--headers", f"X-CSRFToken: {person.token}\nAccept: application/json"]
    if target.data:
        if person is None:  # the token of the form is read anew each time, and has to stand among the fields
            command += [
                "--data",
                f"{target.data}&csrf_token=",
                "--csrf-token",
                "csrf_token",
                "--csrf-url",
                URL + target.address,
            ]
        else:
            command += ["--data", target.data, "--method", "POST"]
            command += [
                "--headers",
                f"X-CSRFToken: {person.token}\nAccept: application/json\nContent-Type: application/json",
            ]
    return run(command, seconds)
