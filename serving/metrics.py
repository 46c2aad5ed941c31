"""What the service counts for Prometheus. Label sets are bounded: what matches no route is ``unmatched``.

``fenzhen_requests_total``            route, method, status   HTTP requests answered
``fenzhen_request_seconds``           route                   from a request's head to its answer
``fenzhen_predictions_total``         field, model, version, decision
``fenzhen_unavailable_total``         field, code             fields that nothing answered
``fenzhen_scoring_seconds``           model                   one ticket, or one bulk of tickets
``fenzhen_champion_swaps_total``      field                   champions taken into use, by worker
``fenzhen_champions_refused_total``   model                   champions that failed verification, by worker
``fenzhen_fields_served``                                     fields with a champion (lowest of the workers)
``fenzhen_refused_total``             reason                  requests that did not come in: no_key, bad_key, scope, …
``fenzhen_in_flight``                                         requests in hand, all workers
``fenzhen_queue_depth``                                       writes waiting for the store, all workers
``fenzhen_store_failures_total``      operation
``fenzhen_predictions_dropped_total``                         answered, but never written to the store
``fenzhen_feedback_total``            verdict
``fenzhen_events_total``              event
``fenzhen_history_events_total``                              events that histories have taken in, by worker
``fenzhen_assignments_total``         method, outcome         tickets of /v1/assign: assigned or the reason why not
``fenzhen_assignees_told_total``      what                    changes of people: ``status``, ``other``, ``forgotten``
``fenzhen_outcomes_total``            outcome                 what people did about accounts at risk
``fenzhen_alerts_closed_total``       outcome                 how alerts of devices ended
"""

import os
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from starlette.types import Scope

UNMATCHED = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.0, 2.0, 4.0, 8.0)

_COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "requests": ("HTTP requests answered", ("route", "method", "status")),
    "predictions": ("Answers by field", ("field", "model", "version", "decision")),
    "unavailable": ("Fields that nothing answered", ("field", "code")),
    "champion_swaps": ("Champions taken into use", ("field",)),
    "champions_refused": ("Champions that failed verification", ("model",)),
    "refused": ("Requests that did not come in", ("reason",)),
    "store_failures": ("Failed uses of the store", ("operation",)),
    "predictions_dropped": ("Answered predictions that were never written", ()),
    "feedback": ("Feedback taken in", ("verdict",)),
    "events": ("Ticket events taken in", ("event",)),
    "history_events": ("Events that histories have taken in", ()),
    "assignments": ("Tickets of whole assignments", ("method", "outcome")),
    "assignees_told": ("Changes of people taken in", ("what",)),
    "outcomes": ("Outcomes of accounts at risk taken in", ("outcome",)),
    "alerts_closed": ("Alerts of devices that people closed", ("outcome",)),
}
_HISTOGRAMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "request_seconds": ("Seconds from a request's head to its answer", ("route",)),
    "scoring_seconds": ("Seconds of scoring", ("model",)),
}
_GAUGES: Mapping[str, tuple[str, Literal["livesum", "livemin"]]] = {
    "in_flight": ("Requests in hand", "livesum"),
    "queue_depth": ("Writes waiting for the store", "livesum"),
    "fields_served": ("Fields with a champion", "livemin"),
}


class Counted:
    """The counters of this process."""

    def __init__(self, registry: Any = None) -> None:
        from prometheus_client import REGISTRY, Counter, Gauge, Histogram

        kept = registry or REGISTRY
        self._counters = {
            name: Counter(f"fenzhen_{name}", text, labels, registry=kept) for name, (text, labels) in _COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(f"fenzhen_{name}", text, labels, buckets=BUCKETS, registry=kept)
            for name, (text, labels) in _HISTOGRAMS.items()
        }
        self._gauges = {
            name: Gauge(f"fenzhen_{name}", text, multiprocess_mode=mode, registry=kept)
            for name, (text, mode) in _GAUGES.items()
        }
        self._labelled = lru_cache(maxsize=1024)(self._find)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answered request."""
        route = route_label(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._labelled("requests", route, method, str(status)).inc()
        self._labelled("request_seconds", route).observe(seconds)

    def predicted(self, field: str, model: str, version: int, decision: str, count: int = 1) -> None:
        """Count answers of one field."""
        self._labelled("predictions", field, model, str(version), decision).inc(count)

    def unavailable(self, field: str, code: str) -> None:
        """Count a field that nothing answered."""
        self._labelled("unavailable", field, code).inc()

    def scored(self, model: str, seconds: float) -> None:
        """Observe the time of a model."""
        self._labelled("scoring_seconds", model).observe(seconds)

    def swapped(self, field: str) -> None:
        """Count a champion taken into use."""
        self._labelled("champion_swaps", field).inc()

    def champion_refused(self, model: str) -> None:
        """Count a champion that failed verification."""
        self._labelled("champions_refused", model).inc()

    def refused(self, reason: str) -> None:
        """Count a request that did not come in."""
        self._labelled("refused", reason).inc()

    def store_failed(self, operation: str) -> None:
        """Count a failed use of the store."""
        self._labelled("store_failures", operation).inc()

    def dropped(self, count: int) -> None:
        """Count predictions that will never be written."""
        self._counters["predictions_dropped"].inc(count)

    def taken(self, what: str, kind: str) -> None:
        """Count ``feedback`` by verdict, ``events`` by event, ``outcomes`` or ``assignees_told`` by what changed."""
        self._labelled(what, kind).inc()

    def history_read(self, count: int) -> None:
        """Count events that a history has taken in."""
        self._counters["history_events"].inc(count)

    def assigned(self, method: str, outcome: str, count: int) -> None:
        """Count tickets of a whole assignment."""
        self._labelled("assignments", method, outcome).inc(count)

    def in_flight(self, count: int) -> None:
        """Set the requests in hand."""
        self._gauges["in_flight"].set(count)

    def queued(self, count: int) -> None:
        """Set the writes that wait."""
        self._gauges["queue_depth"].set(count)

    def serving(self, fields: int) -> None:
        """Set the number of fields with a champion."""
        self._gauges["fields_served"].set(fields)

    def _find(self, name: str, *labels: str) -> Any:
        return (self._counters.get(name) or self._histograms[name]).labels(*labels)


@cache
def counted() -> Counted:
    """Return the counters, made once a process.

    ``prometheus_client`` is imported late because it looks at ``PROMETHEUS_MULTIPROC_DIR`` when imported.
    """
    return Counted()


def forget_dead_workers() -> None:
    """Take the gauges of workers that were killed out of the sums."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return
    from prometheus_client.multiprocess import mark_process_dead

    for path in Path(folder).glob("gauge_live*_*.db"):
        pid = path.stem.rsplit("_", 1)[1]
        if pid.isdigit() and not Path("/proc", pid).exists():
            mark_process_dead(int(pid), folder)


def route_label(scope: Scope) -> str:
    """Return the template of the route that was asked for (``/v1/models``), never the path as sent.

    >>> route_label({"path": "/wp-admin.php"})
    'unmatched'
    """
    row = scope.get("fenzhen.route")
    return UNMATCHED if row is None else str(row.path)
