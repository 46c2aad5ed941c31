"""What has outlived its use is deleted, in transactions so small that writers hardly wait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, tuple_
from sqlalchemy.engine import Connection

from fenzhen.store.idempotency import IDEMPOTENCY
from fenzhen.store.predictions import FIELDS, PREDICTIONS
from fenzhen.store.sessions import SESSIONS

__all__ = ["CHUNK", "Purged"]

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows went."""

    predictions: int
    idempotency: int
    sessions: int


def some_predictions(connection: Connection, before: datetime) -> int:
    """Delete up to ``CHUNK`` predictions made before a moment, with their fields; feedback on them stays."""
    old = select(PREDICTIONS.c.prediction_id).where(PREDICTIONS.c.at < before).limit(CHUNK)
    ids = list(connection.execute(old).scalars())
    connection.execute(delete(FIELDS).where(FIELDS.c.prediction_id.in_(ids)))
    connection.execute(delete(PREDICTIONS).where(PREDICTIONS.c.prediction_id.in_(ids)))
    return len(ids)


def some_idempotency(connection: Connection, now: datetime) -> int:
    """Delete up to ``CHUNK`` answers that have expired."""
    return _some(connection, IDEMPOTENCY, IDEMPOTENCY.c.expires_at <= now)


def some_sessions(connection: Connection, now: datetime) -> int:
    """Delete up to ``CHUNK`` sessions that are over."""
    return _some(connection, SESSIONS, SESSIONS.c.expires_at <= now)


def _some(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    key: Any = tuple_(*table.primary_key.columns)
    wanted = select(*table.primary_key.columns).where(condition).limit(CHUNK)
    return connection.execute(delete(table).where(key.in_(wanted))).rowcount
