"""A database that is locked, read-only, full, frozen or away: a StoreError in bounded time, and nothing is lost."""

import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from fenzhen.errors import StoreBusy, StoreError
from fenzhen.store import LedgerEntry, ModeChange, Store, open_store
from fenzhen.store.engine import parse_url
from fenzhen.store.failures import failure
from tests.fenzhen.store.made_up import NOON, made_event, made_feedback, made_prediction
from tests.fenzhen.store.postgres_server import PostgresServer

FORK = multiprocessing.get_context("fork")
NOW = datetime.now(UTC)

WRITES: dict[str, Callable[[Store], Any]] = {
    "predictions": lambda store: store.write_predictions([made_prediction(99)]),
    "events": lambda store: store.write_events([made_event(99)]),
    "feedback": lambda store: store.write_feedback([made_feedback()]),
    "begin": lambda store: store.begin("k", "key", "body"),
    "release": lambda store: store.release("lease"),
    "create_key": lambda store: store.create_key(["triage"]),
    "first_key": lambda store: store.first_key(["triage"]),
    "revoke_key": lambda store: store.revoke_key("k"),
    "open_session": lambda store: store.open_session("k"),
    "end_session": lambda store: store.end_session("s"),
    "set_mode": lambda store: store.set_mode(ModeChange("category", "*", "off", "me", "", NOW)),
    "record": lambda store: store.record(LedgerEntry(NOW, "me", "promote", "m", None, 1, "", None)),
    "purge": lambda store: store.purge(NOW),
}
READS: dict[str, Callable[[Store], Any]] = {
    "prediction": lambda store: store.prediction("P000001"),
    "newest_prediction": lambda store: store.newest_prediction("T-1", "category"),
    "feedback_of": lambda store: store.feedback_of("P000001"),
    "events_of": lambda store: store.events_of("T-1"),
    "last_words": lambda store: store.last_words("category", NOW),
    "applied_values": lambda store: store.applied_values("category", NOW),
    "key": lambda store: store.key("0"),
    "keys": lambda store: store.keys(),
    "session": lambda store: store.session("s"),
    "revisions": lambda store: store.revisions(),
    "modes": lambda store: store.modes(),
    "ledger": lambda store: store.ledger(),
}


def _busy_within(seconds: float, call: Callable[[], Any]) -> StoreBusy:
    started = time.monotonic()
    with pytest.raises(StoreBusy) as refusal:
        call()
    assert time.monotonic() - started < seconds
    assert refusal.value.retry_after > 0
    return refusal.value


def test_a_locked_sqlite_store_refuses_every_write_in_time_and_answers_every_read(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}", lock_timeout_seconds=0.1) as store:
        holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        for name, write in WRITES.items():
            assert "locked" in str(_busy_within(2, lambda write=write: write(store))), name  # type: ignore[misc]
        for read in READS.values():
            read(store)
        holder.close()
        for write in WRITES.values():
            write(store)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="fenzhen-store-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _as_nobody(path: Path, found: Any) -> None:
    os.setgid(65534)
    os.setuid(65534)
    messages = []
    for write in WRITES.values():
        try:
            with open_store(f"sqlite:///{path}", lock_timeout_seconds=1) as store:
                write(store)
            messages.append("written")
        except StoreError as error:
            messages.append(str(error))
    found.put(messages)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become a user without rights")
def test_a_file_of_somebody_else_refuses_every_write_and_says_why(open_folder: Path) -> None:
    open_store(f"sqlite:///{open_folder / 'store.db'}").close()
    found = FORK.Queue()
    process = FORK.Process(target=_as_nobody, args=(open_folder / "store.db", found))
    process.start()
    messages = found.get(timeout=60)
    process.join(30)
    assert all("cannot be written" in message or "cannot be opened" in message for message in messages), messages


def _fill(path: Path, found: Any) -> None:
    """Write under a limit on file sizes until the store says that it is full; then lift it and write on."""
    store = open_store(f"sqlite:///{path}", lock_timeout_seconds=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    number, message, retry_after = 0, "", 0.0
    try:
        while number < 100_000:
            store.write_predictions([made_prediction(number + each, body="长" * 500) for each in range(10)])
            number += 10
    except StoreBusy as error:
        message, retry_after = str(error), error.retry_after
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.write_predictions([made_prediction(number)])
    found.put((number, message, retry_after))


def test_a_full_disk_is_said_and_what_was_acknowledged_is_there(tmp_path: Path) -> None:
    found = FORK.Queue()
    process = FORK.Process(target=_fill, args=(tmp_path / "store.db", found))
    process.start()
    written, message, retry_after = found.get(timeout=60)
    process.join(30)
    assert "has no space left" in message
    assert retry_after >= 10
    assert written > 0
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert all(store.prediction(f"P{number:06d}") is not None for number in range(written + 1))
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def _write_without_end(store: Store) -> None:
    for number in range(10_000):
        store.write_predictions([made_prediction(number, body="长" * 1000)])


def test_a_file_system_that_is_full_is_said(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True,
                             check=False)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.decode().strip()}")
    try:
        with open_store(f"sqlite:///{tmp_path / 'store.db'}", lock_timeout_seconds=1) as store, \
                pytest.raises(StoreBusy, match="has no space left"):
            _write_without_end(store)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own."""
    made = PostgresServer()
    try:
        yield made
    finally:
        made.remove()


@pytest.mark.postgres
def test_a_server_that_goes_away_is_said_at_once_and_found_again_when_it_is_back(server: PostgresServer) -> None:
    with open_store(server.url, lock_timeout_seconds=1) as store:
        store.write_predictions([made_prediction()])
        server.kill()
        for call in (*WRITES.values(), *READS.values()):
            _busy_within(5, lambda call=call: call(store))  # type: ignore[misc]
        server.start()
        assert store.prediction("P000001") is not None
        for call in (*WRITES.values(), *READS.values()):
            call(store)


@pytest.mark.postgres
def test_a_server_that_freezes_is_said_in_bounded_time(server: PostgresServer) -> None:
    with open_store(server.url, lock_timeout_seconds=1) as store:
        store.write_predictions([made_prediction()])
        server.signal(signal.SIGSTOP)
        try:
            for call in (WRITES["events"], READS["prediction"], WRITES["feedback"]):
                _busy_within(12, lambda call=call: call(store))  # type: ignore[misc]
        finally:
            server.signal(signal.SIGCONT)
        assert store.write_events([made_event()]) == [True]


def _write_and_be_ended(store: Store, url: str) -> None:
    with store.unit() as unit:
        unit.write_predictions([made_prediction()])
        with open_store(url) as other, other.writing() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                       "WHERE state = 'idle in transaction'")
        unit.write_events([made_event()])


@pytest.mark.postgres
def test_a_connection_that_is_ended_in_the_middle_undoes_the_unit(server: PostgresServer) -> None:
    with open_store(server.url, lock_timeout_seconds=1) as store:
        with pytest.raises(StoreBusy):
            _write_and_be_ended(store, server.url)
        assert store.prediction("P000001") is None


@pytest.mark.parametrize(("text", "kind", "words"), [
    ("database is locked", StoreBusy, "locked"), ("deadlock detected", StoreBusy, "two sides"),
    ("FATAL: sorry, too many clients already", StoreBusy, "no connection free"),
    ("attempt to write a readonly database", StoreError, "cannot be written"),
    ("disk I/O error", StoreBusy, "no space left"), ("the database system is starting up", StoreBusy, "restarted"),
    ("something new", StoreError, "refused: something new"), ("", StoreError, "refused"),
])
def test_failures_are_told_in_words_and_the_passing_ones_apart(text: str, kind: type, words: str) -> None:
    error = failure(parse_url("postgresql://me:secret@db/x"), OperationalError("", {}, Exception(text)))
    assert type(error) is kind
    assert words in str(error)
    assert "secret" not in str(error)


def test_the_time_of_facts_is_kept_however_far_away_it_is(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store, pytest.raises(StoreError, match="without a time"):
        store.write_predictions([made_prediction(at=NOON.replace(tzinfo=None))])
