"""The threads of a worker that look for news again and again."""

import logging
import threading
from abc import ABC, abstractmethod

from fenzhen.errors import StoreError
from serving.logs import without_text

__all__ = ["RepeatedLook"]


class RepeatedLook(ABC):
    """Looks from :meth:`start` to :meth:`stop`, off the event loop, every ``interval_seconds``; no error ends it."""

    def __init__(self, about: str, interval_seconds: float, logger: logging.Logger) -> None:
        self._about, self._interval, self._logger = about, interval_seconds, logger
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def look(self) -> None:
        """Look once."""

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name=self._about, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; a look under way is waited for, at most five seconds."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    @property
    def stopped(self) -> bool:
        """Whether a look under way should come to an end."""
        return self._stopped.is_set()

    def _turn(self) -> None:
        """Do what is done each time."""
        self.look()

    def _run(self) -> None:
        while True:
            try:
                self._turn()
            except StoreError:
                pass  # told and counted by the link
            except Exception as error:
                self._logger.error("looking for %s failed", self._about, extra={"facts": without_text(error)})
            if self._stopped.wait(self._interval):
                return
