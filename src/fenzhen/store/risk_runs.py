"""Runs of a cohort's scoring: written in chunks, taken up again after a stop, read only when complete.

A run is one model version at one ``as_of``. While it is written its status is ``writing``; when all its rows are there
it becomes ``complete`` in one transaction, and a complete run of the same version and date becomes ``replaced``. So
readers see whole runs only, and scoring again replaces what was scored before. A run that nobody needs any more is
``dropped`` first, then deleted piece by piece.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import METADATA, SERIAL, Key, Moment, Words

__all__ = ["RISK_RUNS", "RiskRun", "StoredRun"]

GIVEN_UP = timedelta(days=7)
"""A run that was begun so long ago will not be completed."""

RISK_RUNS = Table(
    "risk_runs", METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("model", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("data_until", Moment),
    Column("status", Words, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("written", Integer, nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("writer", Words, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("completed_at", Moment),
    Index("risk_runs_newest", "model", "status", "as_of", "id"),
    sqlite_autoincrement=True,
)
ONE_OF_EACH = Index(
    "risk_runs_one", RISK_RUNS.c.model, RISK_RUNS.c.version, RISK_RUNS.c.as_of, RISK_RUNS.c.status, unique=True,
    sqlite_where=RISK_RUNS.c.status.in_(("writing", "complete")),
    postgresql_where=RISK_RUNS.c.status.in_(("writing", "complete")),
)


@dataclass(frozen=True, slots=True)
class RiskRun:
    """What is scored: a cohort ``model`` in a ``version``, as of a moment, for the ``horizon_days`` after it.

    ``data_until`` is the newest fact that the workspace's tables held (数据截至); None counts as ``as_of``.
    """

    model: str
    version: int
    as_of: datetime
    horizon_days: int
    data_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run and its place in the store; ``written`` of ``row_count`` rows are there."""

    id: int
    run: RiskRun
    status: str
    row_count: int
    written: int
    writer: str
    started_at: datetime
    completed_at: datetime | None


def begin(connection: Connection, run: RiskRun, row_count: int, fingerprint: str, now: datetime) -> StoredRun:
    """Return the run to write: one that was stopped before with the very same scores, else a new one.

    Whoever wrote it before is shut out: its next chunk is refused.
    """
    writer = secrets.token_hex(8)
    found = connection.execute(select(RISK_RUNS).where(_same(run), RISK_RUNS.c.status == "writing")).first()
    if found is not None and (found.fingerprint, found.row_count) == (fingerprint, row_count):
        connection.execute(update(RISK_RUNS).where(RISK_RUNS.c.id == found.id).values(writer=writer))
        return _by_id(connection, found.id)
    if found is not None:
        connection.execute(update(RISK_RUNS).where(RISK_RUNS.c.id == found.id).values(status="replaced"))
    added = connection.execute(insert(RISK_RUNS).values(
        model=run.model, version=run.version, as_of=run.as_of, horizon_days=run.horizon_days,
        data_until=run.data_until, status="writing", row_count=row_count, written=0, fingerprint=fingerprint,
        writer=writer, started_at=now,
    ).returning(RISK_RUNS.c.id))
    return _by_id(connection, added.scalar_one())


def written(connection: Connection, stored: StoredRun, rows: int) -> None:
    """Note, in the transaction of a chunk, that the run now holds ``rows`` rows."""
    mine = (RISK_RUNS.c.id == stored.id, RISK_RUNS.c.writer == stored.writer, RISK_RUNS.c.status == "writing")
    if not connection.execute(update(RISK_RUNS).where(*mine).values(written=rows)).rowcount:
        raise StoreError(f"another process has begun to write the scores of {stored.run.model} as of "
                         f"{stored.run.as_of.isoformat()}; this one gives way")


def complete(connection: Connection, stored: StoredRun, now: datetime) -> StoredRun:
    """Let readers see the run, in the place of an earlier one of the same version and date."""
    found = _by_id(connection, stored.id)
    if (found.writer, found.status, found.written) != (stored.writer, "writing", found.row_count):
        raise StoreError(f"got {found.written} of {found.row_count} scores of {found.run.model} as of "
                         f"{found.run.as_of.isoformat()}, written by another process; score again")
    done = update(RISK_RUNS).where(_same(found.run), RISK_RUNS.c.status == "complete").values(status="replaced")
    connection.execute(done)
    connection.execute(update(RISK_RUNS).where(RISK_RUNS.c.id == found.id).values(status="complete", completed_at=now))
    return _by_id(connection, found.id)


def newest(connection: Connection, model: str, before: datetime | None = None) -> StoredRun | None:
    """Return the complete run of the latest ``as_of`` (strictly before a moment, if one is given)."""
    wanted = select(RISK_RUNS).where(RISK_RUNS.c.model == model, RISK_RUNS.c.status == "complete")
    if before is not None:
        wanted = wanted.where(RISK_RUNS.c.as_of < before)
    row = connection.execute(wanted.order_by(RISK_RUNS.c.as_of.desc(), RISK_RUNS.c.id.desc()).limit(1)).first()
    return None if row is None else _stored(row)


def by_id(connection: Connection, run_id: int) -> StoredRun | None:
    """Return a run that is whole, be it replaced by now."""
    wanted = select(RISK_RUNS).where(RISK_RUNS.c.id == run_id, RISK_RUNS.c.status.in_(("complete", "replaced")))
    row = connection.execute(wanted).first()
    return None if row is None else _stored(row)


def drop(connection: Connection, model: str, keep: int, now: datetime) -> list[int]:
    """Return the ids of runs to delete, which nobody reads from now on.

    They are replaced ones, complete ones beyond the newest ``keep``, and those that were not completed in a week.
    """
    rows = connection.execute(select(RISK_RUNS).where(RISK_RUNS.c.model == model)
                              .order_by(RISK_RUNS.c.as_of.desc(), RISK_RUNS.c.id.desc())).all()
    kept = {row.id for row in rows if row.status == "writing" and row.started_at > now - GIVEN_UP}
    kept.update([row.id for row in rows if row.status == "complete"][:keep])
    found = [row.id for row in rows if row.id not in kept]
    connection.execute(update(RISK_RUNS).where(RISK_RUNS.c.id.in_(found)).values(status="dropped"))
    return found


def forget(connection: Connection, run_id: int) -> None:
    """Delete the row of a run whose scores are gone."""
    connection.execute(delete(RISK_RUNS).where(RISK_RUNS.c.id == run_id))


def _same(run: RiskRun) -> Any:
    table = RISK_RUNS.c
    return (table.model == run.model) & (table.version == run.version) & (table.as_of == run.as_of)


def _by_id(connection: Connection, run_id: int) -> StoredRun:
    return _stored(connection.execute(select(RISK_RUNS).where(RISK_RUNS.c.id == run_id)).one())


def _stored(row: Row[Any]) -> StoredRun:
    run = RiskRun(row.model, row.version, row.as_of, row.horizon_days, row.data_until)
    return StoredRun(row.id, run, row.status, row.row_count, row.written, row.writer, row.started_at, row.completed_at)
