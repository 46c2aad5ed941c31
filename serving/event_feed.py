"""The events of the store in the order they were written, each handed out once, whoever wrote it."""

import time
from collections.abc import Callable, Sequence

from fenzhen.store import Store, TicketEvent

__all__ = ["EventFeed"]

CHUNK = 500
MOST_GAPS = 500
GAP_SECONDS = 60.0
"""A transaction that took a number and has not committed for so long never will."""


class EventFeed:
    """Reads on from where it stood; begins ``most`` events before the newest, so that memory has a bound.

    A number that was passed over is asked for again for a minute: on PostgreSQL a transaction may take a lower number
    and commit later.
    """

    def __init__(self, most: int, *, chunk: int = CHUNK, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._chunk = chunk
        self._clock = clock
        self._last: int | None = None
        self._gaps: dict[int, float] = {}

    def next(self, store: Store) -> list[TicketEvent]:
        """Return the next events, at most a chunk of new and of late ones; empty when there are none for now."""
        if self._last is None:
            self._last = store.number_before_newest(self._most)
        late = self._late(store)
        new = store.events_after(self._last, self._chunk)
        self._pass([number for number, _ in new])
        return [*late, *(event for _, event in new)]

    def _late(self, store: Store) -> list[TicketEvent]:
        now = self._clock()
        self._gaps = {number: since for number, since in self._gaps.items() if now - since < GAP_SECONDS}
        if not self._gaps:
            return []
        found = store.events_numbered(list(self._gaps))
        for number, _ in found:
            del self._gaps[number]
        return [event for _, event in found]

    def _pass(self, numbers: Sequence[int]) -> None:
        """Move on, remembering the newest of the numbers that are missing."""
        now = self._clock()
        for number in numbers:
            first = max((self._last or 0) + 1, number - MOST_GAPS)
            self._gaps.update(dict.fromkeys(range(first, number), now))
            self._last = number
        if len(self._gaps) > MOST_GAPS:
            self._gaps = dict(sorted(self._gaps.items())[-MOST_GAPS:])
