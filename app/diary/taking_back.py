"""A family takes back what it has asked the class teacher to confirm."""

from __future__ import annotations

from flask import flash

from app.extensions import db
from app.people.refusal import Refusal
from app.requests import answers
from app.requests.answers import Request


def take_back(request: Request, said: str) -> None:
    """Withdraw a request and say so, or say why it can no longer be withdrawn; commits."""
    try:
        answers.withdraw(db.session(), request)
        db.session.commit()
        flash(said, "success")
    except Refusal as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
