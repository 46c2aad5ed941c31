"""What a device's sensors said in the windows before a moment, and how that differs from what they said before.

Readings may come at any times, with gaps, backwards, twice (the last row of a device and moment counts) and with
missing cells. Everything depends on the longest window before a moment only, so that a window sent along is enough.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_points import DAY, DevicePoints, Timeline
from features.devices.window_moments import WindowMoments
from fenzhen.errors import TableError

__all__ = ["FAR", "WINDOWS", "device_telemetry", "sensors_of", "telemetry_columns"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
WINDOWS = (3, 7, 30)
"""Days, shortest first."""
_KEYS = ("device_id", "at")
_STATISTICS = ("mean", "spread", "slope", "low", "high")
_ONCE = ("last", "last_change_own", "mean_change_own", "silent_days", "stuck_days", "missing_share")
_ROWS_AT_A_TIME = 500_000
_ABSURD = 1e100
"""No sensor measures so much: from there on, as infinity, it is no reading. Squares of what lies below are numbers."""
FAR = 1000.0
"""Changes are counted in spreads of the baseline and cut here: a constant sensor that moves is infinitely far."""


def sensors_of(telemetry: pd.DataFrame) -> tuple[str, ...]:
    """Return the measurements of a telemetry table: every column that is neither key nor free of numbers.

    >>> sensors_of(pd.DataFrame({"device_id": ["1"], "at": [pd.NaT], "volt": ["170"], "note": ["好"]}))
    ('volt',)
    """
    return tuple(str(name) for name in telemetry.columns
                 if name not in _KEYS and np.isfinite(_numbers(telemetry[name])).any())


def telemetry_columns(sensors: Sequence[str], windows: Sequence[int] = WINDOWS) -> list[str]:
    """Return the columns that :func:`device_telemetry` gives for these sensors.

    >>> telemetry_columns(["volt"], (3, 30))[:3]
    ['readings_3d', 'readings_30d', 'volt_mean_3d']
    """
    per_sensor = [[f"{name}_{what}_{days}d" for days in windows for what in _STATISTICS]
                  + [f"{name}_{what}" for what in _ONCE] for name in sensors]
    return [*(f"readings_{days}d" for days in windows), *(name for names in per_sensor for name in names)]


def device_telemetry(telemetry: pd.DataFrame, points: DevicePoints, sensors: Sequence[str],
                     windows: Sequence[int] = WINDOWS, repaired: Ints | None = None) -> pd.DataFrame:
    """Return :func:`telemetry_columns` as float32 of shape (points, columns), with the points' index.

    A window holds readings with as_of - days ≤ at < as_of; ``repaired`` (a ``clock`` a point) cuts off what was read
    before the device was last repaired, but for the own baseline. Of each sensor and window: mean, sample standard
    deviation (spread), least-squares rise per day (slope), extremes; once a sensor: the last reading, how far it and
    the shortest window's mean lie from the own baseline (the longest window without the shortest) in the baseline's
    spreads, days since the last reading, how many days it has not changed (stuck) and the share of rows where it is
    missing. All look back over the longest window at most. Without readings all is NaN but the counts (0) and missing
    shares (1). A sensor that the table lacks is missing everywhere; text is missing. Raises ``TableError`` for windows
    that do not rise.
    """
    if list(windows) != sorted(set(windows)) or not windows or windows[0] <= 0:
        raise TableError(f"got windows {tuple(windows)}, expected rising positive numbers of days")
    columns = telemetry_columns(sensors, windows)
    found = np.full((len(points), len(columns)), np.nan, dtype=np.float32)
    line = _without_repeats(Timeline.of(points, telemetry["device_id"], telemetry["at"]))
    values = {name: _numbers(telemetry[name]) if name in telemetry.columns else None for name in sensors}
    for rows, chunk in _chunks(points, line):
        since = None if repaired is None else repaired[rows]
        look = _Look.of(points.device[rows], points.at[rows], chunk, windows, since)
        found[rows, :len(windows)] = look.row_counts()
        for number, name in enumerate(sensors):
            start = len(windows) + number * (len(windows) * len(_STATISTICS) + len(_ONCE))
            read = _taken(values[name], chunk.order)
            found[rows, start:start + len(windows) * len(_STATISTICS) + len(_ONCE)] = look.sensor(read)
    return pd.DataFrame(found, columns=columns, index=points.frame.index)


def _numbers(values: pd.Series) -> Float64:
    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = pd.to_numeric(values, errors="coerce")
    numbers: Float64 = values.to_numpy(dtype=np.float64, na_value=np.nan)
    absurd = np.abs(numbers) >= _ABSURD
    return np.where(absurd, np.nan, numbers) if absurd.any() else numbers


def _taken(values: Float64 | None, order: Ints) -> Float64:
    if values is None:
        return np.full(order.size, np.nan)
    read = values[order]
    return np.where(np.isfinite(read), read, np.nan)


def _without_repeats(line: Timeline) -> Timeline:
    same = (np.diff(line.device) == 0) & (np.diff(line.at) == 0)
    if not same.any():
        return line
    kept = np.append(~same, True)
    return Timeline(line.order[kept], line.device[kept], line.at[kept])


def _chunks(points: DevicePoints, line: Timeline) -> Iterator[tuple[Ints, Timeline]]:
    """Yield positions of points and the readings of their devices, whole devices and about so many rows at a time."""
    by_device = np.argsort(points.device, kind="stable")
    devices = points.device[by_device]
    ends = np.searchsorted(line.device, np.arange(len(points.ids)), side="right")
    part = ends // _ROWS_AT_A_TIME + np.arange(len(points.ids)) // (_ROWS_AT_A_TIME // 100)
    for number in np.unique(part):
        members = np.flatnonzero(part == number)
        rows = by_device[np.searchsorted(devices, members[0]):np.searchsorted(devices, members[-1], side="right")]
        first, last = np.searchsorted(line.device, [members[0], members[-1] + 1])
        yield rows, Timeline(line.order[first:last], line.device[first:last], line.at[first:last])


@dataclass(frozen=True, eq=False)
class _Look:
    """Points and their devices' readings: ``bounds`` has the position before each window's start and, last, its end.

    ``cut`` are the bounds of the points ``cut_rows``, whose device was repaired within the longest window.
    """

    at: Ints
    line: Timeline
    windows: Sequence[int]
    bounds: tuple[Ints, ...]
    days: Float64
    cut_rows: Ints
    cut: tuple[Ints, ...]

    @classmethod
    def of(cls, device: Ints, at: Ints, line: Timeline, windows: Sequence[int], repaired: Ints | None) -> "_Look":
        moments = [at - days * DAY for days in reversed(windows)] + [at]
        first = line.at.min() if line.at.size else 0
        bounds = tuple(line.before(device, moment) for moment in moments)
        rows = np.flatnonzero(repaired > moments[0]) if repaired is not None else np.empty(0, dtype=np.int64)
        cut: tuple[Ints, ...] = ()
        if repaired is not None:
            since = line.before(device[rows], repaired[rows])
            cut = tuple(np.maximum(bound[rows], since) for bound in bounds)
        return cls(at, line, windows, bounds, (line.at - first) / DAY, rows, cut)

    def row_counts(self) -> Any:
        return np.stack([self.bounds[-1] - start for start in reversed(self.bounds[:-1])], axis=1)

    def sensor(self, read: Float64) -> Any:
        rings = self._rings(read, self.bounds)
        windows = _nested(rings)
        baseline = rings[0] if len(rings) > 1 else WindowMoments.empty(len(self.at))
        for ring in rings[1:-1]:
            baseline = baseline.merged(ring)
        rows, seen = self.bounds[-1] - self.bounds[0], windows[-1].count
        if self.cut_rows.size:
            parts = _nested(self._rings(read, self.cut))
            windows = [window.replaced(self.cut_rows, part) for window, part in zip(windows, parts, strict=True)]
        columns = [column for window in windows for column in
                   (window.mean_or_missing(), window.spread(), window.slope(), *window.extremes())]
        last, silent, stuck = self._last(read)
        return np.stack([*columns, last, _change(last, baseline), _change(windows[0].mean_or_missing(), baseline),
                         silent, stuck, 1 - seen / np.maximum(rows, 1)], axis=1)

    def _rings(self, read: Float64, bounds: tuple[Ints, ...]) -> list[WindowMoments]:
        """Return the moments between the windows' starts, oldest first; the last is the shortest window."""
        edges = np.unique(np.concatenate(bounds))
        if edges.size < 2:
            return [WindowMoments.empty(len(bounds[0])) for _ in self.windows]
        pieces = WindowMoments.of_pieces(read, self.days, edges)
        places = [np.searchsorted(edges, bound) for bound in bounds]
        return [pieces.of_ranges(first, last) for first, last in pairwise(places)]

    def _last(self, read: Float64) -> tuple[Float64, Float64, Float64]:
        """Return the last reading in the longest window, its age in days and the days since the value before it."""
        if not read.size:
            nothing = np.full(len(self.at), np.nan)
            return nothing, nothing, nothing
        there = np.isfinite(read)
        latest = np.maximum.accumulate(np.where(there, np.arange(read.size), -1))
        previous = np.append(-1, latest[:-1])
        moved = there & ((previous < 0) | (read != read[previous]) | (self.line.device != self.line.device[previous]))
        since = np.maximum.accumulate(np.where(moved, np.arange(read.size), 0))
        row = latest[np.maximum(self.bounds[-1] - 1, 0)]
        known = (row >= self.bounds[0]) & (self.bounds[-1] > self.bounds[0])
        row = np.where(known, row, 0)
        began = np.maximum(self.line.at[since[row]], self.at - self.windows[-1] * DAY)
        return (np.where(known, read[row], np.nan), np.where(known, (self.at - self.line.at[row]) / DAY, np.nan),
                np.where(known, (self.line.at[row] - began) / DAY, np.nan))


def _nested(rings: list[WindowMoments]) -> list[WindowMoments]:
    """Return the windows that the rings make up, shortest first."""
    windows = [rings[-1]]
    for ring in reversed(rings[:-1]):
        windows.append(ring.merged(windows[-1]))
    return windows


def _change(value: Float64, baseline: WindowMoments) -> Float64:
    spread = baseline.spread()
    with np.errstate(divide="ignore", invalid="ignore"):
        change = (value - baseline.mean) / spread
    return np.clip(np.where((baseline.count > 2) & (spread >= 0), change, np.nan), -FAR, FAR)
