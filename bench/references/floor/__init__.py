"""The floor: bare WSGI, raw SQL, plain strings. No sign-in, no rights, no rules; its pages hold the rows of ours."""
