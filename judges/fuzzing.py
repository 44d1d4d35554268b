"""atheris: every parser of what comes from outside, fed with anything (``fuzz/targets.py``)."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

from judges.journal import Journal
from judges.tools import program, run, version_of
from judges.verdict import Finding, Verdict

NAME = "atheris"
ROOT = Path(__file__).resolve().parent.parent
RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
ARTIFACT = re.compile(r"Test unit written to (\S+)")
SECONDS_TO_START = 90


def judge(_journal: Journal, seconds: int) -> list[Verdict]:
    """Each target for its part of ``seconds``."""
    names, version, verdicts = sorted(path.stem for path in (ROOT / "fuzz" / "corpus").glob("*.txt")), "", []
    # The packages of the product first: atheris alone comes from the judges' own environment.
    packages = f"{sysconfig.get_paths()['purelib']}:{ROOT}"
    version = version_of("tools", "atheris")
    for name in names:
        each = max(3, seconds // len(names))
        command = [program("tools", "python"), "-m", "fuzz", name, str(each), "--keep"]
        said = run(command, each + SECONDS_TO_START, PYTHONPATH=packages)
        counted = RUNS.search(said)
        findings = [Finding("broken", name, f"{path}: {_why(said)}") for path in ARTIFACT.findall(said)]
        if counted is None and not findings:
            findings = [Finding("did not run", name, said[-300:])]
        verdicts.append(Verdict(NAME, version, name, int(counted[1]) if counted else 0, "inputs", findings))
    return verdicts


def _why(said: str) -> str:
    """The last line of the exception."""
    lines = [line for line in said.splitlines() if re.match(r"\s*\w*(Error|Exception)\b", line)]
    return lines[-1].strip()[:200] if lines else "see the file"
