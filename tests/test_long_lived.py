"""The collector leaves alone what the application is made of, and takes what requests leave behind."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from weakref import ref

from app import long_lived


class Link:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_not_looked_at_again_and_later_garbage_is_taken() -> None:
    callbacks, thresholds = list(gc.callbacks), gc.get_threshold()
    try:
        long_lived.keep()
        kept = gc.get_freeze_count()
        assert kept > 10_000
        assert gc.get_threshold()[0] == long_lived.YOUNG
        left = ref(Link())
        gc.collect()
        assert left() is None
        for _more in range(2 * long_lived.WARM):
            gc.collect()
        assert len(gc.get_objects()) < kept
    finally:
        gc.callbacks[:] = callbacks
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def test_the_server_keeps_its_application(tmp_path: Path) -> None:
    asked = "import gc, wsgi; print(gc.get_freeze_count())"
    environment = {"SECRET_KEY": "x" * 40, "INSTANCE_FOLDER": str(tmp_path), "PATH": "/usr/bin:/bin"}
    said = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert int(said.stdout.split()[-1]) > 100_000
