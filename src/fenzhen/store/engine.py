"""Engines for SQLite and PostgreSQL, and their failures as :class:`StoreError`."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from fenzhen.errors import StoreError

WRITING = "fenzhen_writing"


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
        return _postgres_engine(url, timeout_seconds)
    except (NoSuchModuleError, ImportError, ArgumentError) as error:
        raise StoreError(f"cannot use the store {shown(url)}: {error}") from error


def shown(url: URL) -> str:
    """Return the address without its password."""
    return url.render_as_string(hide_password=True)


def _sqlite_engine(url: URL, timeout_seconds: float) -> Engine:
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": timeout_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Take transactions over from the driver, whose own ones leave schema changes out."""
    connection.isolation_level = None
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "recursive_triggers = ON"):
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
                raise StoreError(explained(engine.url, error)) from error
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a reader that turns into a writer could not wait for it."""
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgres_engine(url: URL, timeout_seconds: float) -> Engine:
    milliseconds = round(timeout_seconds * 1000)
    arguments = {
        "connect_timeout": max(1, round(timeout_seconds)),
        "options": f"-c lock_timeout={milliseconds} -c timezone=UTC",
        "application_name": "fenzhen",
    }
    return sqlalchemy.create_engine(url, connect_args=arguments, pool_pre_ping=True)


@contextlib.contextmanager
def transaction(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """Lend a connection inside a transaction; failures become :class:`StoreError`."""
    try:
        with engine.connect().execution_options(**{WRITING: writing}) as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        raise StoreError(explained(engine.url, error)) from error


def explained(url: URL, error: Exception) -> str:
    """Say what failed and what to do about it."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    for pattern, advice in _ADVICE:
        if re.search(pattern, text, re.IGNORECASE):
            return f"the store {shown(url)} {advice}"
    return f"the store {shown(url)} refused: {text.strip().splitlines()[0] if text.strip() else type(error).__name__}"


_ADVICE = (
    (r"database is locked|lock timeout|locked", "is locked by another process; close what holds it and try again"),
    (r"append-only", "keeps its ledger append-only: entries are neither changed nor deleted"),
    (r"readonly database|read-only", "cannot be written; give this user the right to write the file and its folder"),
    (r"file is not a database|malformed", "is not a sound SQLite database; put a backup in its place or move it away"),
    (r"unable to open database file", "cannot be opened; check that the folder exists and may be written"),
    (r"password authentication|no password supplied", "refuses the user or password; correct FENZHEN_STORE_URL"),
    (r"connection refused|could not connect|connection failed|timeout expired|failed to resolve|closed the connection",
     "does not answer; start the database server or correct FENZHEN_STORE_URL"),
    (r"No space left|disk is full", "has no space left on its disk"),
)
