"""Keeps secrets out of the logs: paths with an activation code or the secret of a calendar are written as /a/***."""

from __future__ import annotations

import logging
import re

from flask import Flask

_CODE = re.compile(r"(/a/|%2Fa%2F|/diary/calendar/|%2Fdiary%2Fcalendar%2F)[^\s\"'?&]+", re.IGNORECASE)


class _NoCodes(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        clean = _CODE.sub(r"\1***", text)
        if clean != text:
            record.msg, record.args = clean, ()
        return True


_no_codes = _NoCodes()


def keep_out(app: Flask) -> None:
    """Every logger that writes the path of a request."""
    for logger in (app.logger, *map(logging.getLogger, ("werkzeug", "gunicorn.access", "gunicorn.error"))):
        logger.addFilter(_no_codes)
