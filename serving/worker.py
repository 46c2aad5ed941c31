"""All that lives in one worker process beside the endpoints: champions, their histories, modes, keys, people, store."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from fenzhen.errors import StoreError
from fenzhen.exports import Exports
from fenzhen.store import AssigneeState, Modes
from models.artefact import load_scorer
from serving.accounts.indexes import RiskIndexes
from serving.accounts.reading import MODEL
from serving.champions import Snapshot
from serving.config import ServingConfig
from serving.controls import Controls
from serving.devices.forecaster import Forecaster
from serving.devices.reading import MODEL as DEVICES
from serving.gate import Gate
from serving.history import Follower
from serving.keys import KeyRing
from serving.metrics import forget_dead_workers
from serving.routing.roster import Roster
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
        self.follower = Follower(self.link, lambda: self.watcher.snapshot.histories)
        self.watcher = Watcher(Exports(config.exports_dir), load_scorer, catch_up=self.follower.catch_up)
        self.writer = Writer(self.link)
        self.risks = RiskIndexes(self.link)
        self.forecaster = Forecaster(Exports(config.exports_dir), load_scorer, DEVICES)
        self.zone = ZoneInfo(config.time_zone)
        self.exporting = asyncio.Semaphore(1)
        self._joined: tuple[Snapshot, Modes | None, Sequence[AssigneeState], Snapshot] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """What is served at this moment, under the modes of this moment, to the people of this moment."""
        now = self.watcher.snapshot, self.controls.modes, self.controls.assignees
        joined = self._joined
        if joined is None or any(before is not each for before, each in zip(joined[:3], now, strict=True)):
            joined = *now, _joined(*now)
            self._joined = joined
        return joined[3]

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
        self.follower.start()
        self.risks.warm(MODEL)

    def stop(self) -> None:
        """Write what waits for the store, then let everything go."""
        self.follower.stop()
        self.watcher.stop()
        self.controls.stop()
        self.writer.stop()
        self.keys.close()
        self.link.close()


def _joined(snapshot: Snapshot, modes: Modes | None, assignees: Sequence[AssigneeState]) -> Snapshot:
    """Return the snapshot under the modes; the same one while nobody has set or told anything."""
    policy = snapshot.policy if modes is None else replace(snapshot.policy, ceiling=modes.mode)
    return replace(snapshot, policy=policy, roster=Roster.of(assignees))
