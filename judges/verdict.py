"""What a judge says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """Something a judge holds against the journal: which of its rules, and where."""

    rule: str
    where: str
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """One run of a judge: ``tried`` counts what it tried, of the kind that ``unit`` says."""

    judge: str
    version: str
    of: str
    tried: int
    unit: str
    findings: list[Finding] = field(default_factory=list)
