"""The device model of this worker: loaded when it is first asked for, and anew when another one is champion."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenzhen.errors import FenzhenError
from fenzhen.exports import Champion, Exports

__all__ = ["Forecaster", "Loaded"]

LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A champion with its scorer."""

    champion: Champion
    scorer: Any

    @property
    def label(self) -> str:
        """Model and version as answers name them."""
        return f"{self.champion.model}/{self.champion.version}"


class Forecaster:
    """Lends the champion of ``model``; a champion that cannot be loaded leaves the one before in place."""

    def __init__(
        self, exports: Exports, load: Callable[[Path, str], Any], model: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exports, self._load, self._model, self._clock = exports, load, model, clock
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None
        self._looked = float("-inf")

    def current(self) -> Loaded | None:
        """Return what answers, None where there is no champion yet; looks again after two seconds. In a thread."""
        with self._lock:
            if self._clock() - self._looked >= LOOK_SECONDS:
                self._look()
                self._looked = self._clock()
            return self._loaded

    def _look(self) -> None:
        try:
            champion = self._exports.champion(self._model)
            running = None if self._loaded is None else self._loaded.champion.manifest_sha256
            if champion is not None and champion.manifest_sha256 != running:
                self._loaded = Loaded(champion, self._load(champion.folder, champion.manifest_sha256))
        except FenzhenError:
            return
