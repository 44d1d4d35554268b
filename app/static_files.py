"""Static files carry the hash of their content in their address, so that browsers may keep them for good.

Scripts that import each other by relative names carry the hash of their whole folder instead, as a part of
the path: what one of them imports then has it too.
"""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request, send_from_directory, url_for
from werkzeug.security import safe_join

ONE_YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Give every address of a static file its version, and every versioned answer a long life."""

    def version_of(endpoint: str | None, filename: str | None) -> str | None:
        """The version of a file that ``endpoint`` serves; None for what is no static file or not there."""
        name, _, last = (endpoint or "").rpartition(".")
        owner = app.blueprints.get(name) if name else app
        if last != "static" or not filename or owner is None or owner.static_folder is None:
            return None
        path = safe_join(owner.static_folder, filename)
        try:
            return _hash(path, os.stat(path).st_mtime_ns) if path else None
        except OSError:
            return None

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if "v" not in values and (version := version_of(endpoint, values.get("filename"))):
            values["v"] = version

    def refuse_others() -> None:
        asked = request.args.get("v")
        if asked and wants_exactly():
            own = version_of(request.endpoint, (request.view_args or {}).get("filename"))
            if own is not None and own != asked:
                abort(404)

    def keep_long(response: Response) -> Response:
        asked = request.args.get("v")
        if asked and response.status_code in (200, 304):
            filename = (request.view_args or {}).get("filename")
            if asked == version_of(request.endpoint, filename):
                response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
        return response

    app.url_defaults(add_version)
    app.before_request(refuse_others)
    app.after_request(keep_long)
    app.register_blueprint(modules)
    app.jinja_env.globals["modules_of"] = modules_of


modules = Blueprint("modules", __name__)


def wants_exactly() -> bool:
    """Whether who asks takes no other version: a proxy that asks another host then, while new code comes to one after
    the other (deploy/nginx/locations.conf). A page whose scripts are of two versions does not start."""
    return "X-Exact-Version" in request.headers


@modules.get("/modules/<folder>/<version>/<filename>", endpoint="static")
def module(folder: str, version: str, filename: str) -> Response:
    """A script of a folder of static files; kept for good by whoever asks with the version of today."""
    path = safe_join(current_app.static_folder or "", folder)
    if path is None:
        abort(404)
    is_own = version == _hash_of(path)
    if not is_own and wants_exactly():
        abort(404)
    response = send_from_directory(path, filename)
    if is_own:
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


def modules_of(folder: str) -> dict[str, str]:
    """The addresses of the scripts of a folder, by their names without «.js»."""
    path = Path(current_app.static_folder or "") / folder
    version = _hash_of(str(path))
    return {
        script.stem: url_for("modules.static", folder=folder, version=version, filename=script.name)
        for script in sorted(path.glob("*.js"))
    }


def _hash_of(folder: str) -> str:
    """The hash of all scripts of a folder."""
    scripts = sorted(Path(folder).glob("*.js"))
    return blake2b(
        "".join(_hash(str(path), path.stat().st_mtime_ns) for path in scripts).encode(), digest_size=6
    ).hexdigest()


@lru_cache(maxsize=256)
def _hash(path: str, _changed: int) -> str:
    return blake2b(Path(path).read_bytes(), digest_size=6).hexdigest()
