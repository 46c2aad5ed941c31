"""What alerts of a fleet would have been, from its daily risks and a threshold, and which failures they caught.

An alert opens on the first day at or above the threshold and stands until the device fails or the horizon has passed;
one at a time a device. A failure is *caught* if an alert stood that was opened between the minimum lead and the horizon
before it. An alert is *true* if it caught one, *late* if a failure came sooner than the minimum lead, *false* if none
came within the horizon. A month is 30.44 days.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_points import DAY, DevicePoints, Timeline

__all__ = ["MONTH", "AlertRun", "FleetAlerts"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
MONTH = 30.44
STEPS = 80


@dataclass(frozen=True, eq=False)
class AlertRun:
    """What one threshold leads to: counts by device; ``caught`` and ``lead`` (days, NaN if not caught) by failure."""

    alerts: Ints
    true: Ints
    false: Ints
    caught: NDArray[np.bool_]
    lead: Float64


@dataclass(frozen=True, eq=False)
class FleetAlerts:
    """Daily points of a fleet and the failures that alerts could have caught: those with a point in time before."""

    points: DevicePoints
    failures: Timeline
    horizon_days: int
    lead_days: float

    @classmethod
    def of(cls, points: DevicePoints, events: pd.DataFrame, component: str | None, horizon_days: int,
           lead_days: float) -> "FleetAlerts":
        """Return the fleet's points with its failures of ``component`` (None: of any), one a device and moment."""
        rows = (events["kind"] == "failure").to_numpy(dtype=bool)
        if component is not None:
            rows = rows & (events["component"] == component).to_numpy(dtype=bool)
        chosen = events[rows].drop_duplicates(["device_id", "at"])
        return cls(points, Timeline.of(points, chosen["device_id"], chosen["at"]), horizon_days, lead_days)

    @property
    def device_months(self) -> float:
        """How long the fleet was watched."""
        return len(self.points) / MONTH

    @cached_property
    def countable(self) -> NDArray[np.bool_]:
        """Which failures had a point between the horizon and the minimum lead before them."""
        scored = Timeline(np.arange(len(self.points)), *self._sorted_points)
        device, at = self.failures.device, self.failures.at
        early = scored.before(device, at - self.horizon_days * DAY)
        late = scored.before(device, at - int(self.lead_days * DAY) + 1)
        found: NDArray[np.bool_] = late > early
        return found

    def run(self, score: Float64, threshold: float) -> AlertRun:
        """Return what alerts from ``threshold`` on lead to."""
        device, opened = self._opened(score >= threshold)
        span = self.horizon_days * DAY
        upcoming = self.failures.before(device, opened)
        last = self.failures.ends(device)
        come = upcoming < last
        gap = np.full(opened.size, np.inf)
        gap[come] = self.failures.at[upcoming[come]] - opened[come]
        true = (gap >= self.lead_days * DAY) & (gap <= span)
        size = len(self.points.ids)
        lead = np.full(self.failures.at.size, np.nan)
        np.fmax.at(lead, upcoming[true], gap[true] / DAY)
        return AlertRun(np.bincount(device, minlength=size), np.bincount(device[true], minlength=size),
                        np.bincount(device[gap > span], minlength=size), np.isfinite(lead), lead)

    def thresholds(self, score: Float64) -> Float64:
        """Return rising scores to try as thresholds, closer together where few alerts are left."""
        distinct = np.unique(score)
        shares = 1 - np.geomspace(1e-4, 0.5, STEPS)
        found: Float64 = np.unique(np.r_[np.quantile(score, shares, method="higher"), distinct[-1]])
        return found

    @cached_property
    def _sorted_points(self) -> tuple[Ints, Ints]:
        order = np.lexsort((self.points.at, self.points.device))
        return self.points.device[order], self.points.at[order]

    def _opened(self, high: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Return device and moment of every alert: one standing at a time, day by day for the whole fleet."""
        rows = np.flatnonzero(high)
        rows = rows[np.argsort(self.points.at[rows], kind="stable")]
        busy = np.full(len(self.points.ids), np.iinfo(np.int64).min)
        found = []
        for _, day in pd.Series(rows).groupby(self.points.at[rows]):
            chosen = day.to_numpy()
            device, at = self.points.device[chosen], self.points.at[chosen]
            free = at >= busy[device]
            chosen, device, at = chosen[free], device[free], at[free]
            busy[device] = np.minimum(at + self.horizon_days * DAY, self._next_failure(device, at))
            found.append(chosen)
        opened = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
        return self.points.device[opened], self.points.at[opened]

    def _next_failure(self, device: Ints, at: Ints) -> Ints:
        place, last = self.failures.before(device, at), self.failures.ends(device)
        never = np.iinfo(np.int64).max
        if not self.failures.at.size:
            return np.full(device.size, never)
        return np.where(place < last, self.failures.at[np.minimum(place, self.failures.at.size - 1)], never)
