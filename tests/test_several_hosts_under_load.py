"""Hosts die, stop and are upgraded behind nginx while people work: no request fails, nothing is lost or doubled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.rehearsal.play import Play, short
from deploy.rehearsal.stage import Stage
from tests.at_length import FULL

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@pytest.mark.skipif(not FULL, reason="make reliability tries it, and make scale at length")
@pytest.mark.skipif(not NGINX, reason="nginx is not installed: sudo apt-get install nginx-light")
def test_nobody_notices(tmp_path: Path, record_property: Callable[[str, Any], None]) -> None:
    with Stage(tmp_path, lease=4.0) as stage:
        stage.invite(teachers=2, parents=4, pause=0.3)
        stage.begin(mail_every=0.5)
        played = Play(stage, pause=0.5)
        short(played)
        found = stage.end()
        assert [fault for line in played.lines for fault in line.failed] == []
        assert found.is_whole, found
        assert min(found.edits, found.messages, found.mails) > 0
        assert stage.nginx.failed_over() > 0  # a host was missed, and the other one answered
    record_property("several hosts: requests", sum(line.requests for line in played.lines))
    record_property("several hosts: failed", 0)
