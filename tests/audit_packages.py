"""Known vulnerabilities of the packages that are installed; fails on one, and says aloud when nobody could be asked.

pip-audit alone prints «No known vulnerabilities» also where its service gave no answer for a package, so each answer
is counted: a package without one is a package that was not looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
SECONDS = 120
SKIPPED = "SKIPPED: the packages were NOT looked at for known vulnerabilities: {}"
KNOWN = "jinja2==2.11.2"  # CVE-2020-28493 and others: a service that finds nothing in it does not answer


def asked(*arguments: str) -> dict[str, Any] | None:
    """pip-audit's answer; None when it has none."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--timeout", "15"]
    try:
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False)
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return answer


def vulnerable(answer: dict[str, Any]) -> list[str]:
    """«name version: ID, fixed in …» of each finding."""
    return [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'none'}"
        for package in answer["dependencies"]
        for found in package.get("vulns", ())
    ]


def unanswered(answer: dict[str, Any]) -> list[str]:
    """Packages that were left out, with the reason."""
    return [f"{each['name']}: {each['skip_reason']}" for each in answer["dependencies"] if "skip_reason" in each]


def answers_at_all(folder: Path) -> bool:
    """Whether the service finds what everybody knows of an old package."""
    probe = folder / "probe.txt"
    probe.write_text(f"{KNOWN}\n")
    answer = asked("--no-deps", "--disable-pip", "-r", str(probe))
    return answer is not None and bool(vulnerable(answer))


def main(folder: Path) -> int:
    """The exit code: 1 for a vulnerability."""
    if not answers_at_all(folder):
        print(SKIPPED.format("the service does not answer here."))
        return 0
    answer = asked("-r", str(REQUIREMENTS))
    if answer is None:
        print(SKIPPED.format("the service stopped answering."))
        return 0
    for each in unanswered(answer):
        print(SKIPPED.format(each))
    found = vulnerable(answer)
    print("\n".join(found) or f"No known vulnerability in {len(answer['dependencies'])} packages.")
    return 1 if found else 0


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as scratch:
        sys.exit(main(Path(scratch)))
