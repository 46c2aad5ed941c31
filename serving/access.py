"""Who may call what: the one table of every route. A path that is not in it does not exist.

The gate reads it before anything else sees a request; a test holds it against the routes of the application.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

ROUTE = "fenzhen.route"
"""The place of the request's :class:`Access` in an ASGI scope."""
OPEN = "open"
"""Anyone may read it: it says nothing about tickets or models."""
METRICS = "metrics"
"""As the setting ``FENZHEN_METRICS`` says."""
DOCS = "docs"
"""As the setting ``FENZHEN_DOCS`` says."""
PAGE = "page"
"""A page, which asks for a session itself."""
MARKS = (OPEN, METRICS, DOCS, PAGE)

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Access:
    """A route, and the scopes of which a key needs one, or a single mark."""

    method: str
    path: str
    scopes: tuple[str, ...]
    body_limit_bytes: int = MEBIBYTE

    @property
    def mark(self) -> str | None:
        """The mark, None where a key's scope decides."""
        return self.scopes[0] if self.scopes[0] in MARKS else None


_READERS = ("triage", "feedback", "admin")

TABLE: tuple[Access, ...] = (
    Access("POST", "/v1/classify", ("triage",)),
    Access("POST", "/v1/triage", ("triage",)),
    Access("POST", "/v1/triage/batch", ("triage",), body_limit_bytes=16 * MEBIBYTE),
    Access("POST", "/v1/route", ("triage",)),
    Access("POST", "/v1/assign", ("triage",), body_limit_bytes=16 * MEBIBYTE),
    Access("GET", "/v1/assignees", ("triage", "events", "admin")),
    Access("PUT", "/v1/assignees/{assignee_id}", ("events", "admin")),
    Access("DELETE", "/v1/assignees/{assignee_id}", ("events", "admin")),
    Access("POST", "/v1/events", ("events",)),
    Access("POST", "/v1/feedback", ("feedback",)),
    Access("GET", "/v1/models", _READERS),
    Access("GET", "/v1/taxonomy", _READERS),
    Access("GET", "/v1/modes", ("admin",)),
    Access("PUT", "/v1/modes/{field}", ("admin",)),
    Access("GET", "/v1/churn/accounts", ("churn",)),
    Access("GET", "/v1/churn/accounts/{id}", ("churn",)),
    Access("POST", "/v1/churn/accounts/{id}/outcomes", ("churn",)),
    Access("GET", "/v1/devices/alerts", ("devices",)),
    Access("GET", "/v1/devices/parts", ("devices",)),
    Access("POST", "/v1/devices/forecast", ("devices",), body_limit_bytes=16 * MEBIBYTE),
    Access("GET", "/v1/devices/{id}", ("devices",)),
    Access("POST", "/v1/devices/alerts/{id}/close", ("devices",)),
    Access("GET", "/livez", (OPEN,)),
    Access("GET", "/healthz", (OPEN,)),
    Access("GET", "/readyz", (OPEN,)),
    Access("GET", "/metrics", (METRICS,)),
    Access("GET", "/", (DOCS,)),
    Access("GET", "/docs", (DOCS,)),
    Access("GET", "/docs.json", (DOCS,)),
    Access("GET", "/docs/start.js", (DOCS,)),
    Access("GET", "/schema.json", (DOCS,)),
    Access("GET", "/static_content/{file}", (DOCS,)),
    Access("GET", "/app", (PAGE,)),
    Access("GET", "/app/", (PAGE,)),
    Access("GET", "/app/sign-in", (PAGE,)),
    Access("POST", "/app/sign-in", (PAGE,)),
    Access("POST", "/app/sign-out", (PAGE,)),
    Access("GET", "/app/triage", (PAGE,)),
    Access("POST", "/app/triage", (PAGE,), body_limit_bytes=4 * MEBIBYTE),
    Access("POST", "/app/feedback", (PAGE,), body_limit_bytes=4 * MEBIBYTE),
    Access("GET", "/app/churn", (PAGE,)),
    Access("GET", "/app/account", (PAGE,)),
    Access("GET", "/app/accounts-file", (PAGE,)),
    Access("POST", "/app/outcome", (PAGE,)),
    Access("GET", "/app/devices", (PAGE,)),
    Access("GET", "/app/device", (PAGE,)),
    Access("GET", "/app/alerts-file", (PAGE,)),
    Access("POST", "/app/alert", (PAGE,)),
    Access("GET", "/app/static/{file}", (PAGE,)),
)


class Routes:
    """Finds the row of a request."""

    def __init__(self, table: Iterable[Access] = TABLE) -> None:
        self._exact: dict[str, dict[str, Access]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Access]]] = []
        for path, rows in _by_path(table).items():
            if "{" in path:
                self._patterns.append((re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), rows))
            else:
                self._exact[path] = rows

    def find(self, path: str) -> Mapping[str, Access]:
        """Return the rows of a path by method, HEAD included; empty for a path that does not exist.

        >>> sorted(routes().find("/v1/modes/category")), routes().find("/v1/nothing")
        (['PUT'], {})
        """
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return next((rows for pattern, rows in self._patterns if pattern.fullmatch(path)), {})


@cache
def routes() -> Routes:
    """Return the finder over :data:`TABLE`."""
    return Routes()


def _by_path(table: Iterable[Access]) -> dict[str, dict[str, Access]]:
    found: dict[str, dict[str, Access]] = {}
    for row in table:
        found.setdefault(row.path, {})[row.method] = row
        if row.method == "GET":
            found[row.path]["HEAD"] = row
    return found
