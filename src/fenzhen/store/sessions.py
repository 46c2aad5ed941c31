"""Sessions of the pages: an opaque id in a cookie stands for a key, for eight hours; only its SHA-256 is kept."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Table, delete, insert, select
from sqlalchemy.engine import Connection

from fenzhen.store import keys
from fenzhen.store.columns import METADATA, Key, Moment

__all__ = ["LASTS", "SESSIONS"]

LASTS = timedelta(hours=8)

SESSIONS = Table(
    "sessions", METADATA,
    Column("sha256", Key, primary_key=True),
    Column("key_id", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("sessions_expires", "expires_at"),
)


def open_session(connection: Connection, key_id: str, now: datetime) -> str:
    """Return the opaque id of a new session."""
    opaque = secrets.token_urlsafe(32)
    connection.execute(insert(SESSIONS).values(
        sha256=keys.sha256_of(opaque), key_id=key_id, created_at=now, expires_at=now + LASTS))
    return opaque


def session(connection: Connection, opaque: str, now: datetime) -> keys.KeyRecord | None:
    """Return the key that a session stands for; None if it is unknown or over, or its key no longer usable."""
    wanted = select(SESSIONS.c.key_id).where(SESSIONS.c.sha256 == keys.sha256_of(opaque), SESSIONS.c.expires_at > now)
    key_id = connection.execute(wanted).scalar()
    found = None if key_id is None else keys.by_id(connection, key_id)
    return found if found is not None and found.usable(now) else None


def end_session(connection: Connection, opaque: str) -> None:
    """End a session."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.sha256 == keys.sha256_of(opaque)))
