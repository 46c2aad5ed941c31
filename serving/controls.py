"""What people change while the service runs: modes, keys and assignees, looked for in the store once a second."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from fenzhen.store import AssigneeState, Modes, Revisions
from serving.repeated_look import RepeatedLook
from serving.store_link import StoreLink

PURGE_SECONDS = 3600.0

logger = logging.getLogger("serving.controls")


class Controls(RepeatedLook):
    """Keeps :attr:`modes` and :attr:`assignees` up to date, calls ``keys_changed`` when a key was created or revoked.

    ``modes`` is None until the store was read for the first time: decisions are suggestions at most then. While the
    store is away the last known modes hold.
    """

    def __init__(
        self, link: StoreLink, keys_changed: Callable[[], None], *, interval_seconds: float = 1.0
    ) -> None:
        super().__init__("modes and keys", interval_seconds, logger)
        self.modes: Modes | None = None
        self.assignees: Sequence[AssigneeState] = ()
        self._link = link
        self._keys_changed = keys_changed
        self._seen: Revisions | None = None
        self._purge_at = time.monotonic() + PURGE_SECONDS
        self._looking = threading.Lock()

    def look(self) -> None:
        """Look once."""
        with self._looking, self._link.lend("controls") as store:
            found = store.revisions()
            if self._seen is None or found.keys != self._seen.keys:
                self._keys_changed()
            if self._seen is None or found.modes != self._seen.modes:
                self.modes = store.modes()
                logger.info("modes read", extra={"facts": {"revision": found.modes}})
            if self._seen is None or found.assignees != self._seen.assignees:
                self.assignees = store.assignees()
            self._seen = found

    def _purge(self) -> None:
        """Throw expired idempotency keys and sessions away, once an hour."""
        if time.monotonic() >= self._purge_at:
            self._purge_at = time.monotonic() + PURGE_SECONDS
            with self._link.lend("purge") as store:
                store.purge()

    def _turn(self) -> None:
        self.look()
        self._purge()
