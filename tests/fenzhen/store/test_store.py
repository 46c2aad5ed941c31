"""Opening the store: migrated once, raced for, locked, read-only, unreachable, too new."""

import multiprocessing
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from fenzhen.errors import StoreError
from fenzhen.store import LedgerEntry, Store, ledger, open_store
from fenzhen.store.columns import METADATA
from fenzhen.store.schema import HEAD, VERSION_TABLE

FORK = multiprocessing.get_context("fork")
ENTRY = LedgerEntry(datetime(2026, 11, 21, tzinfo=UTC), "me", "promote", "ticket_category", None, 1, "", None)


def test_the_newest_migration_is_the_head_and_makes_the_tables_that_the_code_knows(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() == HEAD
        for table in METADATA.sorted_tables:
            found = {column["name"]: column["nullable"] for column in inspect(connection).get_columns(table.name)}
            assert found == {column.name: column.nullable for column in table.columns}


def test_opening_again_keeps_everything(store: Store, store_url: str) -> None:
    store.record(ENTRY)
    with open_store(store_url) as again:
        assert again.ledger() == [ENTRY]


def _open_at_the_same_time(url: str, barrier: Any) -> None:
    barrier.wait(30)
    with open_store(url) as store:
        store.record(ENTRY)


def test_processes_that_open_a_new_store_at_once_migrate_it_once(store_url: str) -> None:
    barrier = FORK.Barrier(4)
    processes = [FORK.Process(target=_open_at_the_same_time, args=(store_url, barrier)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    with open_store(store_url) as store:
        assert len(store.ledger()) == 4


def test_a_schema_from_a_newer_program_is_refused(store: Store, store_url: str) -> None:
    with store.writing() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(StoreError, match="schema 9999, this Fenzhen knows up to"):
        open_store(store_url)


def test_a_locked_store_is_refused_in_bounded_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_store(url, lock_timeout_seconds=0.2) as store:
        holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StoreError, match="locked by another process"):
            store.record(ENTRY)
        assert time.monotonic() - started < 3
        holder.close()
        store.record(ENTRY)


def test_a_store_locked_before_it_is_opened_is_refused_in_bounded_time(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    with pytest.raises(StoreError, match="locked by another process"):
        open_store(f"sqlite:///{tmp_path / 'store.db'}", lock_timeout_seconds=0.2)
    assert time.monotonic() - started < 3
    holder.close()


@pytest.mark.postgres
def test_a_locked_table_of_postgresql_is_refused_in_bounded_time(postgres_url: str) -> None:
    with open_store(postgres_url, lock_timeout_seconds=1) as store:
        engine = create_engine(postgres_url)
        with engine.begin() as holder:
            holder.execute(text("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(StoreError, match="locked by another process"):
                store.record(ENTRY)
        engine.dispose()


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_store(url, lock_timeout_seconds=0.2) as store, store.writing() as connection:
        ledger.record(connection, ENTRY)
        assert store.ledger() == []


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}"):
        pass
    with (
        open_store(f"sqlite:///file:{tmp_path / 'store.db'}?mode=ro&uri=true") as store,
        pytest.raises(StoreError, match="cannot be written"),
    ):
        store.record(ENTRY)


@pytest.mark.parametrize("url", ["postgresql://me:secret@127.0.0.1:9/store", "postgres://127.0.0.1:9/store"])
def test_a_server_that_does_not_answer_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="does not answer") as refusal:
        open_store(url, lock_timeout_seconds=1)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql://db/store", "not a url", "store.db"])
def test_an_address_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="expected"):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database but long enough to have a header" * 50)
    with pytest.raises(StoreError, match="not a sound SQLite database"):
        open_store(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot create the folder"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'store.db'}")
