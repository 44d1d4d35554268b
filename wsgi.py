"""The WSGI entry point: ``flask --app wsgi …`` and ``gunicorn wsgi:app``."""

import os
import sys

from app import create_app, long_lived
from app.bounds import SettingsError

NOT_STARTED = 4
"""Tells Gunicorn not to try again."""

try:
    app = create_app()
except SettingsError as error:
    print(error.text(os.environ.get("LOCALE", "ru")), file=sys.stderr)
    sys.exit(NOT_STARTED)
long_lived.keep()
