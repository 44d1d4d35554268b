"""``python -m judges [NAME…]``: starts a demo journal for each judge, lets it try, writes what it said.

``SECONDS_EACH`` is how long each judge has, more or less. Ends with 1 when a finding is left.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from judges import api, crawler, fuzzing, injection, report
from judges.journal import Journal, running
from judges.verdict import Verdict

JUDGES: dict[str, Callable[[Journal, int], list[Verdict]]] = {
    module.NAME: module.judge for module in (api, injection, crawler, fuzzing)
}
SECONDS = int(os.environ.get("SECONDS_EACH", "300"))


def main(names: list[str]) -> int:
    """Let these judges try, or all."""
    verdicts = []
    for name in names or JUDGES:
        with running() as journal:
            said = JUDGES[name](journal, SECONDS)
        for verdict in said:
            print(f"{name}: {verdict.of}: {verdict.tried} {verdict.unit}, {len(verdict.findings)} findings", flush=True)
            for finding in verdict.findings:
                print(f"    {finding.rule}: {finding.where} {finding.detail}", flush=True)
        verdicts += said
    left = report.write(verdicts)
    print(f"{left} findings are left. See {report.JSON} and {report.PAGE}.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
