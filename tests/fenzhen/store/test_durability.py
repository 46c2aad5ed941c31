"""What was acknowledged is there after kill -9 at any moment, once."""

import itertools
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fenzhen.store import open_store
from tests.fenzhen.store.made_up import made_event, made_feedback, made_prediction
from tests.fenzhen.store.postgres_server import PostgresServer

FORK = multiprocessing.get_context("fork")


def _write_on(url: str, acknowledged: Path, writer: int, start: int) -> None:
    """Write requests one by one, each a prediction, a word on it and an event, and note each that returned."""
    with open_store(url, lock_timeout_seconds=30) as store, acknowledged.open("a") as notes:
        for number in itertools.count(start):
            ticket, name = f"T-{writer}-{number}", f"P-{writer}-{number}"
            with store.unit() as unit:
                unit.write_predictions([made_prediction(prediction_id=name, ticket_id=ticket)])
                unit.write_feedback([made_feedback(prediction_id=name)])
                unit.write_events([made_event(ticket_id=ticket)])
            notes.write(f"{number}\n")
            notes.flush()


def _acknowledged(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def _killed_at_random(url: str, folder: Path, rounds: int, dice: random.Random) -> list[list[int]]:
    """Let two writers run and kill both several times; each starts again with the request it had not seen answered."""
    notes = [folder / f"{writer}.txt" for writer in (0, 1)]
    for _ in range(rounds):
        starts = [len(_acknowledged(each)) for each in notes]
        processes = [FORK.Process(target=_write_on, args=(url, notes[writer], writer, starts[writer]), daemon=True)
                     for writer in (0, 1)]
        for process in processes:
            process.start()
        deadline = time.monotonic() + 20
        while any(len(_acknowledged(each)) <= start for each, start in zip(notes, starts, strict=True)):
            assert time.monotonic() < deadline, "the writers do not get on"
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.2))
        for process in processes:
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join(10)
    return [_acknowledged(each) for each in notes]


def _counts(url: str) -> dict[str, tuple[int, int]]:
    """Return of each table how many rows it has and how many tickets they are of."""
    with open_store(url) as store, store.reading() as connection:
        return {table: tuple(connection.execute(text(f"SELECT count(*), count(DISTINCT ticket_id) FROM {table}")).one())
                for table in ("predictions", "feedback", "ticket_events")}


def _require_all_there_once(url: str, acknowledged: list[list[int]]) -> None:
    assert all(numbers == list(range(len(numbers))) for numbers in acknowledged)
    for rows, tickets in _counts(url).values():
        assert rows == tickets
        assert 0 <= rows - sum(map(len, acknowledged)) <= 2
    with open_store(url) as store:
        for name in (f"{writer}-{number}" for writer, numbers in enumerate(acknowledged) for number in numbers):
            assert store.prediction(f"P-{name}") is not None
            assert len(store.feedback_of(f"P-{name}")) == len(store.events_of(f"T-{name}")) == 1


def test_writers_that_are_killed_lose_nothing_acknowledged_and_double_nothing(store_url: str, tmp_path: Path) -> None:
    open_store(store_url).close()
    found = _killed_at_random(store_url, tmp_path, rounds=5, dice=random.Random(7))
    _require_all_there_once(store_url, found)


@pytest.mark.postgres
def test_a_server_that_is_killed_loses_nothing_acknowledged(tmp_path: Path) -> None:
    server = PostgresServer()
    try:
        open_store(server.url).close()
        notes: list[Any] = [tmp_path / "0.txt"]
        process = FORK.Process(target=_write_on, args=(server.url, notes[0], 0, 0), daemon=True)
        process.start()
        while len(_acknowledged(notes[0])) < 20:
            time.sleep(0.01)
        server.kill()
        process.join(60)
        server.start()
        rows = _counts(server.url)["predictions"][0]
        assert 0 <= rows - len(_acknowledged(notes[0])) <= 1
    finally:
        server.remove()
