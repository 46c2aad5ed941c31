"""Survival curves of parts, with lives cut short."""

import numpy as np
import pandas as pd
import pytest

from features.devices.device_points import device_points
from fenzhen.tables import conform, empty_table
from models.devices.component_lifetimes import ComponentLifetimes

START = pd.Timestamp("2026-01-01", tz="UTC")


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def tables_of(rows: list[tuple[str, float, str]], devices: list[str]) -> dict[str, pd.DataFrame]:
    at = pd.Series([day(number) for _, number, _ in rows]).astype("datetime64[us, UTC]")
    events = pd.DataFrame({"device_id": [name for name, _, _ in rows], "at": at,
                           "kind": [kind for _, _, kind in rows], "component": "fan"})
    installed = pd.Series([START] * len(devices)).astype("datetime64[us, UTC]")
    return {"devices": conform("devices", pd.DataFrame({"device_id": devices, "installed_at": installed})),
            "telemetry": empty_table("telemetry"), "device_events": conform("device_events", events)}


def test_the_curve_is_kaplan_and_meiers_with_running_parts_censored() -> None:
    # Fans of four devices never serviced as planned: dead at 10 and 20 days, then repaired; two still run at day 30.
    tables = tables_of([("a", 10, "failure"), ("b", 20, "failure")], ["a", "b", "c", "d"])
    found = ComponentLifetimes.fitted(tables, ["fan"], day(30)).risks(
        tables, device_points(["c"], [day(5), day(15), day(29)]), 7)["fan"]
    # Lives: 10*, 20*, and censored 20 (a again), 10 (b again), 30, 30. At 10 one of six dies, at 20 one of four.
    np.testing.assert_allclose(found[:2], [1 - 5 / 6, 1 - 3 / 4], atol=1e-9)
    assert 0 < found[2] < 0.2


def test_a_planned_replacement_ends_a_life_without_a_failure() -> None:
    rows = [(name, float(number), "maintenance") for name in "abcdefgh" for number in (0, 20)]
    tables = tables_of([*rows, ("i", 0, "maintenance"), ("i", 25, "failure")], list("abcdefghi"))
    found = ComponentLifetimes.fitted(tables, ["fan"], day(40)).risks(tables, device_points(["a"], [day(10)]), 7)
    assert found["fan"].tolist() == pytest.approx([0.0])


def test_without_any_failure_nothing_is_expected() -> None:
    tables = tables_of([("a", 1, "maintenance")], ["a"])
    found = ComponentLifetimes.fitted(tables, ["fan"], day(40)).risks(tables, device_points(["a"], [day(39)]), 7)
    assert found["any"].tolist() == found["fan"].tolist() == [0.0]
