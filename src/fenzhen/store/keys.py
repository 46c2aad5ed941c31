"""Keys of the service: who may ask for what. Only their SHA-256 is kept."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, exists, insert, select, update
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import DOCUMENT, METADATA, Key, Moment, Words
from fenzhen.store.revisions import advance

__all__ = ["KEYS", "SCOPES", "KeyRecord", "NewKey", "new_key_text", "sha256_of"]

SCOPES = ("triage", "events", "feedback", "churn", "devices", "hooks", "admin")

KEYS = Table(
    "keys", METADATA,
    Column("id", Key, primary_key=True),
    Column("sha256", Key, nullable=False, unique=True),
    Column("scopes", DOCUMENT, nullable=False),
    Column("owner", Words),
    Column("name", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key. ``owner``: its holder sees only this account manager's customers."""

    id: str
    scopes: frozenset[str]
    owner: str | None
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def usable(self, now: datetime) -> bool:
        """Whether the key opens anything at ``now``; at the very moment of its expiry it no longer does."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def has(self, scope: str) -> bool:
        """Whether the key was given a scope; no scope implies another."""
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at its creation, the only time its text is known."""

    text: str
    record: KeyRecord

    def __repr__(self) -> str:
        """Leave the text out of logs."""
        return f"NewKey(record={self.record!r})"


def new_key_text() -> str:
    """Return a key of 256 random bits."""
    return f"fz_{secrets.token_urlsafe(32)}"


def sha256_of(text: str) -> str:
    """Return what is kept of a secret.

    >>> sha256_of("fz_")[:12]
    '457fee0ad393'
    """
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def checked_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return scopes as a set; ``StoreError`` for none and for unknown ones.

    >>> checked_scopes(["triage", "everything"])
    Traceback (most recent call last):
    fenzhen.errors.StoreError: got the scope 'everything', expected some of triage, events, ...
    """
    found = frozenset(scopes)
    for scope in sorted(found - set(SCOPES)):
        raise StoreError(f"got the scope {scope!r}, expected some of {', '.join(SCOPES)}")
    if not found:
        raise StoreError(f"got no scope, expected some of {', '.join(SCOPES)}")
    return found


def create(connection: Connection, scopes: Iterable[str], owner: str | None, name: str, now: datetime,
           expires_at: datetime | None) -> NewKey:
    """Make a key."""
    record = KeyRecord(f"k_{secrets.token_hex(6)}", checked_scopes(scopes), owner, name, now, expires_at, None)
    text = new_key_text()
    connection.execute(insert(KEYS).values(
        id=record.id, sha256=sha256_of(text), scopes=sorted(record.scopes), owner=owner, name=name, created_at=now,
        expires_at=expires_at))
    advance(connection, "keys")
    return NewKey(text, record)


def create_first(connection: Connection, scopes: Iterable[str], name: str, now: datetime) -> NewKey | None:
    """Make a key if there has never been one; of several processes at once, one does."""
    advance(connection, "keys")
    if connection.execute(select(exists(select(KEYS.c.id)))).scalar():
        return None
    return create(connection, scopes, None, name, now, None)


def by_sha256(connection: Connection, sha256: str) -> KeyRecord | None:
    """Return the key with this hash, usable or not."""
    row = connection.execute(select(KEYS).where(KEYS.c.sha256 == sha256)).first()
    return None if row is None else _record(row)


def by_id(connection: Connection, key_id: str) -> KeyRecord | None:
    """Return the key with this id, usable or not."""
    row = connection.execute(select(KEYS).where(KEYS.c.id == key_id)).first()
    return None if row is None else _record(row)


def all_keys(connection: Connection) -> list[KeyRecord]:
    """Return all keys, oldest first."""
    return [_record(row) for row in connection.execute(select(KEYS).order_by("created_at", "id"))]


def revoke(connection: Connection, key_id: str, now: datetime) -> bool:
    """Take a key away; False if there is none or it was taken away before."""
    done = connection.execute(
        update(KEYS).where(KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    advance(connection, "keys")
    return bool(done.rowcount)


def _record(row: Row[Any]) -> KeyRecord:
    return KeyRecord(row.id, frozenset(row.scopes), row.owner, row.name, row.created_at, row.expires_at,
                     row.revoked_at)
