"""Alerts against failures: what is caught, late, false, and what it costs."""

import numpy as np
import pandas as pd
import pytest

from features.devices.device_points import device_points
from models.devices.settings import AlertCosts
from training.devices.events_evaluation import choose_threshold, evaluate_events
from training.devices.fleet_alerts import FleetAlerts

START = pd.Timestamp("2026-01-01", tz="UTC")
COSTS = AlertCosts(missed=10, caught=2, false_alarm=1)


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def fleet(failures: list[tuple[str, float]], days: int = 30, devices: str = "ab") -> FleetAlerts:
    at = pd.Series([day(number) for _, number in failures]).astype("datetime64[us, UTC]")
    events = pd.DataFrame({"device_id": pd.Series([name for name, _ in failures], dtype=object), "at": at,
                           "kind": "failure", "component": "fan"})
    points = device_points(list(devices), [day(number) for number in range(days)])
    return FleetAlerts.of(points, events, None, 7, 1.0)


def score(fleet: FleetAlerts, *high: tuple[str, int]) -> np.ndarray:
    wanted = {(name, day(number)) for name, number in high}
    rows = zip(fleet.points.frame["device_id"], fleet.points.frame["as_of"], strict=True)
    return np.array([1.0 if row in wanted else 0.0 for row in rows])


def test_an_alert_between_lead_and_horizon_before_a_failure_catches_it() -> None:
    found = fleet([("a", 10.25)])
    assert found.run(score(found, ("a", 9)), 0.5).lead.tolist() == [1.25]
    assert found.run(score(found, ("a", 4)), 0.5).lead.tolist() == [6.25]


def test_an_alert_earlier_than_the_horizon_is_false() -> None:
    found = fleet([("a", 10.25)])
    run = found.run(score(found, ("a", 3)), 0.5)
    assert (run.caught.tolist(), run.false.sum(), run.true.sum()) == ([False], 1, 0)


def test_an_alert_on_the_last_day_is_late_and_neither_true_nor_false() -> None:
    found = fleet([("a", 10.25)])
    run = found.run(score(found, ("a", 10)), 0.5)
    assert (run.caught.tolist(), run.alerts.sum(), run.false.sum(), run.true.sum()) == ([False], 1, 0, 0)


def test_a_device_has_one_alert_at_a_time_until_it_fails_or_the_horizon_has_passed() -> None:
    found = fleet([("a", 10.25)])
    run = found.run(score(found, *[("a", number) for number in range(5, 14)]), 0.5)
    assert run.alerts.tolist() == [2, 0]  # from day 5 until the failure, and a false one from day 11 on
    assert (run.true.sum(), run.false.sum(), run.lead.tolist()) == (1, 1, [5.25])


def test_measures_count_failures_alerts_and_device_months() -> None:
    found = fleet([("a", 10.25), ("b", 20.25)])
    judged = evaluate_events(found, score(found, ("a", 9), ("b", 2)), 0.5, COSTS, rounds=50)
    assert (judged.recall.estimate, judged.precision.estimate, judged.median_lead.estimate) == (0.5, 0.5, 1.25)
    assert judged.false_alarms.estimate == pytest.approx(100 * 30.44 / 60)
    assert (judged.cost.estimate, judged.cost_without) == (10 + 2 + 1, 20)
    assert judged.recall.low <= 0.5 <= judged.recall.high
    assert all(np.isfinite(list(judged.metrics().values())))


def test_failures_that_no_score_preceded_in_time_are_not_counted() -> None:
    assert fleet([("a", 0.5), ("a", 10.25)]).countable.tolist() == [False, True]


def test_the_threshold_of_least_cost_is_taken_within_capacity() -> None:
    found = fleet([("a", 10.25), ("b", 20.25)])
    chance = score(found, ("a", 9)) * 0.9 + score(found, ("b", 19)) * 0.4 + score(found, ("b", 2)) * 0.6
    assert choose_threshold(found, chance, COSTS, capacity=20) == pytest.approx(0.4)
    expensive = AlertCosts(missed=10, caught=2, false_alarm=9)
    assert choose_threshold(found, chance, expensive, capacity=20) == pytest.approx(0.9)


def test_without_failures_the_threshold_is_the_highest_score_and_measures_are_missing() -> None:
    found = fleet([])
    chance = np.linspace(0, 0.3, len(found.points))
    assert choose_threshold(found, chance, COSTS, 20) == pytest.approx(0.3)
    judged = evaluate_events(found, chance, 0.3, COSTS, rounds=10)
    assert np.isnan(judged.recall.estimate)
    assert "alerts_recall" not in judged.metrics()
