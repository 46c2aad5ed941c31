"""Live state of people: what is left out stays, every change is counted."""

import multiprocessing
import os
import signal
import sqlite3
import threading
from datetime import timedelta
from typing import Any

from fenzhen.store import AssigneeChange, AssigneeState, Store, open_store
from tests.fenzhen.store.made_up import NOON, made_event

FORK = multiprocessing.get_context("fork")
LATER = NOON + timedelta(minutes=5)


def told(store: Store, assignee_id: str = "a1", at: Any = NOON, **values: Any) -> AssigneeState:
    with store.unit() as unit:
        return unit.set_assignee(AssigneeChange(assignee_id, values, at, "k_1"))


def test_what_is_told_holds_and_what_is_left_out_stays(store: Store) -> None:
    told(store, group="硬件", skills=["打印机", "扫描仪"], capacity=10, status="online")
    assert told(store, at=LATER, status="offline") == AssigneeState(
        "a1", None, "硬件", ("打印机", "扫描仪"), None, 10, "offline", LATER)
    assert told(store, at=LATER, capacity=None, skills=[]).capacity is None
    assert [(each.assignee_id, each.skills) for each in store.assignees()] == [("a1", ())]


def test_people_are_told_apart_and_listed_by_id(store: Store) -> None:
    told(store, "a2", open_tickets=3)
    told(store, "a1")
    assert [(each.assignee_id, each.open_tickets) for each in store.assignees()] == [("a1", None), ("a2", 3)]


def test_each_change_advances_the_revision(store: Store) -> None:
    before = store.revisions()
    told(store)
    told(store, status="online")
    after = store.revisions()
    assert (after.assignees, after.modes, after.keys) == (before.assignees + 2, before.modes, before.keys)


def forgotten(store: Store, assignee_id: str = "a1") -> bool:
    with store.unit() as unit:
        return unit.forget_assignee(assignee_id)


def test_who_is_forgotten_is_gone_alone_and_counted(store: Store) -> None:
    told(store, "a1", group="硬件", capacity=10)
    told(store, "a2")
    before = store.revisions().assignees
    assert forgotten(store, "a1")
    assert [each.assignee_id for each in store.assignees()] == ["a2"]
    assert store.revisions().assignees == before + 1
    assert not forgotten(store, "a1")


def test_of_a_person_told_again_nothing_old_is_left(store: Store) -> None:
    told(store, group="硬件", capacity=10)
    forgotten(store)
    assert told(store, at=LATER, status="online") == AssigneeState(
        "a1", None, None, None, None, None, "online", LATER)


def _killed_while_forgetting(url: str) -> None:
    with open_store(url) as store, store.unit() as unit:
        assert unit.forget_assignee("a1")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_that_is_killed_before_its_commit_forgets_nobody(store: Store, store_url: str) -> None:
    told(store)
    before = store.revisions()
    process = FORK.Process(target=_killed_while_forgetting, args=(store_url,), daemon=True)
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert [each.assignee_id for each in store.assignees()] == ["a1"]
    assert store.revisions() == before


def test_of_writers_at_once_each_forgets_or_tells_and_all_are_counted(store: Store, store_url: str) -> None:
    before, done = store.revisions().assignees, []

    def write(*, forget: bool) -> None:
        with open_store(store_url) as mine:
            for _ in range(20):
                done.append(forgotten(mine) if forget else told(mine, status="online").status == "online")

    threads = [threading.Thread(target=write, kwargs={"forget": forget}) for forget in (True, False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 60
    assert store.revisions().assignees == before + 60
    assert len(store.assignees()) <= 1


def test_events_are_read_by_number_in_order_and_no_more_than_asked(store: Store) -> None:
    store.write_events([made_event(number) for number in range(1, 8)])
    first = store.events_after(0, 3)
    assert [event.ticket_id for _, event in first] == ["T-1", "T-2", "T-3"]
    rest = store.events_after(first[-1][0], 100)
    assert [event.ticket_id for _, event in rest] == ["T-4", "T-5", "T-6", "T-7"]
    assert store.events_after(rest[-1][0], 100) == []
    assert [event.ticket_id for _, event in store.events_numbered([rest[1][0], first[0][0], 10**6])] == ["T-1", "T-5"]


def test_the_number_before_the_newest_events(store: Store) -> None:
    assert store.number_before_newest(5) == 0
    store.write_events([made_event(number) for number in range(1, 8)])
    assert len(store.events_after(store.number_before_newest(5), 100)) == 5
    assert len(store.events_after(store.number_before_newest(50), 100)) == 7


def test_sqlite_shows_the_same_columns_to_others(store: Store, store_url: str) -> None:
    told(store, group="硬件", skills=["打印机"])
    if store_url.startswith("sqlite"):
        with sqlite3.connect(store_url.removeprefix("sqlite:///")) as connection:
            rows = connection.execute('SELECT assignee_id, "group", skills FROM assignee_state').fetchall()
        connection.close()
        assert rows == [("a1", "硬件", '["打印机"]')]
