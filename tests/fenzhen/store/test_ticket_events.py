"""Ticket events: each fact once, from wherever and however often it is told."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fenzhen.errors import StoreError
from fenzhen.store import EVENTS, Store
from tests.fenzhen.store.made_up import NOON, made_event


def test_an_event_comes_back_as_written(store: Store) -> None:
    event = made_event(event="assigned", values={"group": "硬件", "assignee_id": "a1", "cost": 1.5}, event_id="e1",
                       key_id="k_1", request_id="r1")
    assert store.write_events([event]) == [True]
    assert store.events_of("T-1") == [event]
    assert store.events_of("T-2") == []


@pytest.mark.parametrize("name", EVENTS)
def test_every_kind_of_event_is_kept(store: Store, name: str) -> None:
    assert store.write_events([made_event(event=name)]) == [True]


def test_the_same_fact_from_another_source_is_one_row(store: Store) -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    told = made_event(event="resolved", values={"category": "硬件"}, event_id="e1", source="api")
    loaded = made_event(event="resolved", at=shanghai, values={"category": "硬件", "cost": 3}, source="ingest")
    assert store.write_events([told]) == [True]
    assert store.write_events([loaded]) == [False]
    assert store.events_of("T-1") == [told]


def test_the_same_fact_twice_in_one_call_is_one_row_and_the_first_counts(store: Store) -> None:
    first, second = made_event(values={"channel": "邮件"}), made_event(values={"channel": "电话"})
    assert store.write_events([first, made_event(2), second]) == [True, True, False]
    assert store.events_of("T-1") == [first]


def test_the_same_event_id_of_a_ticket_is_one_row_even_at_another_time(store: Store) -> None:
    assert store.write_events([made_event(event_id="e1")]) == [True]
    assert store.write_events([made_event(event_id="e1", at=NOON + timedelta(seconds=1))]) == [False]
    assert store.write_events([made_event(2, event_id="e1")]) == [True]


def test_a_ticket_assigned_to_two_people_at_one_moment_is_two_facts(store: Store) -> None:
    events = [made_event(event="assigned", values={"assignee_id": each}) for each in ("a1", "a2", "a1")]
    assert store.write_events(events) == [True, True, False]


def test_events_come_by_time_and_at_one_moment_in_the_order_of_writing(store: Store) -> None:
    store.write_events([made_event(event="resolved", at=NOON + timedelta(hours=2))])
    store.write_events([made_event(event="responded"), made_event(event="assigned")])
    store.write_events([made_event(at=NOON - timedelta(days=9))])
    assert [event.event for event in store.events_of("T-1")] == ["created", "responded", "assigned", "resolved"]


def test_peoples_words_and_missing_values_are_dropped(store: Store) -> None:
    values = {"subject": "卡纸", "body": "…", "resolution": "换纸", "survey_comment": "好", "csat": 5, "nps": None}
    store.write_events([made_event(event="csat", values=values)])
    assert store.events_of("T-1")[0].values == {"csat": 5}


def test_unknown_events_and_moments_without_a_zone_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="'deleted', expected one of created"):
        store.write_events([made_event(event="deleted")])
    with pytest.raises(StoreError, match="without a time zone"):
        store.write_events([made_event(at=datetime(2026, 1, 1))])
    assert store.write_events([]) == []


def test_the_first_and_the_last_moment_can_be_written(store: Store) -> None:
    moments = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    assert store.write_events([made_event(at=moment) for moment in moments]) == [True, True]
    assert [event.at for event in store.events_of("T-1")] == list(moments)
