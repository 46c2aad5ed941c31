"""The thread of each worker that looks for new champions once a second and swaps the snapshot in one step."""

import gc
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from fenzhen.exports import Exports
from serving.champions import CatchUp, Load, Snapshot, next_snapshot, vanished
from serving.repeated_look import RepeatedLook

logger = logging.getLogger("serving.watcher")


class Watcher(RepeatedLook):
    """Keeps :attr:`snapshot` up to date.

    ``snapshot`` is replaced, never changed: a request takes it once and keeps it to its end. A refused champion is
    tried again every ``retry_seconds`` (its files may still be arriving on a shared volume).
    """

    def __init__(
        self, exports: Exports, load: Load, *, interval_seconds: float = 1.0, retry_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic, catch_up: CatchUp = lambda _: None,
    ) -> None:
        super().__init__("champions", interval_seconds, logger)
        self.snapshot = Snapshot(unreadable="the first look at the exported champions is not done yet")
        self._exports = exports
        self._load = load
        self._retry = retry_seconds
        self._clock = clock
        self._catch_up = catch_up
        self._stamp: object = None
        self._retry_at: float | None = 0.0

    @property
    def ready(self) -> bool:
        """Whether anything can be answered: tickets, or lists of what was scored."""
        return bool(self.snapshot.served or self.snapshot.cohorts)

    def look(self) -> None:
        """Look once: load what changed, and tell when a running version's folder is gone."""
        stamp = self._exports.stamp()
        now = self._clock()
        if stamp != self._stamp or (self._retry_at is not None and now >= self._retry_at):
            self._swap(next_snapshot(self.snapshot, self._exports, self._load, self._catch_up))
            self._stamp = stamp
            failed = self.snapshot.refused or self.snapshot.unreadable
            self._retry_at = now + self._retry if failed else None
        gone = vanished(self.snapshot)
        if gone != self.snapshot.gone:
            self._swap(replace(self.snapshot, gone=gone))

    def _swap(self, snapshot: Snapshot) -> None:
        before = self.snapshot
        if snapshot.problem and snapshot.problem != before.problem:
            logger.warning("exported champions unreadable", extra={"facts": {"reason": snapshot.problem}})
        if snapshot.served and not before.served:
            gc.collect()
            gc.freeze()
        self.snapshot = snapshot
