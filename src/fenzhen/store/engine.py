"""Engines for SQLite and PostgreSQL, and their failures as :class:`StoreError`."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from fenzhen.errors import StoreError
from fenzhen.store.columns import dumped
from fenzhen.store.failures import failure, shown

WRITING = "fenzhen_writing"
PRAGMAS = ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON", "journal_size_limit = 67108864")


def parse_url(url: str) -> URL:
    """Return the address with its driver; only SQLite files and PostgreSQL are known.

    >>> parse_url("postgres://fenzhen@db/fenzhen").drivername
    'postgresql+psycopg'
    >>> parse_url("mysql://db/fenzhen")
    Traceback (most recent call last):
    fenzhen.errors.StoreError: got a store address of 'mysql', expected sqlite:///… or postgresql://…
    """
    try:
        parsed = sqlalchemy.make_url(url)
    except ArgumentError as error:
        raise StoreError("the store address is not a URL; expected sqlite:////path/store.db or postgresql://…") \
            from error
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return parsed
    raise StoreError(f"got a store address of {parsed.drivername!r}, expected sqlite:///… or postgresql://…")


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a SQLite address, None for PostgreSQL and for databases in memory."""
    database = url.database or ""
    if url.get_backend_name() != "sqlite" or database in ("", ":memory:"):
        return None
    return Path(database.removeprefix("file:"))


def make_engine(url: URL, timeout_seconds: float) -> Engine:
    """Return an engine that waits ``timeout_seconds`` for locks and connections, no longer."""
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url, timeout_seconds)
        from fenzhen.store.postgres import make_postgres_engine

        return make_postgres_engine(url, timeout_seconds)
    except (NoSuchModuleError, ImportError, ArgumentError) as error:
        raise StoreError(f"cannot use the store {shown(url)}: {error}") from error


def _sqlite_engine(url: URL, timeout_seconds: float) -> Engine:
    pooled = {} if sqlite_file(url) is None else {"pool_timeout": timeout_seconds}
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": timeout_seconds}, json_serializer=dumped, **pooled)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Take transactions over from the driver, whose own ones leave schema changes out.

    ``synchronous = FULL``: a commit returns when the write-ahead log is on the disk, so what was acknowledged survives
    kill -9 and a power cut. It costs one fsync a commit; many writes in one commit share it.
    """
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def keep_write_ahead_log(engine: Engine, timeout_seconds: float) -> None:
    """Let readers and a writer of a SQLite file work at once; the file remembers it.

    SQLite does not wait for others before this change, so we do.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            with contextlib.closing(engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise failure(engine.url, error) from error
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a reader that turns into a writer could not wait for it."""
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextlib.contextmanager
def transaction(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """Lend a connection inside a transaction; failures become :class:`StoreError`."""
    try:
        with engine.connect().execution_options(**{WRITING: writing}) as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        raise failure(engine.url, error) from error
