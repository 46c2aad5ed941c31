"""What the demo shows of accounts and alerts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from fenzhen.simulate import simulate_workspace
from fenzhen.workspace import load_workspace
from serving.demo.at_risk import accounts_table, caught, caught_line, caught_table, failures

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENED = datetime(2026, 6, 20, tzinfo=UTC)


def alert(component: str = "电机", **more: Any) -> dict[str, Any]:
    return {"device_id": "SN1", "component": component, "opened_at": OPENED.isoformat(), "ended_at": None,
            "horizon_days": 7, "peak": 0.62, "device_model": "小团T1", "batch": "260629-B",
            "reasons": [{"text_zh": "振动比平时高 3.1 倍"}], **more}


def failed(days: float, component: str = "电机", device: str = "SN1") -> tuple[str, str, datetime]:
    return device, component, OPENED + timedelta(days=days)


def shown(table: Any) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


@pytest.mark.parametrize(("days", "foreseen"), [(0.9, False), (1, True), (6.9, True), (7, False), (-3, False)])
def test_a_failure_is_caught_from_a_day_after_the_alert_to_its_horizon(days: float, foreseen: bool) -> None:
    assert bool(caught([alert()], [failed(days)])) == foreseen


def test_an_alert_for_another_part_or_device_catches_nothing_and_any_catches_all() -> None:
    assert not caught([alert("控制板")], [failed(3)])
    assert not caught([alert()], [failed(3, device="SN2")])
    assert caught([alert("any")], [failed(3)])


def test_an_alert_that_had_ended_catches_nothing() -> None:
    ended = alert(ended_at=(OPENED + timedelta(days=2)).isoformat())
    assert not caught([ended], [failed(3)])
    assert caught([ended], [failed(1.5)])


def test_of_two_alerts_the_one_for_the_part_speaks() -> None:
    found, = caught([alert("any"), alert("电机")], [failed(3)])
    assert (found.alert["component"], found.lead) == ("电机", timedelta(days=3))


def test_the_table_of_caught_failures_tells_lead_and_reason() -> None:
    text = shown(caught_table(caught([alert()], [failed(3.7)]), SHANGHAI))
    assert all(word in text for word in (
        "SN1", "260629-B", "电机", "2026-06-20 (0.62)", "2026-06-24", "3.7", "振动比平时高"))


def test_the_line_counts_failures_since_the_first_alert() -> None:
    happened = [failed(-9), failed(0.5), failed(3), failed(5, device="SN2")]
    line = caught_line(caught([alert()], happened), [alert()], happened, SHANGHAI)
    assert line.startswith("1 of 2 failures since 2026-06-20 had an alert")
    assert "No device" in caught_line([], [], happened, SHANGHAI)


def test_accounts_are_listed_with_owner_risk_value_and_reason() -> None:
    row = {"name": "杭州启元科技", "customer_tier": "VIP", "owner": "AM01 林越", "risk_level": "high",
           "probability": 0.41, "value_at_risk": 88000.0, "currency": "CNY",
           "reason": {"text_zh": "近90天重复报修 2 次"}}
    scored = {"model": "churn/1", "as_of": "2026-06-30T16:00:00Z", "horizon_days": 90}
    text = shown(accounts_table({"scored": scored, "items": [row, {**row, "name": None, "reason": None}]}, SHANGHAI))
    assert all(word in text for word in (
        "杭州启元科技", "AM01 林越", "0.41", "88,000 CNY", "重复报修", "90 days", "2026-07-01"))


def test_before_anything_was_scored_there_are_no_accounts() -> None:
    assert accounts_table({"scored": None, "items": []}, SHANGHAI) is None


def test_failures_are_read_from_the_workspace(tmp_path: Path) -> None:
    simulate_workspace(tmp_path, 30, 60, date(2026, 7, 1), 1)
    found = failures(load_workspace(tmp_path))
    assert found
    assert [at for _, _, at in found] == sorted(at for _, _, at in found)
    assert all(at.tzinfo is not None for _, _, at in found)
