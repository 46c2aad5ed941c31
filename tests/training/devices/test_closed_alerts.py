"""Closed alerts become events: confirmed ones failures, planned ones maintenance, false ones nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from fenzhen.store import DeviceAlert
from fenzhen.tables import conform
from training.devices.closed_alerts import with_closed_alerts

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def closed(outcome: Any, component: str = "fan") -> DeviceAlert:
    return DeviceAlert("A1", "device_failure", 1, "D1", component, DAY, DAY, DAY, 0.6, 0.6, 7, state="closed",
                       ended_at=DAY + timedelta(days=2), outcome=outcome)


def events(*rows: tuple[str, int, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["device_id", "at", "kind", "component"])
    return conform("device_events", frame.assign(
        at=pd.to_datetime([DAY + timedelta(days=day) for _, day, *_ in rows], utc=True)))


def kinds(found: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(found["kind"], found["component"], strict=True))


@pytest.mark.parametrize(("outcome", "expected"), [
    ("confirmed", [("log", "fan"), ("failure", "fan")]), ("planned", [("log", "fan"), ("maintenance", "fan")]),
    ("false", [("log", "fan")]),
])
def test_an_outcome_becomes_what_it_means(outcome: str, expected: list[tuple[str, str]]) -> None:
    found = with_closed_alerts(events(("D1", -5, "log", "fan")), [closed(outcome)])
    assert kinds(found) == expected
    assert found["at"].dtype == "datetime64[us, UTC]"


@pytest.mark.parametrize(("device", "day", "component", "again"), [
    ("D1", 1, "fan", False), ("D1", 9, None, False), ("D1", 10, "fan", True), ("D1", -2, "fan", True),
    ("D1", 1, "belt", True), ("D2", 1, "fan", True),
])
def test_a_failure_that_is_recorded_is_not_counted_twice(
    device: str, day: int, component: str | None, again: bool,
) -> None:
    found = with_closed_alerts(events((device, day, "failure", component)), [closed("confirmed")])
    assert len(found) == 1 + again


def test_an_alert_of_the_whole_device_names_no_component() -> None:
    found = with_closed_alerts(events(("D1", -5, "log", "fan")), [closed("confirmed", "any")])
    assert found["component"].isna().tolist() == [False, True]
