"""/healthz: whether this process can do its work."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when the database answers and is migrated, 503 otherwise."""
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version")).one()
    except SQLAlchemyError:
        return jsonify(database="unavailable"), 503
    return jsonify(database="ok")
