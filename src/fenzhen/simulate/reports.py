"""Tickets that must come: units that broke down, and units that break again after their repair."""

import heapq
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import count

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.journey import Journey
from fenzhen.simulate.scene import Cause, Scene

__all__ = ["Reports"]

PATIENT_DAYS = 4
AGAIN, AGAIN_UNSKILLED, AGAIN_THIRD = 0.05, 0.2, 0.25
REMEMBERED_DAYS = 90


class Reports:
    """Causes that wait until somebody reports them, and what was repaired lately."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Cause]] = []
        self._number = count()
        self._repaired: dict[str, datetime] = {}

    def expect(self, due: datetime, cause: Cause) -> None:
        """Let ``cause`` be reported by the first ticket at or after ``due``."""
        heapq.heappush(self._waiting, (due, next(self._number), cause))

    def due(self, moment: datetime, gone: Collection[str]) -> Cause | None:
        """Return the cause of the ticket that arrives at ``moment``, if one is due; who waited too long gives up."""
        while self._waiting and self._waiting[0][0] <= moment:
            since, _, cause = heapq.heappop(self._waiting)
            if moment - since < timedelta(days=PATIENT_DAYS) and cause.device.customer.customer_id not in gone:
                return cause
        return None

    def is_repeat(self, scene: Scene) -> bool:
        """Return whether the unit that fails now was repaired in the last 90 days."""
        if scene.device is None or not scene.is_repair:
            return False
        last = self._repaired.get(scene.device.device_id)
        return last is not None and timedelta() < scene.created_at - last < timedelta(days=REMEMBERED_DAYS)

    def remember(self, scene: Scene, journey: Journey, dice: Dice) -> None:
        """Note a repair; it may not last, less so when it was not done by a specialist."""
        if scene.device is None or not scene.is_repair or journey.resolved_at is None:
            return
        self._repaired[scene.device.device_id] = journey.resolved_at
        skilled = journey.person.masters(scene.topic.name, scene.product.kind)
        if dice.chance(AGAIN_THIRD if scene.repeat else AGAIN if skilled else AGAIN_UNSKILLED):
            again = journey.resolved_at + timedelta(days=dice.delay(9, 0.6))
            self.expect(again, Cause(scene.device, scene.topic, repeat=True))
