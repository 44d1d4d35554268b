"""/healthz: whether this process can do its work."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.delivery import outbox
from app.extensions import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when the database answers and is migrated, with the length and age of the message queue; 503 otherwise."""
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version")).one()
            queue = outbox.backlog(connection, datetime.now(UTC))
    except SQLAlchemyError:
        return jsonify(database="unavailable"), 503
    return jsonify(database="ok", queue=queue)
