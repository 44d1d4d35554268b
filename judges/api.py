"""schemathesis: every JSON endpoint of docs/openapi.json, asked as it says and as it does not say."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from judges.journal import URL, Journal
from judges.people import Person, sign_in
from judges.verdict import Finding, Verdict

NAME = "schemathesis"
SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
ROLES = ("deputy", "teacher", "guardian")
# Not asked whether a refusal is right: rights and the regulation refuse much that is written as it should be, and the
# journal takes more than the description promises (unknown members, numbers as texts).
LEFT_OUT = "positive_data_acceptance,negative_data_rejection,unsupported_method,missing_required_header"
SEED = 20261128


def judge(journal: Journal, seconds: int) -> list[Verdict]:
    """One run a role; ``seconds`` bounds all of them together."""
    schema = journal.folder / "openapi.json"
    verdicts = []
    for role in ROLES:
        schema.write_text(json.dumps(with_numbers(json.loads(SCHEMA.read_text()), journal), ensure_ascii=False))
        verdicts.append(_run(schema, sign_in(role), seconds // len(ROLES)))
    return verdicts


def with_numbers(schema: dict[str, Any], journal: Journal) -> dict[str, Any]:
    """The description with numbers that exist in this school, so that more than «there is none» is answered."""
    mark = journal.number(
        "SELECT min(mark.id) FROM mark JOIN work ON work.id = work_id JOIN lesson ON lesson.id = lesson_id"
        " JOIN teaching_assignment ON teaching_assignment.id = teaching_assignment_id"
        " JOIN account ON account.user_id = teacher_id WHERE account.login = 'teacher'"
    )
    work = journal.number(f"SELECT work_id FROM mark WHERE id = {mark}")
    lesson = journal.number(f"SELECT lesson_id FROM work WHERE id = {work}")
    known = {
        "assignment": journal.number(f"SELECT teaching_assignment_id FROM lesson WHERE id = {lesson}"),
        "work": work, "lesson": lesson, "student": journal.number(f"SELECT student_id FROM mark WHERE id = {mark}"),
    }  # fmt: skip
    child = journal.number(
        "SELECT min(student_id) FROM guardianship JOIN account USING (user_id) WHERE login = 'guardian'"
    )
    for path, operations in schema["paths"].items():
        of_family = path.startswith("/diary/")
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if (name := parameter.get("name")) in known:
                    number = child if of_family and name == "student" else known[name]
                    parameter["schema"] = _mostly(number)
                elif name == "view":
                    parameter["schema"] = {"enum": ["student", "lesson", "guardianship", "teachingassignment"]}
    for name in ("assignment", "work"):
        schema["components"]["parameters"][name]["schema"] = _mostly(known[name])
    for edit in schema["components"]["schemas"]["Edit"]["anyOf"]:
        for name in edit["properties"].keys() & known.keys():
            edit["properties"][name] = _mostly(known[name])
    return schema


def _mostly(number: int) -> dict[str, Any]:
    return {"type": "integer", "anyOf": [{"const": number}, {"minimum": 1, "maximum": 2**31 - 1}]}


def _run(schema: Path, person: Person, seconds: int) -> Verdict:
    report = schema.with_name(f"schemathesis-{person.login}.json")
    headers = {**person.headers, "Accept": "application/json"}
    command = [
        "schemathesis", "run", str(schema), "--url", URL, "--checks", "all", "--exclude-checks", LEFT_OUT,
        "--continue-on-failure", "--seed", str(SEED), "--max-time", str(seconds), "--request-timeout", "30",
        "--report", "json", "--report-json-path", str(report), "--no-shrink",
    ]  # fmt: skip
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    subprocess.run(command, check=False, cwd=schema.parent, stdout=subprocess.DEVNULL, timeout=seconds * 4 + 120)
    return read(json.loads(report.read_text()), person.login)
