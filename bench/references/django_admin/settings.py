"""Settings of the reference: production settings, templates cached, sessions in the database as is usual."""

from __future__ import annotations

import os

from sqlalchemy.engine import make_url

SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.references.django_admin.urls"
USE_TZ, TIME_ZONE, LANGUAGE_CODE = True, "Europe/Moscow", "ru"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
LOGGING_CONFIG = None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "bench.references.django_admin.JournalConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_url = make_url(os.environ["DATABASE_URL"])
if _url.get_backend_name() == "sqlite":
    _pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"
    _database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _url.database,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": _pragmas},
    }
else:
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url.database,
        "USER": _url.username,
        "HOST": str(_url.query["host"]),
    }
DATABASES = {"default": _database | {"CONN_MAX_AGE": None}}
