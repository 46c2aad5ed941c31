"""Requests counted by route, method and status. Label sets are bounded: what matches no route is ``unmatched``."""

from collections.abc import Callable
from functools import cache

from starlette.routing import Mount
from starlette.types import Scope

UNMATCHED = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.0, 2.0, 4.0, 8.0)


def route_label(scope: Scope) -> str:
    """Return the template of the route that answered (``/v1/models``), never the path as sent.

    >>> route_label({"path": "/wp-admin.php"})
    'unmatched'
    """
    route = scope.get("route")
    template = getattr(route, "path", None)
    if template is None:
        return UNMATCHED
    return str(template) if isinstance(route, Mount) else f"{scope.get('root_path', '')}{template}"


@cache
def request_observer() -> Callable[[Scope, int, float], None]:
    """Return what counts a request, by scope, status and seconds; the metrics exist once a process.

    ``prometheus_client`` is imported here because it looks at ``PROMETHEUS_MULTIPROC_DIR`` when imported.
    """
    from prometheus_client import Counter, Histogram

    labels = ("route", "method", "status")
    total = Counter("fenzhen_requests", "HTTP requests answered", labels)
    seconds = Histogram("fenzhen_request_seconds", "Seconds from a request's head to its answer", labels[:1],
                        buckets=BUCKETS)

    def observe(scope: Scope, status: int, elapsed: float) -> None:
        route = route_label(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        total.labels(route, method, str(status)).inc()
        seconds.labels(route).observe(elapsed)

    return observe
