"""The devices that send telemetry, what broke down in a span, and what was serviced in time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.company import Company, Device
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.wear import Component, Lives

__all__ = ["Breakdown", "Fleet", "Service", "run_fleet"]

REPORTED_SHARE = 0.85
NOTICED_SHARE = 0.12
SERVICE_DAYS = 170
REPAIR_HOURS = 34


@dataclass(frozen=True)
class Breakdown:
    """A part that failed, or would have: ``prevented`` says that somebody replaced it in time (at ``failed_at``).

    ``lead_days`` is for how long it showed before (0: not at all); ``reported_at`` is when the customer tells of it.
    """

    device: Device
    component: Component
    failed_at: datetime
    repaired_at: datetime
    lead_days: float
    strength: float
    reported_at: datetime | None
    prevented: bool


@dataclass(frozen=True)
class Service:
    """A planned visit: one part of a unit was cleaned and checked."""

    device: Device
    component: Component
    at: datetime


@dataclass(frozen=True)
class Fleet:
    """The connected devices by installation, their breakdowns and services in order of time."""

    start: date
    devices: tuple[Device, ...]
    breakdowns: tuple[Breakdown, ...]
    services: tuple[Service, ...]


def run_fleet(company: Company, start: date) -> Fleet:
    """Return the connected devices of ``company`` and what happened to them from ``start`` to its end."""
    dice = Dice(company.seed, "fleet")
    units = sorted((unit for units in company.devices.values() for unit in units),
                   key=lambda unit: (unit.installed_at, unit.device_id))
    devices = tuple(unit for unit in units if dice.chance(unit.product.connected))
    run = _Run(devices, company, dice)
    for ordinal in range(start.toordinal(), company.until.toordinal()):
        run.live(date.fromordinal(ordinal))
    run.breakdowns.sort(key=lambda each: (each.failed_at, each.device.device_id))
    run.services.sort(key=lambda each: (each.at, each.device.device_id))
    return Fleet(start, devices, tuple(run.breakdowns), tuple(run.services))


class _Run:
    """One day after the other for all devices."""

    def __init__(self, devices: tuple[Device, ...], company: Company, dice: Dice) -> None:
        self.devices, self.dice, self.generator = devices, dice, dice.generator
        self.lives = Lives(devices, company.until, self.generator)
        self.down_until = np.zeros(len(devices))
        self.phase = self.generator.integers(0, SERVICE_DAYS, len(devices))
        self.breakdowns: list[Breakdown] = []
        self.services: list[Service] = []

    def live(self, day: date) -> None:
        """Let ``day`` pass: at most one part of a unit fails, none while it is down."""
        fails = self.generator.random(self.lives.has.shape) < self.lives.risk(day)
        fails[self.down_until >= day.toordinal()] = False
        for row in np.flatnonzero(fails.any(axis=1)):
            self._fail(int(row), int(np.argmax(fails[row])), day)
        for row in np.flatnonzero((day.toordinal() + self.phase) % SERVICE_DAYS == 0):
            if self.devices[row].customer.business and self.devices[row].installed_at < day:
                self._serve(int(row), day)

    def _fail(self, row: int, column: int, day: date) -> None:
        device, part, dice = self.devices[row], self.lives.parts[column], self.dice
        failed = midnight(day) + timedelta(seconds=dice.number(0, 86_399))
        prevented = dice.chance(NOTICED_SHARE)
        hours = 1.5 if prevented else min(dice.delay(REPAIR_HOURS, 0.6), 200)
        repaired = (failed + timedelta(hours=hours)).replace(microsecond=0)
        reported = dice.chance(REPORTED_SHARE) and not prevented
        self.breakdowns.append(Breakdown(
            device, part, failed, repaired, lead_days=self._lead(part, day, device), strength=dice.delay(1.0, 0.25),
            reported_at=failed + timedelta(hours=dice.delay(3, 0.9)) if reported else None, prevented=prevented))
        self.down_until[row] = repaired.date().toordinal()
        self.lives.replace(row, column, repaired.date().toordinal(), self.generator)

    def _lead(self, part: Component, day: date, device: Device) -> float:
        """Return for how many days the failure announces itself; a unit cannot be older than that."""
        if not self.dice.chance(part.gradual):
            return 0.0
        return min(self.dice.delay(15, 0.45), 40.0, (day - device.installed_at).days)

    def _serve(self, row: int, day: date) -> None:
        column = int(self.generator.choice(np.flatnonzero(self.lives.has[row])))
        at = midnight(day) + timedelta(seconds=self.dice.number(9 * 3600, 17 * 3600))
        self.lives.born[row, column] += 0.5 * (day.toordinal() - self.lives.born[row, column])
        self.services.append(Service(self.devices[row], self.lives.parts[column], at))
