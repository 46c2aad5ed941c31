"""All that lives in one worker process beside the endpoints: champions, modes, keys, the store's thread."""

import asyncio
import contextlib
from dataclasses import replace
from zoneinfo import ZoneInfo

from fenzhen.errors import StoreError
from fenzhen.exports import Exports
from fenzhen.store import Modes
from models.artefact import load_scorer
from serving.accounts.indexes import RiskIndexes
from serving.accounts.reading import MODEL
from serving.champions import Snapshot
from serving.config import ServingConfig
from serving.controls import Controls
from serving.gate import Gate
from serving.keys import KeyRing
from serving.metrics import forget_dead_workers
from serving.store_link import StoreLink
from serving.watcher import Watcher
from serving.writer import Writer


class Worker:
    """Made when the application is, started and stopped with it."""

    def __init__(self, config: ServingConfig) -> None:
        self.config = config
        self.link = StoreLink(config.store_url)
        self.keys = KeyRing(self.link)
        openings = {"metrics": config.metrics, "docs": config.docs}
        self.gate = Gate(self.keys, rate=config.rate, in_flight=config.in_flight, openings=openings)
        self.controls = Controls(self.link, self.keys.forget)
        self.watcher = Watcher(Exports(config.exports_dir), load_scorer)
        self.writer = Writer(self.link)
        self.risks = RiskIndexes(self.link)
        self.zone = ZoneInfo(config.time_zone)
        self.exporting = asyncio.Semaphore(1)
        self._joined: tuple[Snapshot, Modes | None, Snapshot] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """What is served at this moment, under the modes of this moment."""
        found, modes = self.watcher.snapshot, self.controls.modes
        joined = self._joined
        if joined is None or joined[0] is not found or joined[1] is not modes:
            joined = found, modes, found if modes is None else _under(found, modes)
            self._joined = joined
        return joined[2]

    def look_at_controls(self) -> None:
        """See a change of modes or keys at once, rather than within a second; in a thread, for it asks the store."""
        with contextlib.suppress(StoreError):
            self.controls.look()

    def start(self) -> None:
        """Begin to look for champions, modes and keys, and to write."""
        forget_dead_workers()
        self.writer.start()
        self.controls.start()
        self.watcher.start()
        self.risks.warm(MODEL)

    def stop(self) -> None:
        """Write what waits for the store, then let everything go."""
        self.watcher.stop()
        self.controls.stop()
        self.writer.stop()
        self.keys.close()
        self.link.close()


def _under(snapshot: Snapshot, modes: Modes) -> Snapshot:
    return replace(snapshot, policy=replace(snapshot.policy, ceiling=modes.mode))
