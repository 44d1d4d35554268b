"""The journal on an instance folder of the test: ``gunicorn tests.faults.web:app`` with INSTANCE set."""

import os
from pathlib import Path

from app import create_app

app = create_app(instance=Path(os.environ["INSTANCE"]))
