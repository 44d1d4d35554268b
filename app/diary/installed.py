"""The diary as an app on a phone: its manifest, its service worker, and the page for times without a connection."""

from __future__ import annotations

from flask import Response, current_app, jsonify, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.diary.frame import OPEN, blueprint

SIZES = (192, 512)
OPEN.update({"diary.manifest", "diary.service_worker", "diary.offline"})


@blueprint.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """What a phone needs to know to install the diary (W3C Web Application Manifest)."""
    icons = [
        {"src": url_for("static", filename=f"diary/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": purpose}
        for size in SIZES for purpose in ("any", "maskable")
    ]  # fmt: skip
    answer = jsonify(
        id="/diary/",
        name=f"{_('Diary')} · {current_app.config['SCHOOL_NAME']}",
        short_name=_("Diary"),
        start_url=url_for("diary.start"),
        scope=url_for("diary.start"),
        display="standalone",
        background_color="#f4f5f7",
        theme_color="#1d5fb4",
        icons=icons,
    )
    answer.mimetype = "application/manifest+json"
    return _asked_again(answer)


@blueprint.get("/sw.js")
def service_worker() -> ResponseReturnValue:
    """The service worker; it stands here because it may only serve what lies beneath its own address."""
    folder = current_app.static_folder or ""
    return _asked_again(send_from_directory(folder, "diary/sw.js", mimetype="text/javascript"))


@blueprint.get("/offline/")
def offline() -> ResponseReturnValue:
    """What is shown without a connection in place of a page that was never seen; about nobody."""
    return _asked_again(Response(render_template("diary/offline.html")))


def _asked_again(answer: Response) -> Response:
    """Kept by the browser, which asks each time whether it has changed."""
    answer.headers["Cache-Control"] = "no-cache"
    return answer
