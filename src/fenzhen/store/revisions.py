"""Counters by which a worker sees with one cheap read whether modes, keys or assignees have changed."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Table, select, update
from sqlalchemy.engine import Connection

from fenzhen.store.columns import METADATA, Key

__all__ = ["REVISIONS", "Revisions", "advance", "revisions"]

REVISIONS = Table(
    "revisions", METADATA,
    Column("name", Key, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Revisions:
    """How often each has changed since the store was made."""

    modes: int
    keys: int
    assignees: int


def revisions(connection: Connection) -> Revisions:
    """Return the counters."""
    rows = connection.execute(select(REVISIONS.c.name, REVISIONS.c.revision))
    return Revisions(**{row.name: row.revision for row in rows})


def advance(connection: Connection, name: str) -> None:
    """Count one change; on PostgreSQL others that change the same wait until this transaction ends."""
    connection.execute(update(REVISIONS).where(REVISIONS.c.name == name).values(revision=REVISIONS.c.revision + 1))
