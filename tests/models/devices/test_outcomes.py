"""What became of a device: failures, horizons, restarts and censoring."""

import numpy as np
import pandas as pd

from features.devices.device_points import DevicePoints, device_points
from models.devices.outcomes import device_outcomes

START = pd.Timestamp("2026-01-01", tz="UTC")


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def outcomes(rows: list[tuple[float, str, str | None]], days: list[float], *, until: float = 100,
             horizon: int = 7) -> pd.DataFrame:
    at = pd.Series([day(number) for number, _, _ in rows]).astype("datetime64[us, UTC]")
    events = pd.DataFrame({"device_id": "D", "at": at, "kind": [kind for _, kind, _ in rows],
                           "component": pd.Series([part for _, _, part in rows], dtype="str")})
    points: DevicePoints = device_points(["D"], [day(number) for number in days])
    return device_outcomes(events, points, ["fan", "pump"], horizon, day(until))


def test_a_failure_at_the_moment_counts_and_one_at_the_horizons_end_does_not() -> None:
    found = outcomes([(10, "failure", "fan")], [2, 3, 4, 10])
    assert found["any"].tolist() == [0, 0, 1, 1]
    assert found["fan"].tolist() == [0, 0, 1, 1]
    assert found["pump"].tolist() == [0, 0, 0, 0]


def test_rows_shortly_after_a_failure_are_dropped() -> None:
    found = outcomes([(10, "failure", "fan")], [10, 10.5, 11, 11.5])
    np.testing.assert_array_equal(found["any"], [1, np.nan, np.nan, 0])
    np.testing.assert_array_equal(found["pump"], [0, np.nan, np.nan, 0])


def test_a_planned_replacement_censors_its_component_and_is_no_failure() -> None:
    found = outcomes([(10, "maintenance", "fan")], [2, 5, 11])
    np.testing.assert_array_equal(found["fan"], [0, np.nan, 0])
    assert found[["any", "pump"]].to_numpy().tolist() == [[0, 0]] * 3


def test_a_repair_recorded_with_the_failure_is_a_failure() -> None:
    found = outcomes([(10, "failure", "fan"), (10, "maintenance", "fan")], [5])
    assert found["fan"].tolist() == [1]


def test_horizons_that_are_not_over_are_unknown_with_or_without_a_failure() -> None:
    found = outcomes([(10, "failure", "fan")], [4, 8], until=12)
    np.testing.assert_array_equal(found["any"], [1, np.nan])


def test_a_failure_without_a_component_is_one_of_the_device() -> None:
    found = outcomes([(10, "failure", None)], [9])
    assert found.iloc[0].tolist() == [1, 0, 0]
