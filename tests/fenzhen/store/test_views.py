"""The views that a BI tool reads, with the numbers checked by hand."""

from typing import Any

import pytest
from sqlalchemy import text

from fenzhen.store import PredictedField, Store
from fenzhen.store.views import VIEWS
from tests.fenzhen.store.made_up import NOON, hours, made_event, made_feedback, made_prediction


def _rows(store: Store, statement: str) -> list[tuple[Any, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def _auto(number: int, **changes: Any) -> Any:
    fields = (PredictedField("category", "ok", "网络", 0.99, "auto", "ticket_category/18"),)
    return made_prediction(number, fields=fields, **changes)


@pytest.fixture
def told(store: Store) -> Store:
    """Four tickets: accepted then corrected, automatic, rejected, and open; the first predicted twice."""
    key = store.create_key(["triage"], name="工单系统").record.id
    store.write_predictions([_auto(9, ticket_id="T-1", at=NOON - hours(24)), made_prediction(1, key_id=key), _auto(2),
                             _auto(3), made_prediction(4), made_prediction(5, ticket_id=None)])
    store.write_feedback([made_feedback("accepted"), made_feedback("corrected"),
                          made_feedback("rejected", prediction_id="P000003")])
    store.write_events([
        made_event(event="created"), made_event(event="assigned", values={"group": "硬件", "assignee_id": "a1"}),
        made_event(event="responded", at=NOON + hours(1)), made_event(event="resolved", at=NOON + hours(2)),
        made_event(event="reopened", at=NOON + hours(3)), made_event(event="resolved", at=NOON + hours(4)),
        made_event(event="csat", at=NOON + hours(5), values={"csat": 4}),
    ])
    return store


def test_every_view_can_be_read_when_the_store_is_empty(store: Store) -> None:
    for view in VIEWS:
        assert _rows(store, f"SELECT * FROM {view.name}") == []


def test_predictions_are_one_row_a_field_with_the_name_of_the_key(told: Store) -> None:
    assert _rows(told, "SELECT ticket_id, value, confidence, decision, model, version, key_name FROM v_predictions "
                       "WHERE prediction_id = 'P000001' AND field = 'category'") == [
        ("T-1", "硬件故障", 0.87, "suggest", "ticket_category", 17, "工单系统")]
    assert _rows(told, "SELECT count(*) FROM v_predictions") == [(9,)]


def test_only_the_last_word_of_each_person_is_shown(told: Store) -> None:
    assert _rows(told, "SELECT prediction_id, verdict, value, predicted, agrees FROM v_feedback ORDER BY 1") == [
        ("P000001", "corrected", "耗材", "硬件故障", 0), ("P000003", "rejected", None, "网络", 0)]


def test_a_ticket_is_decided_by_its_newest_prediction_and_the_newest_word(told: Store) -> None:
    assert _rows(told, "SELECT ticket_id, predicted, decision, value, confirmed, outcome FROM v_tickets_decided "
                       "WHERE field = 'category' ORDER BY ticket_id") == [
        ("T-1", "硬件故障", "suggest", "耗材", 1, "corrected"), ("T-2", "网络", "auto", "网络", 0, "automatic"),
        ("T-3", "网络", "auto", None, 0, "rejected"), ("T-4", "硬件故障", "suggest", None, 0, "open")]


def test_days_count_predictions_and_what_people_said(told: Store) -> None:
    assert _rows(told, "SELECT * FROM v_quality_daily WHERE field = 'category' ORDER BY day, version") == [
        ("2026-11-20", "category", "ticket_category", 18, "auto", 1, 0, 0, 0, 0),
        ("2026-11-21", "category", "ticket_category", 17, "suggest", 3, 1, 0, 1, 0),
        ("2026-11-21", "category", "ticket_category", 18, "auto", 2, 1, 0, 0, 1)]


def test_events_show_who_and_how_satisfied(told: Store) -> None:
    assert _rows(told, "SELECT group_name, assignee_id FROM v_ticket_events WHERE event = 'assigned'") == [
        ("硬件", "a1")]
    assert _rows(told, "SELECT csat FROM v_ticket_events WHERE event = 'csat'") == [(4.0,)]


def test_a_ticket_is_told_by_its_events(told: Store) -> None:
    found = _rows(told, "SELECT created_at, resolved_at, times_reopened, times_assigned FROM v_tickets")
    assert len(found) == 1
    created, resolved, reopened, assigned = found[0]
    assert str(created).startswith("2026-11-21")
    assert (str(resolved)[11:13], reopened, assigned) == ("16", 1, 1)


@pytest.mark.postgres
def test_postgresql_says_what_a_row_is(told: Store) -> None:
    with told.reading() as connection:
        if connection.dialect.name != "postgresql":
            pytest.skip("SQLite has no comments; its statement holds the sentence")
        for view in VIEWS:
            found = connection.execute(text(f"SELECT obj_description('{view.name}'::regclass)")).scalar()
            assert found == view.row
