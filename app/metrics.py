"""What the service counts about itself. No label ever holds text or an address: each comes from a short list."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.engine import Counts


class Metrics:
    """The counters of one service, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter("clausewise_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
        self._seconds = Histogram(
            "clausewise_lint_seconds",
            "Time to read one draft.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        self._warnings = Counter("clausewise_warnings", "Warnings given.", ["check", "severity"], registry=registry)
        self._incomplete = Counter("clausewise_drafts_incomplete", "Drafts of which a part was not read.", registry=registry)
        self._refused = Counter("clausewise_drafts_refused", "Drafts of a batch that were answered with a problem.", registry=registry)
        self._directory = Gauge("clausewise_directory_ready", "1 while the directory can be read, else 0.", registry=registry)

    def request(self, method: str, route: str, status: int) -> None:
        self._requests.labels(method, route, status).inc()

    def draft(self, counts: Counts | None) -> None:
        """Count a draft that was read, or (None) refused."""
        if counts is None:
            self._refused.inc()
            return
        self._seconds.observe(counts.seconds)
        self._incomplete.inc(not counts.complete)
        for check, severity in counts.warnings:
            self._warnings.labels(check, severity).inc()

    def exposition(self, directory_ready: bool) -> bytes:
        """Everything in the text format of Prometheus."""
        self._directory.set(directory_ready)
        return generate_latest(self._registry)
