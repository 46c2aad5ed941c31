"""Age, maintenance and failures before a moment."""

import numpy as np
import pandas as pd
import pytest

from features.devices.device_events import DeviceEvents
from features.devices.device_points import NEVER, device_points
from features.devices.device_service import device_service, service_cycle

START = pd.Timestamp("2026-01-01", tz="UTC")


def events_of(*rows: tuple[float, str, str | None]) -> pd.DataFrame:
    """Return events of the device D: days after START, kind, component."""
    days, kinds, parts = zip(*rows, strict=True)
    at = pd.Series([START + pd.Timedelta(days=day) for day in days]).astype("datetime64[us, UTC]")
    return pd.DataFrame({"device_id": "D", "at": at, "kind": list(kinds), "component": list(parts)})


def described(events: pd.DataFrame, day: float, cycle: float = float("nan")) -> dict[str, float]:
    points = device_points(["D"], [START + pd.Timedelta(days=day)])
    found = device_service(np.array([NEVER]), DeviceEvents.of(points, events), points, ["fan", "pump"], cycle)
    return {name: float(values[0]) for name, values in found.items()}


def test_a_part_is_as_old_as_its_last_maintenance_or_failure() -> None:
    found = described(events_of((1, "maintenance", "fan"), (5, "failure", "fan"), (2, "maintenance", "pump")), 10)
    assert (found["days_since_service_fan"], found["days_since_service_pump"]) == (5, 8)
    assert (found["failures_fan_365d"], found["failures_pump_365d"]) == (1, 0)
    assert found["days_since_maintenance"] == 8


def test_what_happens_at_the_moment_itself_has_not_happened_yet() -> None:
    found = described(events_of((10, "failure", "fan")), 10)
    assert np.isnan(found["days_since_failure"])
    assert found["failures_365d"] == 0


def test_the_next_service_is_due_a_cycle_after_the_last_one() -> None:
    found = described(events_of((0, "maintenance", "fan"), (15, "maintenance", "pump")), 18, cycle=15)
    assert found["days_to_service"] == 12
    assert (found["age_at_service_fan"], found["age_at_service_pump"]) == (30, 15)


def test_without_records_all_is_unknown() -> None:
    found = described(events_of((0, "error", None)), 18, cycle=15)
    assert np.isnan([found[name] for name in ("age_days", "days_since_maintenance", "days_to_service")]).all()


@pytest.mark.parametrize(("step", "cycle"), [(15, 15.0), (None, float("nan"))])
def test_a_cycle_is_only_what_many_gaps_share(step: int | None, cycle: float) -> None:
    days = np.arange(30) * step if step else np.cumsum(np.arange(30))
    found = service_cycle(events_of(*[(float(day), "maintenance", "fan") for day in days]))
    np.testing.assert_equal(found, cycle)
