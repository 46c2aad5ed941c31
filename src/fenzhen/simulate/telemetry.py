"""What connected devices measure: daily readings with noise, seasons, drift before failures, gaps and stuck sensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.fleet import Breakdown, Fleet
from fenzhen.simulate.wear import fleet_words

__all__ = ["Readings", "draw_readings"]

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Whole = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

DIGITS = {"temperature": 1, "vibration": 2, "current": 2, "pressure": 0}
UNIT_SPREAD, PERSISTENCE, SUMMER_HEAT = 0.9, 0.55, 1.4
SPARSE_SHARE, DENSE_SHARE = 0.15, 0.04
DENSE_READINGS = 4
GAP_STARTS, GAP_DAYS = 0.006, 7
LOST_CELLS = 0.01
STUCK_SHARE, STUCK_DAYS = 0.05, 40
FALSE_ALARMS_A_YEAR = 0.35
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Readings:
    """Rows in order of device and time: device numbers, local times to the second, and a column a sensor."""

    device: np.ndarray[tuple[int], np.dtype[np.int64]]
    at: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    values: Mapping[str, Floats]


def draw_readings(fleet: Fleet, until: date, left: Mapping[str, date], seed: int) -> Readings:
    """Return what the fleet measured; a device of a customer who ``left`` measures nothing any more."""
    meter = _Meter(fleet, until, left, Dice(seed, "telemetry"))
    rounds = [meter.round(number) for number in range(DENSE_READINGS)]
    device, at = (np.concatenate([each[part] for each in rounds]) for part in (0, 1))
    values = np.concatenate([each[2] for each in rounds])
    order = np.lexsort((at, device))
    stamps = np.datetime64(midnight(fleet.start), "s") + at[order].astype("timedelta64[s]")
    columns = {name: np.round(values[order, column], DIGITS[name]) for column, name in enumerate(meter.names)}
    return Readings(device[order].astype("int64"), stamps, columns)


class _Meter:
    """All devices at once: values of shape (n_devices, n_days, n_sensors), and when each device reads."""

    def __init__(self, fleet: Fleet, until: date, left: Mapping[str, date], dice: Dice) -> None:
        self.fleet, self.generator, self.days = fleet, dice.generator, (until - fleet.start).days
        sensors = fleet_words()["sensors"]
        self.names = tuple(sensors)
        self.spread = np.array([sensors[name]["spread"] for name in self.names], dtype=float)
        self.row = {device.device_id: row for row, device in enumerate(fleet.devices)}
        usual = [[sensors[name].get(device.product.kind, np.nan) for name in self.names] for device in fleet.devices]
        self.usual = np.array(usual, dtype=float).reshape(len(fleet.devices), len(self.names))
        self.hour = self.generator.integers(0, SECONDS_A_DAY, len(fleet.devices))
        self.values = self._undisturbed() + self._season()
        self._disturb()
        for breakdown in fleet.breakdowns:
            self._announce(breakdown)
        self._stick()
        self.reads = self._reads(left)

    def round(self, number: int) -> tuple[Whole, Whole, Floats]:
        """Return devices, seconds since the start and values of the daily reading ``number``; most have only one."""
        dense = np.arange(len(self.hour)) % round(1 / DENSE_SHARE) == 0
        device, day = (part.astype("int64") for part in np.nonzero(self.reads & (dense[:, None] if number else True)))
        jitter = self.generator.integers(-900, 900, len(device))
        clock = (self.hour[device] + number * SECONDS_A_DAY // DENSE_READINGS) % SECONDS_A_DAY + jitter
        seconds = day * SECONDS_A_DAY + np.clip(clock, 0, SECONDS_A_DAY - 1)
        noise = 0.25 * self.generator.standard_normal((len(device), len(self.names))) * self.spread
        values = self.values[device, day] + (noise if number else 0.0)
        values[self.generator.random(values.shape) < LOST_CELLS] = np.nan
        awake = ~self._is_down(device, seconds)
        return device[awake], seconds[awake], values[awake]

    def _undisturbed(self) -> Floats:
        shape = (len(self.usual), self.days, len(self.names))
        noise = self.generator.standard_normal(shape)
        for day in range(1, self.days):
            noise[:, day] = PERSISTENCE * noise[:, day - 1] + np.sqrt(1 - PERSISTENCE**2) * noise[:, day]
        offset = UNIT_SPREAD * self.generator.standard_normal((shape[0], 1, shape[2]))
        result: Floats = self.usual[:, None, :] + (noise + offset) * self.spread
        return result

    def _season(self) -> Floats:
        ordinals = np.arange(self.days) + self.fleet.start.toordinal()
        heat = SUMMER_HEAT * np.cos(2 * np.pi * (ordinals - date(2026, 7, 25).toordinal()) / 365.25)
        warm = np.array([name == "temperature" for name in self.names])
        result: Floats = heat[None, :, None] * (warm * self.spread)[None, None, :]
        return result

    def _disturb(self) -> None:
        """Add dust, heat waves and the like: one sensor rises for some days and comes back by itself."""
        count = self.generator.poisson(FALSE_ALARMS_A_YEAR * len(self.usual) * self.days / 365)
        for _ in range(count):
            row, first = self.generator.integers(len(self.usual)), self.generator.integers(self.days)
            sensor, length = self.generator.integers(len(self.names)), self.generator.integers(6, 22)
            rise = np.sin(np.linspace(0, np.pi, length)) * self.generator.uniform(1.5, 4.0) * self.spread[sensor]
            span = self.values[row, first:first + length, sensor]
            span += rise[:len(span)]

    def _announce(self, breakdown: Breakdown) -> None:
        """Let the sensors drift in the days before a failure, faster and faster."""
        if not breakdown.lead_days:
            return
        row, failed = self.row[breakdown.device.device_id], self._since_start(breakdown.failed_at)
        first = max(int(failed - breakdown.lead_days), 0)
        days = np.arange(first, min(int(failed) + 1, self.days))
        grown = np.clip(1 - (failed - days - self.hour[row] / SECONDS_A_DAY) / breakdown.lead_days, 0, 1) ** 1.2
        shift = np.array([breakdown.component.shift.get(name, 0.0) for name in self.names])
        self.values[row, days] += breakdown.strength * grown[:, None] * shift * self.spread

    def _stick(self) -> None:
        """Let some sensors repeat one value for weeks."""
        for row in np.flatnonzero(self.generator.random(len(self.usual)) < STUCK_SHARE * self.days / 365):
            first, sensor = self.generator.integers(self.days), self.generator.integers(len(self.names))
            last = first + self.generator.integers(8, STUCK_DAYS)
            self.values[row, first:last, sensor] = self.values[row, first, sensor]

    def _reads(self, left: Mapping[str, date]) -> Flags:
        """Return on which days each device reads: after its installation, while its customer is one, not in gaps."""
        day = np.arange(self.days)
        start = self.fleet.start
        installed = np.array([(device.installed_at - start).days for device in self.fleet.devices], dtype=int)
        gone = np.array([(left.get(device.customer.customer_id, date.max) - start).days
                         for device in self.fleet.devices], dtype=int)
        every = np.where(self.generator.random(len(installed)) < SPARSE_SHARE,
                         self.generator.integers(2, 4, len(installed)), 1)
        due = (day + installed[:, None]) % every[:, None] == 0
        reads: Flags = due & (day > installed[:, None]) & (day < gone[:, None])
        for row, first in zip(*np.nonzero(self.generator.random(reads.shape) < GAP_STARTS), strict=True):
            reads[row, first:first + self.generator.integers(1, GAP_DAYS)] = False
        return reads

    def _is_down(self, device: Whole, seconds: Whole) -> Flags:
        down = np.zeros(len(device), dtype=bool)
        starts = np.searchsorted(device, np.arange(len(self.usual) + 1))
        for breakdown in self.fleet.breakdowns:
            row = self.row[breakdown.device.device_id]
            rows = slice(starts[row], starts[row + 1])
            failed, repaired = (self._since_start(each) * SECONDS_A_DAY
                                for each in (breakdown.failed_at, breakdown.repaired_at))
            down[rows] |= (seconds[rows] >= failed) & (seconds[rows] < repaired)
        return down

    def _since_start(self, moment: datetime) -> float:
        return (moment - midnight(self.fleet.start)).total_seconds() / SECONDS_A_DAY
