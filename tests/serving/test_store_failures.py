"""A store that is locked, away, read-only or full: predictions go on, facts are refused with a time to wait."""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from fenzhen.errors import StoreBusy, StoreError
from fenzhen.store import Store
from serving.store_link import StoreLink
from tests.serving.application import Desk, problem

TICKET = {"ticket": {"id": "S-1", "subject": "打印机卡纸"}}
EVENT = {"ticket_id": "S-2", "event": "closed", "at": "2026-11-20T11:30:00+08:00"}
FEEDBACK = {"ticket_id": "S-1", "field": "category", "verdict": "accepted"}


@contextlib.contextmanager
def locked(desk: Desk) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(desk.worker.config.state_dir / "store.db")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have every write of the store fail with an error."""
    def fail(error: StoreError) -> None:
        def unit(_: Store) -> Any:
            raise error

        monkeypatch.setattr(Store, "unit", unit)

    return fail


def test_with_a_locked_store_tickets_are_answered_and_facts_refused(desk: Desk) -> None:
    with locked(desk):
        assert desk.post("/v1/triage", TICKET).status_code == 200
        refused = desk.post("/v1/events", EVENT)
        assert "nothing was recorded" in problem(refused, 503)["detail"]
        assert int(refused.headers["retry-after"]) >= 1
    assert desk.post("/v1/events", EVENT).json()["recorded"] == 1


def test_what_was_answered_while_the_store_was_locked_is_written_afterwards(desk: Desk) -> None:
    with locked(desk):
        prediction = desk.post("/v1/triage", TICKET).json()["prediction_id"]
        problem(desk.post("/v1/feedback", FEEDBACK), 503)
    told = {"prediction_id": prediction, "field": "category", "verdict": "accepted"}
    assert desk.post("/v1/feedback", told).status_code == 200


@pytest.mark.parametrize("error", [StoreBusy("full", 30), StoreError("read-only")])
def test_every_failure_is_a_503_for_facts_and_none_for_tickets(desk: Desk, refusing: Any, error: StoreError) -> None:
    refusing(error)
    for path, body in (("/v1/events", EVENT), ("/v1/feedback", FEEDBACK)):
        refused = desk.post(path, body)
        problem(refused, 503)
        assert refused.headers["retry-after"] == ("30" if isinstance(error, StoreBusy) else "5")
    for _ in range(3):
        assert desk.post("/v1/triage", TICKET, headers={"Idempotency-Key": "failing"}).status_code == 200


def test_modes_cannot_be_set_or_read_without_the_store(
    desk: Desk, refusing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(StoreBusy("away", 2))
    problem(desk.client.put("/v1/modes/*", json={"mode": "off", "reason": "x"}), 503)

    def away(_: Store) -> Any:
        raise StoreBusy("away")

    monkeypatch.setattr(Store, "modes", away)
    problem(desk.get("/v1/modes"), 503)


def test_keys_met_before_go_on_working_and_others_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Store, __: str) -> Any:
        raise StoreBusy("away")

    monkeypatch.setattr(Store, "key", away)
    assert desk.post("/v1/triage", TICKET).status_code == 200
    problem(desk.get("/v1/models", headers={"Authorization": "Bearer fz_never_seen"}), 503)


def test_a_store_that_could_not_be_opened_is_tried_again_a_second_later() -> None:
    now, tries = [0.0], []

    def open_(*_: Any, **__: Any) -> Store:
        tries.append(now[0])
        raise StoreBusy("away")

    link = StoreLink("sqlite://", open_=open_, clock=lambda: now[0])
    for moment in (0.0, 0.5, 0.9, 1.0, 1.5):
        now[0] = moment
        with pytest.raises(StoreBusy), link.lend("test"):
            raise AssertionError
    assert tries == [0.0, 1.0]


@pytest.mark.parametrize(("path", "reads", "operation"), [
    ("/v1/devices/alerts", "alerts", "devices"), ("/v1/churn/accounts/C1", "newest_scores", "accounts"),
])
def test_a_failed_reading_is_told_as_what_was_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str, reads: str,
    operation: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError(f"away: {path}")

    monkeypatch.setattr(Store, reads, fail)
    with caplog.at_level("WARNING", "serving.store"):
        problem(desk.get(path), 503)
    assert [record.facts["operation"] for record in caplog.records] == [operation]
