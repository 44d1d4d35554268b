"""/metrics for Prometheus: what happens here, counted over all processes of this machine; off unless asked for.

With METRICS_TOKEN it answers to whoever holds the token, with METRICS=1 to this machine. What stands in the database
is asked there, so that any web server tells it of the whole installation.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, request, request_started
from sqlalchemy import ExceptionContext, event, func, select
from sqlalchemy.exc import SQLAlchemyError

from app import health, signals
from app.delivery import outbox, pulse
from app.extensions import db
from app.models import SignIn

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
LATELY = timedelta(minutes=15)


def register(app: Flask) -> None:
    """Count, and answer /metrics; without the settings nothing of it is there."""
    if not (app.config["METRICS"] or app.config["METRICS_TOKEN"]):
        return
    folder = Path(os.environ.setdefault(FOLDER, str(Path(app.instance_path) / "metrics")))
    folder.mkdir(parents=True, exist_ok=True)
    _count(app)
    blueprint = Blueprint("metrics", __name__)
    blueprint.add_url_rule("/metrics", "show", show)
    app.register_blueprint(blueprint)


def show() -> Response:
    """All numbers in the text format of Prometheus."""
    if not health.may_look():
        abort(404)
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Installation())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Installation:
    """What the database knows, asked anew for each answer."""

    def collect(self) -> Iterator[Any]:
        """The gauges; only ``journal_database_up`` when the database does not answer."""
        from prometheus_client.core import GaugeMetricFamily

        try:
            with health.reading() as connection:
                known = numbers(connection, datetime.now(UTC))
        except SQLAlchemyError:
            known = {"journal_database_up": ("Whether the database answers.", 0)}
        for name, (meaning, value) in known.items():
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value=value)


def numbers(connection: Any, now: datetime) -> dict[str, tuple[str, float | None]]:
    """By the name of the gauge: its meaning and its value, None for what never was."""
    queue, failed = outbox.backlog(connection, now), SignIn.__table__.c
    lately = select(func.count()).where(failed.at > now - LATELY, failed.succeeded.is_(False))
    return {
        "journal_database_up": ("Whether the database answers.", 1),
        "journal_queue_messages": ("Messages that wait to be sent.", queue["length"]),
        "journal_queue_oldest_due_seconds": ("For how long the oldest has been due.", queue["oldest_due_seconds"]),
        "journal_worker_seen_timestamp_seconds": ("When a worker was last at work.", _unix(pulse.latest(connection))),
        "journal_backup_timestamp_seconds": ("When the last backup was made.", _unix(health.last_backup(connection))),
        "journal_sign_in_failures_15m": ("Failed sign-ins of the last 15 minutes.", connection.scalar(lately)),
    }


def _unix(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _count(app: Flask) -> None:
    """Listen to what is to be counted."""
    from app import meters

    def begin(_app: Flask) -> None:
        g.counted_from = time.perf_counter()
        meters.IN_FLIGHT.inc()

    def end(response: Response) -> Response:
        endpoint = request.endpoint or "-"
        meters.REQUESTS.labels(request.method, endpoint, response.status_code).inc()
        meters.SECONDS.labels(endpoint).observe(time.perf_counter() - g.counted_from)
        return response

    def leave(_error: BaseException | None) -> None:
        if g.pop("counted_from", None) is not None:
            meters.IN_FLIGHT.dec()

    def edits(_sender: object, results: Any) -> None:
        for result in results:
            meters.EDITS.labels(result.get("status", "-")).inc()

    def delivery(_sender: object, channel: str, outcome: str) -> None:
        meters.DELIVERIES.labels(channel, outcome.removeprefix("record_")).inc()

    def database_error(context: ExceptionContext) -> None:
        meters.DATABASE_ERRORS.labels(type(context.original_exception).__name__).inc()

    request_started.connect(begin, app, weak=False)
    app.after_request(end)
    app.teardown_request(leave)
    signals.edits_answered.connect(edits, weak=False)
    signals.delivery_recorded.connect(delivery, weak=False)
    with app.app_context():
        event.listen(db.engine, "handle_error", database_error)
