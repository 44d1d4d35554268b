"""What is counted for /metrics, added up over the processes of this machine.

Imported by ``metrics.register`` alone, after it has said where the processes keep their numbers: prometheus_client
looks for that when it is imported.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

own = CollectorRegistry()
"""Not the one that is shown: that is put together anew for each answer, from all processes."""
REQUESTS = Counter(
    "journal_http_requests", "Requests answered.", ("method", "endpoint", "status"), registry=own
)  # fmt: skip
SECONDS = Histogram(
    "journal_http_request_seconds", "Seconds from a request to its answer.", ("endpoint",), registry=own,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
IN_FLIGHT = Gauge("journal_http_in_flight", "Requests being answered.", registry=own, multiprocess_mode="livesum")
EDITS = Counter("journal_edits", "Edits of the journal page by outcome.", ("outcome",), registry=own)
DELIVERIES = Counter("journal_deliveries", "Outcomes written by message workers.", ("channel", "outcome"), registry=own)
DATABASE_ERRORS = Counter("journal_database_errors", "Errors of the database by kind.", ("kind",), registry=own)
