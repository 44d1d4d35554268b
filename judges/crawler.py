"""wapiti: crawls the pages of each role and attacks every address and form that it finds."""

from __future__ import annotations

import json
from pathlib import Path

from judges.journal import HOST, URL, Journal
from judges.people import Person, sign_in
from judges.tools import program, run
from judges.verdict import Finding, Verdict

NAME = "wapiti"
ROLES = ("deputy", "classteacher", "teacher", "guardian")
MODULES = (
    "cookieflags", "csp", "csrf", "crlf", "exec", "file", "http_headers", "permanentxss", "redirect", "shellshock",
    "sql",
    "timesql", "upload", "xss", "xxe",
)  # fmt: skip
"""Not asked: ldap, cms, spring4shell and the like (nothing of the kind is here; ldap takes every sorted list for a
finding); ssrf, log4shell and wapp, which need a server elsewhere."""
ENDS_THE_SESSION = (
    "/logout", "/language*", "/static/*", "/account/sessions/*", "/account/password", "/account/second-factor/*",
    "/admin/staff/leave/*", "/admin/staff/sessions/*", "/admin/access/revoke*",
)  # fmt: skip


def judge(journal: Journal, seconds: int) -> list[Verdict]:
    """One run a role; half of the ``seconds`` to crawl, half to attack."""
    each = max(10, seconds // len(ROLES))
    return [_run(journal.folder, sign_in(role), each) for role in ROLES]


def _run(folder: Path, person: Person, seconds: int) -> Verdict:
    report, cookies = folder / f"wapiti-{person.login}.json", folder / f"cookies-{person.login}.json"
    cookies.write_text(json.dumps({HOST: {"/": {name: _cookie(value) for name, value in _pairs(person.cookie)}}}))
    attack = max(2, seconds // 2 // len(MODULES))
    command = [
        program("wapiti", "wapiti"), "--url", f"{URL}/", "--cookie", str(cookies), "--module", ",".join(MODULES),
        "--depth", "4", "--max-files-per-dir", "12", "--max-links-per-page", "60", "--max-scan-time", str(seconds // 2),
        "--max-attack-time", str(attack), "--format", "json", "--output", str(report), "--flush-session",
        "--store-session", str(folder / f"wapiti-{person.login}"), "--store-config", str(folder / "wapiti-config"),
        # Nothing is told to anybody outside.
        "--no-bugreport", "--endpoint", f"{URL}/",
    ]  # fmt: skip
    for start in ("/admin/", "/diary/", "/account/"):
        command += ["--start", URL + start]
    for address in ENDS_THE_SESSION:
        command += ["--exclude", URL + address]
    run(command, seconds * 2 + 120)
    if not report.exists():  # ended before its time was over
        return Verdict(NAME, "", person.login, 0, "addresses and forms", [Finding("did not end", person.login)])
    told = json.loads(report.read_text())
    findings = {
        Finding(rule, f"{found['method']} {found['path']}", found["info"][:200])
        for kind in ("vulnerabilities", "anomalies") for rule, several in told[kind].items() for found in several
    }  # fmt: skip
    ordered = sorted(findings, key=lambda finding: (finding.rule, finding.where))
    version = told["infos"]["version"].removeprefix("Wapiti ")
    return Verdict(NAME, version, person.login, told["infos"]["crawled_pages_nbr"], "addresses and forms", ordered)


def _pairs(cookie: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (pair.partition("=") for pair in cookie.split("; "))]


def _cookie(value: str) -> dict[str, object]:
    return {"value": value, "expires": None, "secure": False, "port": None, "version": 0}
