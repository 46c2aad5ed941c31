"""Alerts against failures as a planner meets them: failures caught in time, visits in vain, days of warning, cost.

From daily risks and a threshold, an alert opens on the first day at or above it and stands until the device fails or
the horizon has passed; one at a time a device. A failure is *caught* if an alert stood that was opened between the
minimum lead and the horizon before it. An alert is *true* if it caught one, *late* if a failure came sooner than the
minimum lead, *false* if none came within the horizon. A month is 30.44 days; intervals resample devices.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.device_points import DAY, DevicePoints, Timeline
from fenzhen.metrics import Interval
from fenzhen.metrics.bootstrap import resamples
from models.device_settings import AlertCosts

__all__ = ["FALSE_ALARM_RATE", "AlertRun", "EventEvaluation", "FleetAlerts", "choose_threshold", "evaluate_events"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
MONTH = 30.44
FALSE_ALARM_RATE = 2.0
"""False alarms in 100 device-months at which recalls are compared."""
STEPS = 80
ROUNDS = 500


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


@dataclass(frozen=True, eq=False)
class EventEvaluation:
    """A threshold judged by events; ``curve`` has a row for each threshold tried, ``recall_at_rate`` and
    ``lead_at_rate`` hold where at most ``FALSE_ALARM_RATE`` false alarms in 100 device-months are given."""

    threshold: float
    failures: int
    alerts: int
    device_months: float
    recall: Interval
    precision: Interval
    false_alarms: Interval
    median_lead: Interval
    cost: Interval
    cost_without: float
    recall_at_rate: float
    lead_at_rate: float
    curve: pd.DataFrame

    def metrics(self, prefix: str = "alerts") -> dict[str, float]:
        """Return flat numbers without NaN."""
        found: dict[str, float] = {f"{prefix}_threshold": self.threshold, f"{prefix}_failures": float(self.failures),
                                   f"{prefix}_recall_at_2": self.recall_at_rate,
                                   f"{prefix}_lead_at_2": self.lead_at_rate,
                                   f"{prefix}_cost_without": self.cost_without}
        for name in ("recall", "precision", "false_alarms", "median_lead", "cost"):
            interval: Interval = getattr(self, name)
            found |= {f"{prefix}_{name}{suffix}": value for suffix, value in
                      zip(("", "_low", "_high"), asdict(interval).values(), strict=True)}
        return {name: float(number) for name, number in found.items() if np.isfinite(number)}


def choose_threshold(fleet: FleetAlerts, score: Float64, costs: AlertCosts, capacity: int) -> float:
    """Return the threshold of least cost that opens at most ``capacity`` alerts a day on average.

    Of equal costs the highest counts. Without any failure to learn from it is the highest score.
    """
    tried = fleet.thresholds(score)
    if not fleet.countable.any():
        return float(tried[-1])
    days = max(np.unique(fleet.points.at).size, 1)
    runs = [fleet.run(score, float(threshold)) for threshold in tried]
    allowed = np.array([run.alerts.sum() <= capacity * days for run in runs])
    cost = np.where(allowed, [_cost(fleet, run, costs, None) for run in runs], np.inf)
    best = len(tried) - 1 - int(np.argmin(cost[::-1])) if allowed.any() else len(tried) - 1
    return float(tried[best])


def evaluate_events(fleet: FleetAlerts, score: Float64, threshold: float, costs: AlertCosts, *, rounds: int = ROUNDS,
                    seed: int = 0) -> EventEvaluation:
    """Return how alerts from ``threshold`` on meet the failures, with 95 % intervals over devices."""
    run = fleet.run(score, threshold)
    measures: dict[str, Callable[[AlertRun, Float64 | None], float]] = {
        "recall": lambda run, weights: _recall(fleet, run, weights), "precision": _precision,
        "false_alarms": lambda run, weights: _false_alarms(fleet, run, weights),
        "median_lead": lambda run, weights: _median_lead(fleet, run, weights),
        "cost": lambda run, weights: _cost(fleet, run, costs, weights)}
    devices = np.arange(len(fleet.points.ids))
    drawn = list(resamples(devices, devices.size, rounds, seed))
    found = {name: _interval(lambda weights, measure=measure: measure(run, weights), drawn)  # type: ignore[misc]
             for name, measure in measures.items()}
    curve = _curve(fleet, score, costs)
    within = curve[curve["false_alarms"] <= FALSE_ALARM_RATE].sort_values(["recall", "threshold"])
    recall, lead = (float(within["recall"].iloc[-1]), float(within["median_lead"].iloc[-1])) if len(within) else (0, 0)
    failures = int(fleet.countable.sum())
    return EventEvaluation(threshold, failures, int(run.alerts.sum()), fleet.device_months, **found,
                           cost_without=failures * costs.missed, recall_at_rate=recall, lead_at_rate=lead, curve=curve)


def _curve(fleet: FleetAlerts, score: Float64, costs: AlertCosts) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for threshold in fleet.thresholds(score).tolist():
        run = fleet.run(score, threshold)
        rows.append({"threshold": threshold, "alerts": int(run.alerts.sum()), "recall": _recall(fleet, run, None),
                     "precision": _precision(run, None), "false_alarms": _false_alarms(fleet, run, None),
                     "median_lead": _median_lead(fleet, run, None), "cost": _cost(fleet, run, costs, None)})
    return pd.DataFrame(rows)


def _interval(statistic: Callable[[Float64 | None], float], drawn: list[Float64]) -> Interval:
    estimate = statistic(None)
    values = np.array([statistic(weights) for weights in drawn])
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.025, 0.975]) if values.size else (np.nan, np.nan)
    return Interval(estimate, float(low), float(high))


def _of_failures(fleet: FleetAlerts, weights: Float64 | None) -> Float64:
    counted = fleet.countable.astype(np.float64)
    return counted if weights is None else counted * weights[fleet.failures.device]


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _recall(fleet: FleetAlerts, run: AlertRun, weights: Float64 | None) -> float:
    failures = _of_failures(fleet, weights)
    return _ratio(float(failures @ run.caught), float(failures.sum()))


def _sum(counts: Ints, weights: Float64 | None) -> float:
    return float(counts.sum() if weights is None else counts @ weights)


def _precision(run: AlertRun, weights: Float64 | None) -> float:
    return _ratio(_sum(run.true, weights), _sum(run.alerts, weights))


def _false_alarms(fleet: FleetAlerts, run: AlertRun, weights: Float64 | None) -> float:
    watched = np.bincount(fleet.points.device, minlength=len(fleet.points.ids))
    return 100 * _ratio(_sum(run.false, weights), _sum(watched, weights) / MONTH)


def _median_lead(fleet: FleetAlerts, run: AlertRun, weights: Float64 | None) -> float:
    drawn = _of_failures(fleet, weights) * run.caught
    leads = run.lead[drawn > 0]
    if not leads.size:
        return float("nan")
    order = np.argsort(leads)
    mass = np.cumsum(drawn[drawn > 0][order])
    return float(leads[order][np.searchsorted(mass, mass[-1] / 2)])


def _cost(fleet: FleetAlerts, run: AlertRun, costs: AlertCosts, weights: Float64 | None) -> float:
    failures = _of_failures(fleet, weights)
    caught = float(failures @ run.caught)
    missed = float(failures.sum()) - caught
    return missed * costs.missed + caught * costs.caught + _sum(run.false, weights) * costs.false_alarm
