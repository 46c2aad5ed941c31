"""Outcomes: every word is kept, the last one counts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from fenzhen.errors import StoreError
from fenzhen.store import Outcome, OutcomeCounts, Store, open_store, ticket_events
from tests.fenzhen.store.made_up import NOON, made_event
from tests.fenzhen.store.made_up_risks import Said, details_of, made_details, made_frame, made_run

SAID: Said = {"C1": (0.9, "high", made_details()), "C2": (0.1, "low", made_details(None))}


def made(entity: str, outcome: Any = "contacted", **changes: Any) -> Outcome:
    return Outcome(**{"model": "churn", "entity": entity, "outcome": outcome, "actor": "王芳", "at": NOON, **changes})


def test_outcomes_come_back_newest_first(store: Store) -> None:
    first = made("C1", reason="tickets_reopened_90d", note="已约周五上门", owner="王芳", risk_level="high", as_of=NOON)
    second = made("C1", "snoozed", until=NOON + timedelta(days=7))
    ids = [store.write_outcome(first), store.write_outcome(second)]
    assert [(each.id, each.said) for each in store.outcomes_of("churn", "C1")] == [(ids[1], second), (ids[0], first)]
    assert store.outcomes_of("device_failure", "C1") == []
    assert store.newest_outcome("churn") == ids[1]
    assert store.newest_outcome("device_failure") == 0
    run = store.write_scores(made_run(), made_frame(SAID, made_run()), details_of(SAID))
    listed = store.listed(run, ["C2", "C1", "nobody"])
    assert listed is not None
    assert [(each.score.entity, each.outcome) for each in listed] == [("C2", None), ("C1", second)]
    assert listed[0].details == SAID["C2"][2]
    assert store.all_last_outcomes("churn") == {"C1": ("snoozed", NOON + timedelta(days=7))}


def test_the_last_word_on_each_is_counted_by_reason_and_owner(store: Store) -> None:
    for said in (made("C1", reason="a"), made("C1", "saved", reason="a", owner="王芳"), made("C2", "lost", reason="a"),
                 made("C3", "contacted", reason="b", owner="王芳"), made("C4", "saved"),
                 made("C5", "snoozed", until=NOON, reason="b"), made("D1", "saved", model="device_failure")):
        store.write_outcome(said)
    assert store.outcome_counts("churn") == {
        "": OutcomeCounts(2, 1, 4), "a": OutcomeCounts(1, 1, 2), "b": OutcomeCounts(0, 0, 1)}
    assert store.outcome_counts("churn", "王芳") == {
        "": OutcomeCounts(1, 0, 2), "a": OutcomeCounts(1, 0, 1), "b": OutcomeCounts(0, 0, 1)}
    assert store.outcome_counts("churn", "李强") == {"": OutcomeCounts(0, 0, 0)}


@pytest.mark.parametrize("wrong", [made("C1", "won"), made("C1", "snoozed"), made("C1", until=NOON)])
def test_what_is_no_outcome_is_refused(store: Store, wrong: Outcome) -> None:
    with pytest.raises(StoreError, match="expected"):
        store.write_outcome(wrong)


def test_a_unit_that_fails_leaves_no_outcome(store: Store) -> None:
    with pytest.raises(StoreError), store.unit() as unit:
        unit.write_outcome(replace(made("C1"), outcome=str(unit.write_outcome(made("C1")))))  # type: ignore[arg-type]
    assert store.outcomes_of("churn", "C1") == []


def test_a_customers_events_are_those_of_all_tickets_that_name_them(store: Store) -> None:
    store.write_events([
        made_event(1, values={"customer_id": "C1"}), made_event(1, "resolved", at=NOON + timedelta(hours=1)),
        made_event(2, values={"customer_id": "C2"}),
        made_event(3, at=NOON - timedelta(days=1), values={"customer_id": "C1"}),
    ])
    assert [(each.ticket_id, each.event) for each in store.events_of_customer("C1")] == [
        ("T-3", "created"), ("T-1", "created"), ("T-1", "resolved")]
    assert [each.ticket_id for each in store.events_of_customer("C1", limit=2)] == ["T-1", "T-1"]
    assert store.events_of_customer("' OR 1=1") == []


def test_a_customers_tickets_are_found_by_an_index(tmp_path: Path) -> None:
    asked: list[str] = []
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store, store.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
        ticket_events.events_of_customer(connection, "C1", 10)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", ("C1", 2, 0, 10, 0)).all()
    assert "ticket_events_customer" in str(plan)
    assert "SCAN ticket_events" not in str(plan)
