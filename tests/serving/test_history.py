"""Histories follow the store: every worker knows within seconds what any of them was told."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fenzhen.errors import StoreBusy
from fenzhen.store import Store, open_store
from serving.event_feed import CHUNK
from serving.history import SLICE, Follower, History, history_of
from serving.store_link import StoreLink
from tests.fenzhen.store.made_up import hours, made_event
from tests.serving.application import Desk
from tests.serving.fake_router import ProductState, publish_router
from tests.serving.routing_desk import routing_desk, solved


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a store that does not exist yet."""
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store."""
    with open_store(url) as opened:
        yield opened


def solution(number: int, person: str = "a1", **more: Any) -> Any:
    return made_event(number, "resolved", at=made_event().at + hours(number), values={"assignee_id": person}, **more)


def solved_by(history: History) -> dict[str, str]:
    with history.lent() as state:
        return dict(state.solvers)


def test_two_workers_read_what_anybody_wrote_each_event_once(store: Store) -> None:
    first, second = History(ProductState()), History(ProductState())
    store.write_events([solution(1), solution(2, "a2")])
    assert (first.read_on(store), second.read_on(store)) == (2, 2)
    store.write_events([solution(1), solution(3)])
    assert (first.read_on(store), first.read_on(store), second.read_on(store)) == (1, 0, 1)
    assert solved_by(first) == solved_by(second) == {"T-1": "a1", "T-2": "a2", "T-3": "a1"}


def test_a_creation_is_filed_with_what_was_known_then(store: Store) -> None:
    history = History(ProductState())
    store.write_events([solution(1), made_event(1, "created", values={"product": "P20", "customer_id": "C9"})])
    history.read_on(store)
    with history.lent() as state:
        assert state.products == {"T-1": "P20"}


def test_a_history_is_lent_to_one_at_a_time_and_given_back_by_readers_that_fail(store: Store) -> None:
    history = History(ProductState())
    store.write_events([solution(1)])
    reading = threading.Thread(target=history.read_on, args=(store,))

    def fail() -> None:
        with history.lent() as state:
            reading.start()
            reading.join(0.2)
            assert reading.is_alive()
            assert not state.solvers
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    reading.join(5)
    assert solved_by(history) == {"T-1": "a1"}


def test_only_scorers_that_work_on_a_history_get_one() -> None:
    assert history_of(object()) is None


def test_a_history_begins_with_a_bounded_number_of_events(store: Store) -> None:
    store.write_events([solution(number) for number in range(1, 31)])
    history = History(ProductState(), most=10)
    assert history.read_on(store) == 10


def test_requests_get_their_turn_while_a_long_past_is_read(store: Store) -> None:
    class SlowState(ProductState):
        longest = 0

        def update(self, events: Any) -> None:
            self.longest = max(self.longest, len(events))
            super().update(events)

    state = SlowState()
    history = History(state)
    store.write_events([solution(number) for number in range(1, 401)])
    history.read_on(store)
    assert state.longest == SLICE


def test_the_follower_reads_within_its_interval_and_goes_on_after_the_store_was_away(url: str, store: Store) -> None:
    history = History(ProductState())
    away = threading.Event()

    def opened(address: str, **options: Any) -> Store:
        if not away.is_set():
            away.set()
            raise StoreBusy("away")
        return open_store(address, **options)

    link = StoreLink(url, open_=opened, clock=lambda: time.monotonic() * 100)
    follower = Follower(link, lambda: [history], interval_seconds=0.02)
    follower.start()
    try:
        store.write_events([solution(1)])
        deadline = time.monotonic() + 5
        while not solved_by(history) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert solved_by(history) == {"T-1": "a1"}
    finally:
        follower.stop()
        link.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application without any past."""
    with routing_desk(tmp_path_factory.mktemp("history")) as found:
        yield found


def best(desk: Desk) -> str:
    team = [{"id": "a1"}, {"id": "a2"}]
    answer = desk.post("/v1/route", {"ticket": {"subject": "坏了", "product": "P9"}, "assignees": team}).json()
    return str(answer["predictions"]["assignee"]["value"])


def test_events_told_over_http_change_who_is_recommended(desk: Desk) -> None:
    assert best(desk) == "a1"
    told = [each for number in range(3) for each in solved(f"N-{number}", "P9", "a2")]
    desk.post("/v1/events", told[::-1])
    desk.worker.follower.look()
    assert best(desk) == "a2"


def test_a_new_champion_knows_the_past_too(desk: Desk, tmp_path: Path) -> None:
    publish_router(desk.exports, tmp_path, "assignee", version=2)
    desk.look()
    desk.worker.follower.look()
    assert desk.worker.snapshot.served["assignee"].label.endswith("/2")
    assert best(desk) == "a2"


def test_a_champion_that_takes_over_knows_the_past_before_it_answers(desk: Desk, tmp_path: Path) -> None:
    desk.post("/v1/events", solved("N-4", "P9", "a2"))
    publish_router(desk.exports, tmp_path, "assignee", version=3)
    desk.look()  # nobody follows events here
    served = desk.worker.snapshot.served["assignee"]
    assert served.label.endswith("/3")
    with served.lent() as state:
        assert state.solvers["N-4"] == "a2"


def test_nobody_waits_for_a_store_that_is_away_or_for_an_endless_past(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object, **__: object) -> Store:
        raise StoreBusy("away")

    history, link = History(ProductState()), StoreLink(url)
    store.write_events([solution(number) for number in range(CHUNK + 1)])
    Follower(StoreLink(url, open_=away), lambda: ()).catch_up(history)
    assert not solved_by(history)
    with monkeypatch.context() as patch:
        patch.setattr("serving.history.CATCH_UP_SECONDS", 0.0)
        Follower(link, lambda: ()).catch_up(history)
    assert len(solved_by(history)) == CHUNK
    Follower(link, lambda: ()).catch_up(history)
    link.close()
    assert len(solved_by(history)) == CHUNK + 1
