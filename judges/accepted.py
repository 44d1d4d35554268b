"""What judges hold against the journal without being right, each with the reason; everything else has to be mended."""

from __future__ import annotations

from dataclasses import dataclass

from judges.verdict import Finding


@dataclass(frozen=True)
class Accepted:
    """Findings of ``judge`` under ``rule`` at addresses that begin with ``where``."""

    judge: str
    rule: str
    where: str
    reason: str


ACCEPTED = (
    Accepted(
        "wapiti", "Secure Flag cookie", "GET /",
        "The judged journal is served by http on this machine. With an https PUBLIC_URL cookies are Secure "
        "(tests/test_headers.py).",
    ),
    Accepted(
        "wapiti", "Strict-Transport-Security (HSTS)", "GET /",
        "Sent over https only, as the standard demands (tests/test_headers.py).",
    ),
)  # fmt: skip


def reason_for(judge: str, finding: Finding) -> str | None:
    """Why the finding is none; None for one that stands."""
    for one in ACCEPTED:
        if one.judge == judge and one.rule == finding.rule and finding.where.startswith(one.where):
            return one.reason
    return None
