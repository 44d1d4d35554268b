"""``python -m fuzz TARGET SECONDS [--keep]``: atheris looks for inputs that reach new code or break what must hold.

Runs in a Python that has atheris besides the product's packages (see ``judges/fuzzing.py``). ``--keep`` adds to the
corpus a few small inputs that reached new code. Ends with libFuzzer's code: not 0 when an input broke something.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz import corpus

KEPT, TIMEOUT = 25, 10
"""How many inputs are kept of a run; after how many seconds one is too slow."""


def fuzz(target: str, options: list[str]) -> None:
    """Fuzz in this process, which libFuzzer ends; the modules are instrumented as they are imported."""
    import atheris

    with atheris.instrument_imports(include=["app", "markdown", "email_validator"]):
        from fuzz.context import in_english
        from fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], *options], in_english(TARGETS[target]))
    atheris.Fuzz()


def main(target: str, seconds: str, *options: str) -> int:
    """Fuzz for so long in a process of its own, beginning with what is known."""
    with tempfile.TemporaryDirectory() as folder:
        known = corpus.inputs(target)
        for number, data in enumerate(known):
            (Path(folder) / f"known{number}").write_bytes(data)
        command = [
            sys.executable, "-m", "fuzz", "--inside", target, f"-max_total_time={seconds}", "-max_len=4096",
            f"-timeout={TIMEOUT}", "-print_final_stats=1", "-artifact_prefix=/tmp/fuzz-", folder,
        ]  # fmt: skip
        code = subprocess.run(command, check=False).returncode
        if "--keep" in options:
            new = [each.read_bytes() for each in Path(folder).iterdir() if not each.name.startswith("known")]
            corpus.keep(target, known + sorted(new, key=len)[-KEPT:])
    return code


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        fuzz(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main(*sys.argv[1:]))
