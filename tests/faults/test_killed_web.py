"""kill -9 of the web server while teachers type: what was acknowledged stands, and nothing is written twice."""

from __future__ import annotations

import random
import time

from flask import Flask

from tests.faults.conftest import Tell
from tests.faults.kit import FULL, Web, all_answered_since, compared, journals, recovery, typing

ONE, ALL = (40, 10) if FULL else (3, 1)


def test_killed_web_processes_lose_no_acknowledged_edit(app: Flask, web: Web, tell: Tell) -> None:
    held = journals(3)
    deaths = [web.kill_one] * ONE + [web.kill_all] * ALL
    random.shuffle(deaths)
    longest = 0.0
    with typing(web.address, held) as typists:
        for kill in deaths:
            all_answered_since(typists, time.monotonic())
            time.sleep(random.uniform(0, 0.1))
            kill()
            back = time.monotonic()
            all_answered_since(typists, back)
            longest = max(longest, recovery(typists, back))
    found = compared(typists)
    assert found["acknowledged"] > len(deaths)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert sum(typist.failures for typist in typists) > 0
    tell("kill -9 of the web server, teachers typing", tried=len(deaths), recovery=longest, **found)
