"""Devices at moments, and how many facts each had seen by then: the search that all device features share."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import TableError

__all__ = ["DAY", "NEVER", "DevicePoints", "Timeline", "clock", "device_points"]

Ints = NDArray[np.int64]
DAY = 86_400_000
"""Milliseconds of a day."""


NEVER = np.iinfo(np.int64).min
"""The clock of what has not happened."""


def clock(times: pd.Series) -> Ints:
    """Return times (aware, any zone) as int64 milliseconds, rounded down; a missing time is the least number.

    >>> clock(pd.Series(pd.to_datetime(["1970-01-02 08:00:00.0009"]).tz_localize("Asia/Shanghai"))).tolist()
    [86400000]
    """
    found: Ints = times.dt.as_unit("ms").astype("int64").to_numpy()
    return found


@dataclass(frozen=True, eq=False)
class DevicePoints:
    """Rows (device, as_of): ``ids`` names the devices, ``device`` is each row's position in it, ``at`` its ``clock``.

    ``frame`` has the columns ``device_id`` and ``as_of`` with the rows' index.
    """

    frame: pd.DataFrame
    ids: pd.Index
    device: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.frame)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Return the points of a frame with ``device_id`` and an aware ``as_of``; ``TableError`` for anything else."""
        if not {"device_id", "as_of"} <= set(frame.columns):
            raise TableError(f"got points with the columns {list(frame.columns)}, expected device_id and as_of")
        if not isinstance(frame["as_of"].dtype, pd.DatetimeTZDtype) or frame["as_of"].isna().any():
            raise TableError(f"got as_of of dtype {frame['as_of'].dtype}, expected a time with a zone in every row")
        device, ids = pd.factorize(frame["device_id"])
        return cls(frame[["device_id", "as_of"]], pd.Index(ids), device.astype(np.int64), clock(frame["as_of"]))

    def codes(self, device_ids: pd.Series) -> Ints:
        """Return each device's position in ``ids``, -1 for devices that no point asks about."""
        codes, found = pd.factorize(device_ids)
        known = np.append(self.ids.get_indexer(pd.Index(found)), -1)
        return known[codes].astype(np.int64)

    def take(self, rows: Any) -> "DevicePoints":
        """Return the points at these positions, devices renumbered."""
        return DevicePoints.of(self.frame.iloc[rows])


def device_points(device_ids: Iterable[str], moments: Iterable[pd.Timestamp]) -> DevicePoints:
    """Return every device at every moment, device by device.

    >>> len(device_points(["7", "8"], pd.date_range("2026-01-01", periods=3, tz="UTC")))
    6
    """
    ids, times = np.array(list(device_ids), dtype=object), pd.DatetimeIndex(list(moments))
    number = np.tile(np.arange(len(times)), len(ids))
    return DevicePoints.of(pd.DataFrame({"device_id": np.repeat(ids, len(times)), "as_of": times.take(number)}))


@dataclass(frozen=True, eq=False)
class Timeline:
    """Facts sorted by device and time: ``order`` are their rows in the source, ``device`` and ``at`` sorted alike.

    Rows of other devices and without a time are left out; time may run backwards in the source.
    """

    order: Ints
    device: Ints
    at: Ints

    @classmethod
    def of(cls, points: DevicePoints, device_ids: pd.Series, times: pd.Series) -> Self:
        """Return the timeline of the facts of the points' devices."""
        device, at = points.codes(device_ids), clock(times)
        kept = np.flatnonzero((device >= 0) & times.notna().to_numpy())
        device, at = device[kept], at[kept]
        if not _is_sorted(device, at):
            order = np.lexsort((at, device))
            kept, device, at = kept[order], device[order], at[order]
        return cls(kept, device, at)

    def where(self, rows: Any) -> "Timeline":
        """Return the facts at these positions, which rise, or where a mask is true."""
        return Timeline(self.order[rows], self.device[rows], self.at[rows])

    def before(self, device: Ints, moments: Ints) -> Ints:
        """Return how many facts lie before each (device, moment), those of lower devices included; equal is not before.

        The difference of two calls counts a window whose start belongs to it and whose end does not.
        """
        if not self.at.size:
            return np.zeros(len(moments), dtype=np.int64)
        first, span = self._scale
        keys = device * span + np.clip(moments - first, 0, span - 1)
        found: Ints = np.searchsorted(self._keys, keys).astype(np.int64)
        return found

    def starts(self, device: Ints) -> Ints:
        """Return the position of each device's first fact."""
        found: Ints = np.searchsorted(self.device, device).astype(np.int64)
        return found

    def ends(self, device: Ints) -> Ints:
        """Return the position after each device's last fact."""
        found: Ints = np.searchsorted(self.device, device, side="right").astype(np.int64)
        return found

    def last(self, points: DevicePoints) -> Ints:
        """Return the moment of each point's last fact before it; ``NEVER`` without any."""
        if not self.at.size:
            return np.full(len(points), NEVER)
        last = self.before(points.device, points.at) - 1
        return np.where(last >= self.starts(points.device), self.at[np.maximum(last, 0)], NEVER)

    def days_since_last(self, points: DevicePoints) -> NDArray[np.float64]:
        """Return the days from each point's last fact to the point; NaN without any."""
        last = self.last(points)
        return np.where(last != NEVER, (points.at - last) / DAY, np.nan)

    def count(self, points: DevicePoints, days: float) -> NDArray[np.float64]:
        """Return how many facts lie in the last ``days`` before each point."""
        until, since = points.at, points.at - int(days * DAY)
        return (self.before(points.device, until) - self.before(points.device, since)).astype(np.float64)

    @cached_property
    def _scale(self) -> tuple[int, int]:
        first = int(self.at.min())
        return first, int(self.at.max()) - first + 2

    @cached_property
    def _keys(self) -> Ints:
        first, span = self._scale
        return self.device * span + (self.at - first)


def _is_sorted(device: Ints, at: Ints) -> bool:
    step = np.diff(device)
    return bool(((step > 0) | ((step == 0) & (np.diff(at) >= 0))).all())
