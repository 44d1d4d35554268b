"""schemathesis: every JSON endpoint of docs/openapi.json, asked as it says and as it does not say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from judges.journal import URL, Journal
from judges.people import Person, sign_in
from judges.tools import program, run
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


def known_numbers(journal: Journal) -> dict[str, int]:
    """A mark of the demo's teacher: its assignment, lesson, work and student."""
    mark = journal.number(
        "SELECT min(mark.id) FROM mark JOIN work ON work.id = work_id JOIN lesson ON lesson.id = lesson_id"
        " JOIN teaching_assignment ON teaching_assignment.id = teaching_assignment_id"
        " JOIN account ON account.user_id = teacher_id WHERE account.login = 'teacher'"
    )
    work = journal.number(f"SELECT work_id FROM mark WHERE id = {mark}")
    lesson = journal.number(f"SELECT lesson_id FROM work WHERE id = {work}")
    return {
        "assignment": journal.number(f"SELECT teaching_assignment_id FROM lesson WHERE id = {lesson}"),
        "work": work, "lesson": lesson, "student": journal.number(f"SELECT student_id FROM mark WHERE id = {mark}"),
    }  # fmt: skip


def with_numbers(schema: dict[str, Any], journal: Journal) -> dict[str, Any]:
    """The description with numbers that exist in this school, so that more than «there is none» is answered."""
    known = known_numbers(journal)
    child = journal.number(
        "SELECT min(student_id) FROM guardianship JOIN account USING (user_id) WHERE login = 'guardian'"
    )
    for path, operations in schema["paths"].items():
        numbers = {**known, "student": child} if path.startswith("/diary/") else known
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if (name := parameter.get("name")) in numbers:
                    parameter["schema"] = _mostly(numbers[name])
                elif name == "view":
                    parameter["schema"] = {"enum": ["student", "lesson", "guardianship", "teachingassignment"]}
    components = schema["components"]
    for name in ("assignment", "work"):
        components["parameters"][name]["schema"] = _mostly(known[name])
    for edit in components["schemas"]["Edit"]["anyOf"]:
        for name in edit["properties"].keys() & known.keys():
            edit["properties"][name] = _mostly(known[name])
    return schema


def _mostly(number: int) -> dict[str, Any]:
    return {"type": "integer", "anyOf": [{"const": number}, {"minimum": 1, "maximum": 2**31 - 1}]}


def _run(schema: Path, person: Person, seconds: int) -> Verdict:
    report = schema.with_name(f"schemathesis-{person.login}.json")
    command = [
        program("tools", "schemathesis"), "run", str(schema), "--url", URL, "--checks", "all",
        "--exclude-checks", LEFT_OUT,
        "--continue-on-failure", "--seed", str(SEED), "--max-time", str(seconds), "--request-timeout", "30",
        "--report", "json", "--report-json-path", str(report), "--no-shrink",
    ]  # fmt: skip
    for name, value in {**person.headers, "Accept": "application/json"}.items():
        command += ["--header", f"{name}: {value}"]
    said = run(command, seconds * 4 + 120)
    if not report.exists():  # ended before its time was over
        return Verdict(NAME, "", person.login, 0, "requests", [Finding("did not end", person.login)])
    told = json.loads(report.read_text())
    findings = [
        Finding(failure["title"], where, failure["code"])
        for failure in told["failures"]
        for where in failure["operations"]
    ] + [Finding("error", str(error)) for error in told["errors"]]
    if findings:  # which request it was, stands only there
        print(said, flush=True)
    return Verdict(
        NAME, told["schemathesis_version"], person.login, told["test_cases"]["generated"], "requests", findings
    )
