"""Alerts in the store: a day is written once, at most one alert stands, people's word closes it."""

from datetime import timedelta
from typing import Any

import pytest

from fenzhen.errors import StoreError
from fenzhen.store import AlertDay, AlertFilter, DeviceAlert, DeviceTicket, Store, TicketEvent
from tests.fenzhen.store.made_up import NOON

DAY = timedelta(days=1)


def made(number: int, component: str = "fan", **changes: Any) -> DeviceAlert:
    facts = {"alert_id": f"A{number}", "model": "device_failure", "version": 3, "device_id": f"D{number}",
             "component": component, "opened_at": NOON, "last_at": NOON, "last_high_at": NOON, "probability": 0.5,
             "peak": 0.5, "horizon_days": 7, "site": "上海", "details": {"reasons": [{"code": "errors_7d"}]}}
    return DeviceAlert(**(facts | changes))


def day(days: int = 0, **changes: Any) -> AlertDay:
    return AlertDay("device_failure", NOON + days * DAY, 3, **changes)


def test_what_was_opened_comes_back_and_a_day_is_written_once(store: Store) -> None:
    held = [{"device_id": "D9", "component": "fan", "probability": 0.6, "why": "cap"}]
    first = day(opened=[made(1), made(2)], held_back=held)
    assert store.write_alert_day(first)
    assert not store.write_alert_day(day(opened=[made(3)]))
    assert store.alerts(AlertFilter()) == [made(1), made(2)]
    assert store.held_back("device_failure") == (NOON, held)
    assert store.held_back("other") is None


def test_a_second_open_alert_of_a_place_is_refused_whole(store: Store) -> None:
    store.write_alert_day(day(opened=[made(1)]))
    with pytest.raises(StoreError):
        store.write_alert_day(day(1, opened=[made(5), made(6, device_id="D1")]))
    assert [each.alert_id for each in store.alerts(AlertFilter())] == ["A1"]


def test_alerts_go_on_with_their_peak_and_expire(store: Store) -> None:
    store.write_alert_day(day(opened=[made(1), made(2)]))
    store.write_alert_day(day(1, going_on={"A1": 0.9, "A2": 0.2}, high=frozenset({"A1"})))
    store.write_alert_day(day(2, going_on={"A1": 0.7}, expired=["A2"]))
    first, second = (store.alert(each) for each in ("A1", "A2"))
    assert first is not None
    assert (first.probability, first.peak, first.last_high_at, first.state) == (0.7, 0.9, NOON + DAY, "open")
    assert second is not None
    assert (second.state, second.ended_at, second.last_high_at) == ("expired", NOON + 2 * DAY, NOON)


def test_closing_frees_the_place_and_happens_once(store: Store) -> None:
    store.write_alert_day(day(opened=[made(1)]))
    assert store.close_alert("A1", "confirmed", NOON + DAY, note="风扇已更换", actor="李强")
    assert not store.close_alert("A1", "false", NOON + DAY)
    assert not store.close_alert("A7", "false", NOON + DAY)
    closed, = store.closed_alerts("device_failure", NOON + 2 * DAY)
    assert (closed.outcome, closed.note, closed.actor, closed.state) == ("confirmed", "风扇已更换", "李强", "closed")
    assert store.closed_alerts("device_failure", NOON + DAY) == []
    assert store.write_alert_day(day(2, opened=[made(8, device_id="D1")]))


def test_an_outcome_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="expected one of confirmed, false, planned"):
        store.close_alert("A1", "maybe", NOON)


def test_pages_go_on_where_the_last_one_ended_and_filters_hold(store: Store) -> None:
    for number in range(3):
        opened = [made(10 * number + each, opened_at=NOON + number * DAY, site="上海" if each else "北京")
                  for each in range(3)]
        store.write_alert_day(day(number, opened=opened))
    found: list[DeviceAlert] = []
    while page := store.alerts(AlertFilter(after=(found[-1].opened_at, found[-1].alert_id) if found else None), 2):
        found += page
    assert [each.alert_id for each in found] == ["A20", "A21", "A22", "A10", "A11", "A12", "A0", "A1", "A2"]
    assert {each.site for each in store.alerts(AlertFilter(site="北京"))} == {"北京"}
    assert len(store.alerts(AlertFilter(opened_from=NOON + 2 * DAY))) == 3


def test_lasting_alerts_are_open_ones_and_those_ended_since(store: Store) -> None:
    store.write_alert_day(day(opened=[made(1), made(2), made(3)]))
    store.close_alert("A1", "false", NOON + DAY)
    store.close_alert("A2", "false", NOON + 3 * DAY)
    assert [each.alert_id for each in store.lasting_alerts("device_failure", NOON + 2 * DAY)] == ["A2", "A3"]


def test_the_ticket_of_an_alert_is_kept_with_it(store: Store) -> None:
    told = DeviceTicket("FZ-A1", "A1", NOON, "D1", "C1", "P20", "风扇", "预警", "D1", {"category": "硬件"})
    store.write_alert_day(day(opened=[made(1, ticket_id="FZ-A1")], tickets=[told]))
    assert store.device_ticket("FZ-A1") == told
    assert store.device_ticket("FZ-A2") is None


def test_a_day_and_the_events_of_its_tickets_are_written_together_or_not_at_all(store: Store) -> None:
    wrong, right = (TicketEvent("FZ-A1", event, NOON, {"device_id": "D1"}, source="alert")
                    for event in ("foretold", "created"))
    with pytest.raises(StoreError, match="foretold"):
        store.write_alert_day(day(opened=[made(1)], events=[wrong]))
    assert store.alerts(AlertFilter()) == []
    assert store.write_alert_day(day(opened=[made(1)], events=[right]))
    assert store.events_of("FZ-A1") == [right]
