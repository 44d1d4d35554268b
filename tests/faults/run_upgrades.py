"""``python -m tests.faults.run_upgrades NUMBER INSTANCE``: as many processes upgrade the database at the same moment.

Forked from one that has imported the application, so that they really begin together.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask_migrate import upgrade

from app import create_app

if __name__ == "__main__":
    app = create_app(instance=Path(sys.argv[2]))
    children = []
    for _number in range(int(sys.argv[1])):
        child = os.fork()
        if child == 0:
            with app.app_context():
                upgrade()
            sys.exit(0)
        children.append(child)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    sys.exit(max(map(abs, ends)))
