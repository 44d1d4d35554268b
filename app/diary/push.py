"""/diary/push/: a browser puts itself on the list of those that take notifications, and takes itself off."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app import policy
from app.auth import signed_in
from app.delivery import vapid
from app.extensions import db
from app.notifications import devices
from app.people.refusal import Refusal

blueprint = Blueprint("push", __name__, url_prefix="/diary/push")


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    """Families and staff alike."""
    return None if isinstance(policy.actor_of(db.session()), policy.Actor) else signed_in.ask_to_sign_in()


@blueprint.get("/key")
def key() -> ResponseReturnValue:
    """The key to subscribe with (applicationServerKey)."""
    return jsonify(key=vapid.public_key(current_app.config["SECRET_KEY"]))


@blueprint.post("/subscribe")
def subscribe() -> ResponseReturnValue:
    """Take what PushSubscription.toJSON() gives; 422 with the reason for what cannot be sent to."""
    actor = policy.actor_of(db.session())
    try:
        browser = devices.read(request.get_json(silent=True), current_app.config["PUSH_SERVICES"])
    except Refusal as refusal:
        return jsonify(error="push", message=str(refusal)), 422
    with policy.system() as session:
        devices.free(session, browser["endpoint"], actor.user_id)
    devices.subscribe(db.session(), browser, request.user_agent.string, actor.now)
    db.session.commit()
    return jsonify(subscribed=True)


@blueprint.post("/unsubscribe")
def unsubscribe() -> ResponseReturnValue:
    """Take ``{"endpoint": …}`` off the person's list; it does not matter whether it was on it."""
    sent = request.get_json(silent=True)
    endpoint = sent.get("endpoint") if isinstance(sent, dict) else None
    if not isinstance(endpoint, str) or not endpoint or "\0" in endpoint:
        abort(400)
    devices.unsubscribe(db.session(), endpoint=endpoint)
    db.session.commit()
    return jsonify(subscribed=False)
