"""``Idempotency-Key``: one request is executed once, and asked again answers the same.

A request takes its turn before it works (:func:`begin`) and writes its answer in the transaction that writes its
facts (:func:`finish`). A turn is a lease: of a killed worker it runs out, and the next request takes over; what a
worker does after its lease was taken over is not written.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, delete, select, update
from sqlalchemy.engine import Connection, Row

from fenzhen.store.columns import METADATA, Key, Moment, Words
from fenzhen.store.once import or_nothing

__all__ = ["IDEMPOTENCY", "KEPT", "Claim", "Turn", "TurnKind"]

TurnKind = Literal["run", "answered", "running", "clash"]
KEPT = timedelta(hours=24)
RETRY_AFTER = 1.0
CLOCK_STEP = timedelta(seconds=5)

IDEMPOTENCY = Table(
    "idempotency", METADATA,
    Column("key_id", Key, primary_key=True),
    Column("idempotency_key", Key, primary_key=True),
    Column("body_hmac", Words, nullable=False),
    Column("lease", Key),
    Column("begun_at", Moment, nullable=False),
    Column("lease_until", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("status", Integer),
    Column("answer", LargeBinary),
    Index("idempotency_lease", "lease", unique=True),
    Index("idempotency_expires", "expires_at"),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a request is to do: ``run`` under ``lease``, repeat the ``answer``, wait for the one at work, or clash."""

    kind: TurnKind
    lease: str = ""
    status: int = 0
    answer: bytes = b""
    retry_after: float = RETRY_AFTER


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that names an idempotency key; ``body_hmac`` tells bodies apart without keeping them."""

    key_id: str
    idempotency_key: str
    body_hmac: str
    lease_seconds: float = 30.0


def look(connection: Connection, claim: Claim, now: datetime) -> Turn | None:
    """Return the turn that needs no writing, None if this request may have to run."""
    row = _row(connection, claim)
    return None if row is None else _turn(row, claim, now)


def begin(connection: Connection, claim: Claim, now: datetime) -> Turn:
    """Take a turn, in a transaction that writes."""
    row = _row(connection, claim)
    if row is not None and (turn := _turn(row, claim, now)) is not None:
        return turn
    lease = secrets.token_hex(16)
    if row is not None:
        _forget(connection, claim, row.lease)
    values = {"key_id": claim.key_id, "idempotency_key": claim.idempotency_key, "body_hmac": claim.body_hmac,
              "lease": lease, "begun_at": now, "lease_until": now + timedelta(seconds=claim.lease_seconds),
              "expires_at": now + KEPT}
    added = connection.execute(or_nothing(connection, IDEMPOTENCY).returning(IDEMPOTENCY.c.lease), [values]).all()
    if added:
        return Turn("run", lease)
    row = _row(connection, claim)
    return (_turn(row, claim, now) if row is not None else None) or Turn("running")


def finish(connection: Connection, lease: str, status: int, answer: bytes) -> bool:
    """Keep the answer; False if the lease ran out and another request took over."""
    done = connection.execute(
        update(IDEMPOTENCY).where(IDEMPOTENCY.c.lease == lease).values(lease=None, status=status, answer=answer)
    )
    return bool(done.rowcount)


def release(connection: Connection, lease: str) -> None:
    """Give the turn back: the request failed, and the next one with its key may run."""
    connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.lease == lease))


def _row(connection: Connection, claim: Claim) -> Row[Any] | None:
    return connection.execute(select(IDEMPOTENCY).where(
        IDEMPOTENCY.c.key_id == claim.key_id, IDEMPOTENCY.c.idempotency_key == claim.idempotency_key)).first()


def _turn(row: Row[Any], claim: Claim, now: datetime) -> Turn | None:
    """Return what a row means for a request; None if it is out of date. A clock set back ends leases early."""
    if now >= row.expires_at:
        return None
    if not secrets.compare_digest(row.body_hmac, claim.body_hmac):
        return Turn("clash")
    if row.status is not None:
        return Turn("answered", status=row.status, answer=bytes(row.answer))
    holds = row.begun_at - CLOCK_STEP <= now < row.lease_until
    return Turn("running") if holds else None


def _forget(connection: Connection, claim: Claim, lease: str | None) -> None:
    same = IDEMPOTENCY.c.lease.is_(None) if lease is None else IDEMPOTENCY.c.lease == lease
    connection.execute(delete(IDEMPOTENCY).where(
        IDEMPOTENCY.c.key_id == claim.key_id, IDEMPOTENCY.c.idempotency_key == claim.idempotency_key, same))
