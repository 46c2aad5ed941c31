"""Connections to PostgreSQL that give up on a server that has gone silent."""

from typing import Any

import psycopg
from psycopg.errors import OperationalError
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, create_engine

from fenzhen.store.columns import dumped

__all__ = ["SilentServerError", "make_postgres_engine"]

_WAIT_INTERVAL = 0.1


class SilentServerError(OperationalError):
    """The server took the question and never answered: frozen, or behind a broken network."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends after ``patience_seconds`` (None: never); it is closed then."""

    patience_seconds: float | None = None

    def wait(self, gen: Any, interval: float = _WAIT_INTERVAL, timeout: float | None = None) -> Any:
        """Wait for an answer."""
        if timeout is not None or self.patience_seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience_seconds)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise SilentServerError("wait timeout: the connection is closed") from error


def make_postgres_engine(url: URL, timeout_seconds: float) -> Engine:
    """Return an engine whose locks, connections and answers take about ``timeout_seconds`` at most.

    ``synchronous_commit`` is PostgreSQL's own (on): what is committed survives a crash of the server.
    """
    arguments = {
        "connect_timeout": max(2, round(timeout_seconds)),
        "options": f"-c lock_timeout={round(timeout_seconds * 1000)} -c timezone=UTC",
        "application_name": "fenzhen",
    }
    engine = create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_timeout=timeout_seconds,
                           json_serializer=dumped)

    def connect(_dialect: Any, _record: Any, positional: Any, named: Any) -> BoundedConnection:
        connection = BoundedConnection.connect(*positional, **named)
        connection.patience_seconds = timeout_seconds + 2
        return connection

    event.listen(engine, "do_connect", connect)
    return engine
