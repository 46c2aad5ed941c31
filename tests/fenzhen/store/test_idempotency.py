"""Idempotency: one execution a key, the same answer afterwards, a clash for another body."""

import multiprocessing
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fenzhen.store import Store, Turn, idempotency, open_store
from fenzhen.store.idempotency import KEPT, Claim
from tests.fenzhen.store.made_up import made_event

FORK = multiprocessing.get_context("fork")
NOW = datetime.now(UTC)
CLAIM = Claim("k_1", "key", "body")


def _at(store: Store, moment: datetime, claim: Claim = CLAIM) -> Turn:
    with store.writing() as connection:
        return idempotency.begin(connection, claim, moment)


def test_the_first_runs_and_the_next_gets_its_answer(store: Store) -> None:
    turn = store.begin("k_1", "key", "body")
    assert turn.kind == "run"
    assert store.begin("k_1", "key", "body").kind == "running"
    with store.unit() as unit:
        unit.write_events([made_event()])
        assert unit.finish(turn.lease, 201, "好".encode())
    again = store.begin("k_1", "key", "body")
    assert (again.kind, again.status, again.answer) == ("answered", 201, "好".encode())


def test_another_body_clashes_before_and_after_the_answer(store: Store) -> None:
    turn = store.begin("k_1", "key", "body")
    assert store.begin("k_1", "key", "other").kind == "clash"
    with store.unit() as unit:
        unit.finish(turn.lease, 200, b"")
    assert store.begin("k_1", "key", "other").kind == "clash"
    assert store.begin("k_1", "key", "body").answer == b""


def test_keys_of_others_are_their_own(store: Store) -> None:
    assert [store.begin(key, "key", key).kind for key in ("k_1", "k_2")] == ["run", "run"]


def test_a_failed_request_gives_its_turn_back(store: Store) -> None:
    store.release(store.begin("k_1", "key", "body").lease)
    assert store.begin("k_1", "key", "body").kind == "run"


def test_an_answer_is_forgotten_after_a_day(store: Store) -> None:
    turn = _at(store, NOW)
    with store.unit() as unit:
        unit.finish(turn.lease, 200, b"old")
    assert _at(store, NOW + KEPT - timedelta(seconds=1)).kind == "answered"
    assert _at(store, NOW + KEPT, Claim("k_1", "key", "other")).kind == "run"


def test_the_lease_of_a_killed_worker_runs_out_and_what_it_writes_later_is_undone(store: Store) -> None:
    dead = _at(store, NOW)
    assert _at(store, NOW + timedelta(seconds=29)).kind == "running"
    assert _at(store, NOW + timedelta(seconds=30), Claim("k_1", "key", "other")).kind == "clash"
    heir = _at(store, NOW + timedelta(seconds=30))
    assert heir.kind == "run"
    with store.unit() as unit:
        assert not unit.finish(dead.lease, 200, b"late")
        assert unit.finish(heir.lease, 200, b"right")
    assert store.begin("k_1", "key", "body").answer == b"right"


def test_a_clock_set_back_does_not_lock_a_key(store: Store) -> None:
    _at(store, NOW)
    assert _at(store, NOW - timedelta(seconds=1)).kind == "running"
    assert _at(store, NOW - timedelta(hours=1)).kind == "run"


def test_begin_and_finish_fit_into_one_transaction(store: Store) -> None:
    for expected in ("run", "answered"):
        with store.unit() as unit:
            turn = unit.begin("k_1", "key", "body")
            assert turn.kind == expected
            if turn.kind == "run":
                unit.finish(turn.lease, 200, b"{}")


def _race(url: str, barrier: Any, ran: Any) -> None:
    with open_store(url, lock_timeout_seconds=30) as store:
        barrier.wait(30)
        for number in range(25):
            turn = store.begin("k_1", f"key {number}", "body")
            while turn.kind == "running":
                turn = store.begin("k_1", f"key {number}", "body")
            if turn.kind == "run":
                with store.unit() as unit:
                    unit.finish(turn.lease, 200, b"done")
                ran.put(number)


def test_of_processes_that_ask_at_once_exactly_one_runs(store_url: str) -> None:
    open_store(store_url).close()
    barrier, ran = FORK.Barrier(3), FORK.Queue()
    processes = [FORK.Process(target=_race, args=(store_url, barrier, ran)) for _ in range(3)]
    for process in processes:
        process.start()
    found = sorted(ran.get(timeout=60) for _ in range(25))
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert found == list(range(25))
    assert ran.empty()


@pytest.mark.parametrize("expired", [True, False])
def test_threads_that_ask_at_once_get_one_turn(store: Store, expired: bool) -> None:
    if expired:
        _at(store, NOW - KEPT)
    kinds: list[str] = []
    threads = [threading.Thread(target=lambda: kinds.append(store.begin("k_1", "key", "body").kind)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(kinds) == ["run"] + ["running"] * 4
