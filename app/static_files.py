"""Static files carry the hash of their content in their address, so that browsers may keep them for good."""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
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

    def keep_long(response: Response) -> Response:
        asked = request.args.get("v")
        if asked and response.status_code in (200, 304):
            filename = (request.view_args or {}).get("filename")
            if asked == version_of(request.endpoint, filename):
                response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
        return response

    app.url_defaults(add_version)
    app.after_request(keep_long)


@lru_cache(maxsize=256)
def _hash(path: str, _changed: int) -> str:
    return blake2b(Path(path).read_bytes(), digest_size=6).hexdigest()
