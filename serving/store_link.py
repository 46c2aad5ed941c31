"""The worker's way to the store: opened off the event loop, opened again when it was away, failures counted."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fenzhen.errors import StoreBusy, StoreError
from fenzhen.store import Store, open_store
from serving.metrics import counted

LOCK_TIMEOUT_SECONDS = 2.0
RETRY_SECONDS = 1.0

logger = logging.getLogger("serving.store")


class StoreLink:
    """Lends the store to this worker's threads."""

    def __init__(
        self, url: str, *, open_: Callable[..., Store] = open_store, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._open = open_
        self._clock = clock
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._failed: tuple[float, StoreError] | None = None
        self._told: str | None = None

    @contextmanager
    def lend(self, operation: str) -> Iterator[Store]:
        """Lend the store for one use named ``operation``; its ``StoreError`` is counted, told once and passed on."""
        try:
            yield self._opened()
        except StoreError as error:
            counted().store_failed(operation)
            if str(error) != self._told:
                self._told = str(error)
                logger.warning("store failed", extra={"facts": {"operation": operation, "reason": str(error)}})
            raise
        if self._told is not None:
            self._told = None
            logger.info("store works again", extra={"facts": {"operation": operation}})

    def close(self) -> None:
        """Close the store if it is open."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = None

    def _opened(self) -> Store:
        """Return the open store; after a failure nobody tries again for a second."""
        if self._store is not None:
            return self._store
        with self._lock:
            if self._store is None:
                self._refuse_early()
                try:
                    self._store = self._open(self._url, lock_timeout_seconds=LOCK_TIMEOUT_SECONDS)
                except StoreError as error:
                    self._failed = (self._clock(), error)
                    raise
            return self._store

    def _refuse_early(self) -> None:
        if self._failed is not None and self._clock() - self._failed[0] < RETRY_SECONDS:
            raise StoreBusy(str(self._failed[1]))
