"""Decides whether a request comes in: its path exists, its key may, its sender is not too fast, there is room."""

from collections.abc import Mapping

from starlette.types import Scope

from fenzhen.store import KeyRecord
from serving.access import DOCS, METRICS, OPEN, PAGE, ROUTE, Access, Routes, routes
from serving.config import Opening
from serving.keys import KEY, KeyRing, key_text, require_usable
from serving.metrics import counted
from serving.paths import path_in_parts
from serving.problems import ProblemError
from serving.rate_limit import RateLimit

BUSY_RETRY_SECONDS = 1


class Gate:
    """Admits requests; ``openings`` says what the marks ``metrics`` and ``docs`` mean here."""

    def __init__(
        self, keys: KeyRing, *, rate: float, in_flight: int, openings: Mapping[str, Opening],
        table: Routes | None = None,
    ) -> None:
        self._keys = keys
        self._rate = RateLimit(rate)
        self._most = in_flight
        self._routes = table or routes()
        self._openings = openings
        self._inside = 0

    async def admit(self, scope: Scope) -> Access:
        """Return the row of the request and keep it and its key in the scope; a problem if it may not come in.

        The scope's path becomes the one in parts, so that the routers inside see the path that the table was asked for.
        """
        scope["path"] = path_in_parts(scope)
        rows = self._routes.find(scope["path"])
        row = rows.get(scope["method"])
        if not rows or self._openings.get((row or next(iter(rows.values()))).scopes[0]) == "off":
            raise ProblemError(404, "There is nothing at this path.")
        if row is None:
            allowed = ", ".join(sorted(rows))
            raise ProblemError(405, f"Got {scope['method'][:20]}, expected {allowed}.", headers={"Allow": allowed})
        scope[ROUTE] = row
        if not self._is_open(row):
            scope[KEY] = await self._key(scope, row)
        return row

    def enter(self, row: Access) -> None:
        """Count a request in; a 503 where the worker has its hands full. Health checks always find room."""
        if self._inside >= self._most and row.mark != OPEN:
            counted().refused("overloaded")
            retry = {"Retry-After": str(BUSY_RETRY_SECONDS)}
            raise ProblemError(503, f"{self._most} requests are in hand already.", headers=retry)
        self._inside += 1
        counted().in_flight(self._inside)

    def leave(self) -> None:
        """Count a request out."""
        self._inside -= 1
        counted().in_flight(self._inside)

    def take(self, key: KeyRecord) -> None:
        """Count a request of a key; a 429 if it sends too many. Pages ask once they know whose session it is."""
        if wait := self._rate.take(key.id):
            counted().refused("rate")
            raise ProblemError(429, "The key has sent too many requests.", headers={"Retry-After": str(wait)})

    def _is_open(self, row: Access) -> bool:
        return row.mark in (OPEN, PAGE) or (row.mark in (METRICS, DOCS) and self._openings[row.mark] == "open")

    async def _key(self, scope: Scope, row: Access) -> KeyRecord:
        text = key_text(scope)
        if not text:
            counted().refused("no_key")
            raise ProblemError(401, "A key is needed: Authorization: Bearer … or X-API-Key: ….")
        try:
            record = require_usable(await self._keys.find(text))
        except ProblemError as problem:
            counted().refused("bad_key" if problem.status == 401 else "keys_unreadable")
            raise
        self._require_scope(record, row)
        self.take(record)
        return record

    def _require_scope(self, record: KeyRecord, row: Access) -> None:
        if row.mark is None and not any(record.has(scope) for scope in row.scopes):
            counted().refused("scope")
            wanted = " or ".join(row.scopes)
            raise ProblemError(403, f"The key lacks the scope that this needs: {wanted}.")
