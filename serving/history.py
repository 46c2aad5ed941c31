"""What has happened lately, for the models that need it: each served model has a state, fed from the store's events.

The fit may be old, the history is fresh: events that any worker or ``fenzhen ingest`` wrote are read within seconds by
every worker, in a thread of its own. Requests wait for a few dozen events at most, never for the store.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from fenzhen.errors import StoreError
from fenzhen.store import Store, TicketEvent
from serving.event_feed import EventFeed
from serving.metrics import counted
from serving.repeated_look import RepeatedLook
from serving.store_link import StoreLink

__all__ = ["MOST_EVENTS", "Follower", "History", "history_of"]

MOST_EVENTS = 200_000
"""A state begins with so many of the newest events; what was before it has from its training."""
SLICE = 50
BREATH_SECONDS = 0.005
CATCH_UP_SECONDS = 10.0
"""So long a new version waits for its history at most; what is left it reads while it answers."""

logger = logging.getLogger("serving.history")


class History:
    """A model's state and where it stands in the store's events."""

    def __init__(self, state: Any, *, most: int = MOST_EVENTS) -> None:
        self._state = state
        self._feed = EventFeed(most)
        self._lock = threading.Lock()
        self._loan = _Loan(state, self._lock)

    def lent(self) -> AbstractContextManager[Any]:
        """Lend the state; nobody changes it meanwhile."""
        return self._loan

    def read_on(self, store: Store) -> int:
        """Take in the next events; return how many those were."""
        events = self._feed.next(store)
        for start in range(0, len(events), SLICE):
            part = events[start : start + SLICE]
            with self._lock:
                self._state.file([_filed(event) for event in part if event.event == "created"])
                self._state.update([_happened(event) for event in part])
        return len(events)


class _Loan(AbstractContextManager[Any]):
    """The state for as long as its lock is held; made once, for every model of every request borrows its own."""

    def __init__(self, state: Any, lock: threading.Lock) -> None:
        self._state, self._lock = state, lock

    def __enter__(self) -> Any:
        self._lock.acquire()
        return self._state

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def history_of(scorer: Any) -> History | None:
    """Return a history for a scorer that works on one, as it was when it was trained; None for others."""
    return History(scorer.new_state()) if hasattr(scorer, "new_state") else None


class Follower(RepeatedLook):
    """The thread of each worker that feeds the histories of whatever is served."""

    def __init__(
        self, link: StoreLink, histories: Callable[[], Iterable[History]], *, interval_seconds: float = 1.0
    ) -> None:
        super().__init__("events", interval_seconds, logger)
        self._link = link
        self._histories = histories
        self._looking = threading.Lock()

    def look(self) -> None:
        """Read until nothing is new, taking breath between chunks so that requests are answered."""
        with self._looking:
            for history in self._histories():
                self._read_up(history)

    def catch_up(self, history: History) -> None:
        """Read on with a history that is not among those followed yet; a store that is away keeps nobody waiting."""
        with contextlib.suppress(StoreError):  # told and counted by the link
            self._read_up(history, time.monotonic() + CATCH_UP_SECONDS)

    def _read_up(self, history: History, until: float = float("inf")) -> None:
        while (read := self._read(history)) and not self.stopped and time.monotonic() < until:
            counted().history_read(read)
            time.sleep(BREATH_SECONDS)

    def _read(self, history: History) -> int:
        with self._link.lend("history") as store:
            return history.read_on(store)


def _filed(event: TicketEvent) -> Mapping[str, Any]:
    """Return a ticket as filed."""
    return {**event.values, "ticket_id": event.ticket_id, "created_at": event.at}


def _happened(event: TicketEvent) -> Mapping[str, Any]:
    return {**event.values, "ticket_id": event.ticket_id, "event": event.event, "at": event.at}

