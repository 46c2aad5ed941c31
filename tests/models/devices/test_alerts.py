"""Alerts open once, last, expire and are held back as their rules say."""

from datetime import UTC, datetime, timedelta

import pytest

from fenzhen.errors import WorkspaceError
from models.devices.alerts import ANY, AlertChanges, AlertRules, DeviceRisk, Ended, Standing, next_alerts

TODAY = datetime(2026, 6, 10, tzinfo=UTC)
THRESHOLDS = {ANY: 0.5, "fan": 0.4, "belt": 0.4}


def risks(device: str = "d1", fan: float = 0.0, belt: float = 0.0, whole: float = 0.0, **attributes: str,
          ) -> list[DeviceRisk]:
    return [DeviceRisk(device, name, probability, attributes)
            for name, probability in (("fan", fan), ("belt", belt), (ANY, whole))]


def standing(days_ago: int, ended_days_ago: int | None = None, high_days_ago: int = 1) -> Standing:
    ended = None if ended_days_ago is None else TODAY - timedelta(days=ended_days_ago)
    return Standing("a1", TODAY - timedelta(days=days_ago), TODAY - timedelta(days=high_days_ago), ended)


def changes(found: list[DeviceRisk], alerts: dict | None = None, serviced: dict | None = None,
            failed: dict | None = None, **rules: float) -> AlertChanges:
    return next_alerts(found, alerts or {}, serviced or {}, THRESHOLDS, AlertRules(**rules), TODAY, failed or {})


def opened(found: AlertChanges) -> list[tuple[str, str]]:
    return [(each.risk.device_id, each.risk.component) for each in found.opened]


def held(found: AlertChanges) -> list[str]:
    return [each.why for each in found.held_back]


def test_a_risk_on_its_threshold_opens_an_alert_and_one_below_does_not() -> None:
    assert opened(changes(risks(fan=0.4, belt=0.39))) == [("d1", "fan")]


def test_where_only_the_whole_device_is_high_the_likeliest_component_is_named() -> None:
    assert opened(changes(risks(fan=0.2, belt=0.3, whole=0.5))) == [("d1", "belt")]


def test_a_component_without_a_threshold_never_alerts() -> None:
    assert opened(changes([DeviceRisk("d1", "door", 0.99)])) == []


def test_an_open_alert_is_not_opened_again_and_goes_on_above_the_lower_threshold() -> None:
    found = changes(risks(fan=0.3), {("d1", "fan"): standing(5)})
    assert (opened(found), found.expired, found.high) == ([], (), {"a1"})
    assert found.going_on["a1"].probability == 0.3


def test_an_alert_expires_after_quiet_days_and_not_before() -> None:
    quiet = {"fan": 0.1}
    assert changes(risks(**quiet), {("d1", "fan"): standing(9, high_days_ago=3)}).expired == ("a1",)
    assert changes(risks(**quiet), {("d1", "fan"): standing(9, high_days_ago=2)}).expired == ()


def test_an_alert_of_a_device_that_is_no_longer_scored_expires_too() -> None:
    found = changes(risks("d2"), {("d1", "fan"): standing(9, high_days_ago=4)})
    assert (found.expired, dict(found.going_on)) == (("a1",), {})


DAY = timedelta(days=1)


@pytest.mark.parametrize("component", ["fan", ANY])
@pytest.mark.parametrize("state", ["failed", "serviced"])
def test_a_record_of_its_component_or_of_the_device_ends_an_alert_when_it_happened(component: str, state: str) -> None:
    found = changes(risks(fan=0.9), {("d1", "fan"): standing(5)}, **{state: {("d1", component): TODAY - DAY}})
    assert found.ended == {"a1": Ended(state, TODAY - DAY)}
    assert (found.going_on, found.high, found.expired, opened(found), held(found)) == ({}, frozenset(), (), [], [])


@pytest.mark.parametrize("place", [("d1", "belt"), ("d2", "fan")])
def test_records_of_another_component_or_device_end_nothing(place: tuple[str, str]) -> None:
    found = changes(risks(fan=0.9), {("d1", "fan"): standing(5)}, {place: TODAY - DAY}, failed={place: TODAY - DAY})
    assert (found.ended, list(found.going_on)) == ({}, ["a1"])


def test_what_was_recorded_before_an_alert_opened_does_not_end_it_and_what_came_as_it_opened_does() -> None:
    alert, opened_at = {("d1", "fan"): standing(5)}, TODAY - 5 * DAY
    assert changes(risks(fan=0.9), alert, failed={("d1", "fan"): opened_at - timedelta(seconds=1)}).ended == {}
    assert changes(risks(fan=0.9), alert, failed={("d1", "fan"): opened_at}).ended == {"a1": Ended("failed", opened_at)}


def test_a_failure_that_is_repaired_the_next_day_confirms_the_alert() -> None:
    found = changes(risks(fan=0.02), {("d1", "fan"): standing(5, high_days_ago=4)}, {("d1", "fan"): TODAY - DAY},
                    failed={("d1", "fan"): TODAY - 2 * DAY})
    assert (found.ended, found.expired) == ({"a1": Ended("failed", TODAY - 2 * DAY)}, ())


def test_an_alert_of_the_whole_device_is_confirmed_by_the_failure_of_any_component() -> None:
    found = changes(risks(whole=0.9), {("d1", ANY): standing(5)}, failed={("d1", "belt"): TODAY - DAY})
    assert found.ended == {"a1": Ended("failed", TODAY - DAY)}


def test_an_alert_that_is_no_longer_open_is_not_ended_again() -> None:
    found = changes(risks(), {("d1", "fan"): standing(5, ended_days_ago=3)}, {("d1", "fan"): TODAY - DAY})
    assert found.ended == {}


@pytest.mark.parametrize(("days", "expected"), [(13, ["cool_down"]), (14, [])])
def test_after_an_alert_was_closed_there_is_a_cool_down(days: int, expected: list[str]) -> None:
    found = changes(risks(fan=0.9), {("d1", "fan"): standing(30, ended_days_ago=days)})
    assert held(found) == expected
    assert bool(opened(found)) is not bool(expected)


@pytest.mark.parametrize("component", ["fan", ANY])
def test_maintenance_of_the_component_or_of_the_device_suppresses(component: str) -> None:
    assert held(changes(risks(fan=0.9), serviced={("d1", component): TODAY - timedelta(days=1)})) == ["maintenance"]
    assert held(changes(risks(fan=0.9), serviced={("d1", component): TODAY - timedelta(days=3)})) == []
    assert held(changes(risks(fan=0.9), serviced={("d1", "belt"): TODAY - timedelta(days=1)})) == []


def test_the_daily_cap_keeps_the_highest_and_tells_what_was_left_out() -> None:
    found = changes([*risks("d1", fan=0.5), *risks("d2", fan=0.9), *risks("d3", fan=0.7)], daily_cap=2)
    assert opened(found) == [("d2", "fan"), ("d3", "fan")]
    assert [(each.risk.device_id, each.why) for each in found.held_back] == [("d1", "cap")]


def test_alerts_of_a_batch_that_rise_together_carry_their_group() -> None:
    bad = [risk for number in range(3) for risk in risks(f"b{number}", fan=0.8, batch="2606-B", site="上海")]
    good = [risk for number in range(9) for risk in risks(f"g{number}", batch="2605-A", site="上海")]
    alone = risks("x", fan=0.8, batch="2604-C", site="上海")
    groups = {each.risk.device_id: each.group for each in changes([*bad, *good, *alone]).opened}
    assert groups == {"b0": "batch=2606-B", "b1": "batch=2606-B", "b2": "batch=2606-B", "x": None}


def test_standing_alerts_count_for_the_group() -> None:
    fleet = [risk for number in range(3) for risk in risks(f"b{number}", fan=0.8, batch="B")]
    fleet += [risk for number in range(9) for risk in risks(f"g{number}", batch="A")]
    before = {("b0", "fan"): Standing("a0", TODAY, TODAY), ("b1", "fan"): Standing("a1", TODAY, TODAY)}
    assert [(each.risk.device_id, each.group) for each in changes(fleet, before).opened] == [("b2", "batch=B")]


@pytest.mark.parametrize("content", [{"cap": 3}, {"daily_cap": 2.5}, {"daily_cap": True}, {"create_ticket": 1},
                                     {"close_share": -0.1}])
def test_settings_that_are_none_are_refused(content: dict) -> None:
    with pytest.raises(WorkspaceError, match=r"\[models.device_failure.alerts\]: got .*expected"):
        AlertRules.from_dict("device_failure", content)
