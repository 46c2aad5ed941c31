"""Events of the store, each once, late ones included."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from fenzhen.store import Store, TicketEvent, open_store
from serving.event_feed import GAP_SECONDS, MOST_GAPS, EventFeed
from tests.fenzhen.store.made_up import made_event


class Clock:
    """A clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def numbers(events: list[TicketEvent]) -> list[int]:
    return [int(event.ticket_id.removeprefix("T-")) for event in events]


def write(store: Store, *tickets: int) -> None:
    store.write_events([made_event(number) for number in tickets])


def renumber(store: Store, old: int, new: int) -> None:
    """Show an event as PostgreSQL would, whose transaction took number ``new``."""
    with store.writing() as connection:
        connection.execute(text(f"UPDATE ticket_events SET seq = {new} WHERE seq = {old}"))


def test_each_event_comes_once_in_order_in_chunks(store: Store) -> None:
    feed = EventFeed(100, chunk=3)
    write(store, 1, 2, 3, 4)
    assert [numbers(feed.next(store)) for _ in range(3)] == [[1, 2, 3], [4], []]
    write(store, 4, 5)
    assert numbers(feed.next(store)) == [5]


def test_it_begins_with_the_newest_events(store: Store) -> None:
    write(store, *range(1, 11))
    assert numbers(EventFeed(4).next(store)) == [7, 8, 9, 10]


def test_an_event_that_becomes_visible_late_comes_once(store: Store) -> None:
    write(store, 1, 2, 3)
    renumber(store, 2, 1002)
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE aside AS SELECT * FROM ticket_events WHERE seq = 1002"))
        connection.execute(text("DELETE FROM ticket_events WHERE seq = 1002"))
    feed = EventFeed(100)
    assert numbers(feed.next(store)) == [1, 3]
    with store.writing() as connection:
        connection.execute(text("INSERT INTO ticket_events SELECT * FROM aside"))
    renumber(store, 1002, 2)
    assert numbers(feed.next(store)) == [2]
    assert feed.next(store) == []


def test_numbers_that_nobody_commits_are_given_up_after_a_minute(store: Store) -> None:
    clock = Clock()
    feed = EventFeed(100, clock=clock)
    write(store, 1, 2)
    renumber(store, 2, 5_000)
    feed.next(store)
    assert len(feed._gaps) == MOST_GAPS
    clock.now = GAP_SECONDS
    feed.next(store)
    assert feed._gaps == {}
