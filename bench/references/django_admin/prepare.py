"""``python -m bench.references.django_admin.prepare``: Django's own tables beside ours, a superuser, a session.

Prints the cookie of a browser in which the superuser is signed in, and its CSRF token, as JSON.
"""

from __future__ import annotations

import json

from bench.references.django_admin.wsgi import application  # noqa: F401  (it sets Django up)


def signed_in() -> dict[str, str]:
    """Prepare the database of DATABASE_URL; the cookie and the token."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.middleware.csrf import _get_new_csrf_string

    call_command("migrate", verbosity=0)
    user = User.objects.filter(username="deputy").first() or User.objects.create_superuser("deputy", password="deputy")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    token = _get_new_csrf_string()
    return {"cookie": f"sessionid={session.session_key}; csrftoken={token}", "token": token}


if __name__ == "__main__":
    print(json.dumps(signed_in()))
