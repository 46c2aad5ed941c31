"""The thread that writes to the store."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fenzhen.errors import StoreBusy, StoreError
from fenzhen.store import PredictedField, Prediction, TicketEvent, Unit
from serving.problems import ProblemError
from serving.store_link import StoreLink
from serving.writer import MOST_JOBS, MOST_PREDICTIONS, Writer


@pytest.fixture
def link(tmp_path: Path) -> Iterator[StoreLink]:
    """A store of its own."""
    found = StoreLink(f"sqlite:///{tmp_path}/store.db")
    yield found
    found.close()


@contextlib.contextmanager
def running(link: StoreLink, **options: Any) -> Iterator[Writer]:
    writer = Writer(link, **options)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


def prediction(name: str) -> Prediction:
    return Prediction(name, None, datetime.now(UTC), (PredictedField("category", "ok", "硬件故障"),))


def event(name: str) -> TicketEvent:
    return TicketEvent(name, "closed", datetime(2026, 11, 20, tzinfo=UTC))


def known(link: StoreLink, name: str) -> bool:
    with link.lend("test") as store:
        return store.prediction(name) is not None


def test_all_that_waits_is_written_when_it_stops(link: StoreLink) -> None:
    with running(link, gather_seconds=60) as writer:
        writer.put([prediction(str(index)) for index in range(5)])
    assert all(known(link, str(index)) for index in range(5))


def test_predictions_are_written_before_the_work_that_comes_after_them(link: StoreLink) -> None:
    with running(link, gather_seconds=60) as writer:
        writer.put([prediction("P")])
        assert asyncio.run(writer.run(lambda unit: unit.write_events([event("T")]))) == [True]
        assert known(link, "P")


def test_work_that_refuses_undoes_itself_alone(link: StoreLink) -> None:
    def refuse(unit: Unit) -> None:
        unit.write_events([event("no")])
        raise ProblemError(404, "no")

    async def both(writer: Writer) -> list[Any]:
        work = (refuse, lambda unit: unit.write_events([event("yes")]))
        return await asyncio.gather(*(writer.run(each) for each in work), return_exceptions=True)

    with running(link) as writer:
        refused, done = asyncio.run(both(writer))
    assert (refused.status, done) == (404, [True])
    with link.lend("test") as store:
        assert (len(store.events_of("yes")), store.events_of("no")) == (1, [])


def test_work_that_fails_spoils_no_other(link: StoreLink) -> None:
    def fail(_: Unit) -> None:
        raise RuntimeError("a fault of ours")

    async def many(writer: Writer) -> list[Any]:
        work = [lambda unit: unit.write_events([event("one")]), fail, lambda unit: unit.write_events([event("two")])]
        return await asyncio.gather(*(writer.run(each) for each in work), return_exceptions=True)

    with running(link) as writer:
        one, failed, two = asyncio.run(many(writer))
    assert (one, type(failed), two) == ([True], RuntimeError, [True])


def test_too_much_work_is_refused_with_a_time_to_wait(link: StoreLink) -> None:
    writer = Writer(link)

    async def fill() -> ProblemError:
        tasks = [asyncio.ensure_future(writer.run(lambda _: None)) for _ in range(MOST_JOBS)]
        await asyncio.sleep(0)
        with pytest.raises(ProblemError) as caught:
            await writer.run(lambda _: None)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return caught.value

    problem = asyncio.run(fill())
    assert (problem.status, problem.headers["Retry-After"]) == (503, "1")


def test_predictions_beyond_the_limit_push_the_oldest_out(link: StoreLink) -> None:
    writer = Writer(link)
    writer.put([prediction(str(index)) for index in range(MOST_PREDICTIONS + 5)])
    assert len(writer._predictions) == MOST_PREDICTIONS
    assert writer._predictions[0].prediction_id == "5"


@pytest.mark.parametrize(("error", "kept"), [(StoreBusy("locked"), True), (StoreError("read-only"), False)])
def test_predictions_wait_for_a_busy_store_and_not_for_a_broken_one(
    link: StoreLink, monkeypatch: pytest.MonkeyPatch, error: StoreError, kept: bool
) -> None:
    monkeypatch.setattr("serving.writer.BACK_OFF_SECONDS", 0.05)
    real, failures = link.lend, [error]

    @contextlib.contextmanager
    def lend(operation: str) -> Iterator[Any]:
        if failures:
            raise failures.pop()
        with real(operation) as store:
            yield store

    monkeypatch.setattr(link, "lend", lend)
    with running(link, gather_seconds=0.01) as writer:
        writer.put([prediction("P")])
        while failures:
            pass
    assert known(link, "P") is kept
