"""Retention: what has expired goes, in small transactions; what people said stays."""

from datetime import UTC, datetime, timedelta

import pytest

from fenzhen.store import Purged, Store, idempotency, retention, sessions
from fenzhen.store.idempotency import Claim
from tests.fenzhen.store.made_up import NOON, hours, made_event, made_feedback, made_prediction


def test_predictions_before_a_moment_go_and_feedback_and_events_stay(store: Store) -> None:
    store.write_predictions([made_prediction(1), made_prediction(2, at=NOON + hours(1))])
    store.write_feedback([made_feedback()])
    store.write_events([made_event()])
    assert store.purge(NOON + hours(1)) == Purged(1, 0, 0)
    assert store.prediction("P000001") is None
    assert store.prediction("P000002") is not None
    assert len(store.feedback_of("P000001")) == len(store.events_of("T-1")) == 1


def test_predictions_stay_unless_a_moment_is_given(store: Store) -> None:
    store.write_predictions([made_prediction(at=datetime(1999, 1, 1, tzinfo=UTC))])
    assert store.purge() == Purged(0, 0, 0)


def test_many_go_in_chunks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 10)
    store.write_predictions([made_prediction(number) for number in range(25)])
    assert store.purge(NOON + hours(1)).predictions == 25


def test_expired_answers_and_sessions_go(store: Store) -> None:
    now, key = datetime.now(UTC), store.create_key(["triage"]).record.id
    with store.writing() as connection:
        for age in (0, 25):
            idempotency.begin(connection, Claim(key, f"key {age}", "body"), now - timedelta(hours=age))
            sessions.open_session(connection, key, now - timedelta(hours=age))
    assert store.purge() == Purged(0, 1, 1)
    assert store.purge() == Purged(0, 0, 0)


def test_the_order_of_writing_goes_on_after_everything_was_purged(store: Store) -> None:
    store.write_predictions([made_prediction(1)])
    first = store.prediction("P000001")
    store.purge(NOON + hours(1))
    store.write_predictions([made_prediction(2)])
    second = store.prediction("P000002")
    assert first is not None
    assert second is not None
    assert second.seq > first.seq
