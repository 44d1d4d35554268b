"""The callable that a web server serves."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.references.django_admin.settings"

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
