"""The ledger: who made which version decide, when and why; entries are only ever added."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, Integer, String, Table, Text, insert, select
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import METADATA, SERIAL, Moment

Action = Literal["promote", "rollback", "external", "retire", "mode"]

LEDGER = Table(
    "ledger", METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(20), nullable=False),
    Column("model", String(200), nullable=False),
    Column("from_version", Integer),
    Column("to_version", Integer),
    Column("reason", Text, nullable=False),
    Column("manifest_sha256", String(64)),
    Column("field", Text),
    Column("value", Text),
    Column("from_mode", String(10)),
    Column("to_mode", String(10)),
)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """From ``at`` on ``to_version`` of ``model`` decides, until the next entry; None: no version does.

    ``external`` is a move of MLflow's alias by hand, ``retire`` its deletion by hand. A ``mode`` entry is about a field
    and a value (``*``: all), not about a version: its ``model`` is empty, and from ``at`` on ``to_mode`` holds (None:
    the default).
    """

    at: datetime
    actor: str
    action: Action
    model: str
    from_version: int | None
    to_version: int | None
    reason: str
    manifest_sha256: str | None
    field: str | None = None
    value: str | None = None
    from_mode: str | None = None
    to_mode: str | None = None


def record(connection: Connection, entry: LedgerEntry) -> None:
    """Append an entry."""
    if entry.action not in get_args(Action):
        raise StoreError(f"got the ledger action {entry.action!r}, expected one of {', '.join(get_args(Action))}")
    if entry.at.tzinfo is None:
        raise StoreError(f"got the moment {entry.at.isoformat()} without a time zone, expected an aware one")
    connection.execute(insert(LEDGER).values(**{name: getattr(entry, name) for name in LedgerEntry.__slots__}))


def entries(connection: Connection, model: str | None) -> list[LedgerEntry]:
    """Return the entries of ``model``, or of all models, in the order they were added."""
    wanted = select(LEDGER).order_by(LEDGER.c.id)
    rows = connection.execute(wanted if model is None else wanted.where(LEDGER.c.model == model))
    return [_entry(row) for row in rows]


def champion_at(connection: Connection, model: str, moment: datetime) -> LedgerEntry | None:
    """Return the last entry at or before ``moment``: its ``to_version`` decided then."""
    wanted = (
        select(LEDGER).where(LEDGER.c.model == model, LEDGER.c.at <= moment)
        .order_by(LEDGER.c.at.desc(), LEDGER.c.id.desc()).limit(1)
    )
    row = connection.execute(wanted).first()
    return None if row is None else _entry(row)


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(**{name: getattr(row, name) for name in LedgerEntry.__slots__})
