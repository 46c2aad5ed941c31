"""Alerts against failures as a planner meets them: failures caught in time, visits in vain, days of warning, cost.

What alerts are, and which of them are true, late or false, says :mod:`training.devices.fleet_alerts`; intervals
resample devices.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.metrics import Interval
from fenzhen.metrics.bootstrap import resamples
from models.devices.settings import AlertCosts
from training.devices.fleet_alerts import MONTH, AlertRun, FleetAlerts

__all__ = ["FALSE_ALARM_RATE", "EventEvaluation", "choose_threshold", "evaluate_events"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
FALSE_ALARM_RATE = 2.0
"""False alarms in 100 device-months at which recalls are compared."""
ROUNDS = 500


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
