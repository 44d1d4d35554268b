"""The electronic class journal and diary of a Russian school."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import (
    addresses,
    auth,
    config,
    debugging,
    errors,
    headers,
    health,
    hosts,
    logs,
    metrics,
    static_files,
    translating,
)
from app.extensions import Migrations, babel, compress, csrf, db, login, mail

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Mapping[str, Any] | None = None, instance: Path | None = None) -> Flask:
    """Wire the parts together; ``settings`` override the environment (tests).

    What the installation owns on this host is in ``instance``, else in INSTANCE_FOLDER, else beside the code.
    """
    instance = instance or Path(os.environ.get("INSTANCE_FOLDER") or ROOT / "instance")
    app = logs.Journal(__name__, instance_path=str(instance.resolve()))
    app.config.update(config.from_environment(os.environ, instance))
    app.config.update(settings or {})
    app.config["BABEL_DEFAULT_LOCALE"] = app.config["LOCALE"]
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["TIMEZONE"]

    addresses.register(app)
    logs.register(app)
    debugging.register(app)
    hosts.register(app)
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    # That no statement joins everything with everything is for tests to find: what looks for it stays with each one.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] |= {"enable_from_linting": app.testing}
    db.init_app(app)
    app.extensions["migrate"] = Migrations(app)
    login.init_app(app)
    csrf.init_app(app)
    mail.init_app(app)
    compress.init_app(app)
    babel.init_app(app, locale_selector=auth.language.of_reader)
    translating.register(app)

    import admin_views
    from app import (
        cli,
        diary,
        unit_of_work,  # noqa: F401  (its listeners register themselves on import)
    )
    from app.delivery import webhook

    static_files.register(app)
    headers.register(app)
    errors.register(app)
    auth.register(app)
    app.register_blueprint(health.blueprint)
    metrics.register(app)
    app.register_blueprint(webhook.blueprint)
    diary.register(app)
    admin_views.register(app)
    cli.register(app)
    return app
