"""Scores of cohort models: a row an entity and component, with what changed and its course so far.

A row is all that a list shows; why it is so (reasons, protective factors, attributes) is its details, kept as
compressed JSON beside it, read one at a time. The same columns are kept once more as Arrow blocks, see
:mod:`fenzhen.store.risk_columns`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Double, LargeBinary, Table, delete, select
from sqlalchemy.engine import Connection, Row

from fenzhen.store.columns import DOCUMENT, METADATA, SERIAL, Key, Moment, Words

__all__ = ["CHANGES", "LEVELS", "RISK_BLOCKS", "RISK_DETAILS", "RISK_SCORES", "RiskScore", "TrendPoint"]

LEVELS = ("low", "medium", "high")
CHANGES = ("none", "new", "rose", "fell", "reason")
"""What happened last: nothing yet, first scored, a higher or a lower level, the same level for another first reason."""

RISK_SCORES = Table(
    "risk_scores", METADATA,
    Column("run_id", SERIAL, primary_key=True, autoincrement=False),
    Column("entity", Key, primary_key=True),
    Column("component", Key, primary_key=True),
    Column("probability", Double, nullable=False),
    Column("risk_level", Words, nullable=False),
    Column("change", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("previous_level", Words),
    Column("previous_reason", Words),
    Column("reason", Words),
    Column("name", Words),
    Column("owner", Words),
    Column("customer_tier", Words),
    Column("region", Words),
    Column("renewal_at", Moment),
    Column("value_at_risk", Double),
    Column("currency", Words),
    Column("history", DOCUMENT, nullable=False),
    sqlite_with_rowid=False,
)
RISK_DETAILS = Table(
    "risk_details", METADATA,
    Column("run_id", SERIAL, primary_key=True, autoincrement=False),
    Column("entity", Key, primary_key=True),
    Column("component", Key, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
RISK_BLOCKS = Table(
    "risk_blocks", METADATA,
    Column("run_id", SERIAL, primary_key=True, autoincrement=False),
    Column("start", SERIAL, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A score of the past: when, how likely, which level."""

    as_of: datetime
    probability: float
    risk_level: str


@dataclass(frozen=True, slots=True)
class RiskScore:
    """One entity's risk in one run. ``component`` is "" where the model has none.

    ``change`` is what happened last (one of :data:`CHANGES`) and ``changed_at`` the ``as_of`` at which it was seen;
    ``previous_level`` and ``previous_reason`` are what held before it. ``history`` ends with this score: at most
    ``HISTORY`` points, the last of each week.
    """

    entity: str
    component: str
    probability: float
    risk_level: str
    change: str
    changed_at: datetime
    previous_level: str | None = None
    previous_reason: str | None = None
    reason: str | None = None
    name: str | None = None
    owner: str | None = None
    customer_tier: str | None = None
    region: str | None = None
    renewal_at: datetime | None = None
    value_at_risk: float | None = None
    currency: str | None = None
    history: Sequence[TrendPoint] = field(default_factory=tuple)


def scores_of(connection: Connection, run_id: int, entities: Sequence[str]) -> dict[tuple[str, str], RiskScore]:
    """Return scores by entity and component; who was not scored is left out."""
    wanted = select(RISK_SCORES).where(RISK_SCORES.c.run_id == run_id, RISK_SCORES.c.entity.in_(list(entities)))
    return {(row.entity, row.component): _score(row) for row in connection.execute(wanted)}


def all_scores(connection: Connection, run_id: int) -> list[RiskScore]:
    """Return every score of a run, by entity and component."""
    table = RISK_SCORES.c
    wanted = select(RISK_SCORES).where(table.run_id == run_id).order_by(table.entity, table.component)
    return [_score(row) for row in connection.execute(wanted)]


def details_of(connection: Connection, run_id: int,
               entities: Sequence[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the details of scores by entity and component; who was not scored is left out."""
    from fenzhen.store.risk_rows import unpacked

    table = RISK_DETAILS.c
    wanted = select(RISK_DETAILS).where(table.run_id == run_id, table.entity.in_(list(entities)))
    return {(row.entity, row.component): unpacked(row.content) for row in connection.execute(wanted)}


def levels_of(connection: Connection, run_id: int) -> dict[tuple[str, str], str]:
    """Return the level of every entity and component of a run."""
    table = RISK_SCORES.c
    rows = connection.execute(select(table.entity, table.component, table.risk_level).where(table.run_id == run_id))
    return {(row.entity, row.component): row.risk_level for row in rows}


def blocks_of(connection: Connection, run_id: int) -> list[bytes]:
    """Return the Arrow blocks of a run, in order."""
    wanted = select(RISK_BLOCKS.c.content).where(RISK_BLOCKS.c.run_id == run_id).order_by(RISK_BLOCKS.c.start)
    return list(connection.execute(wanted).scalars())


def drop_some(connection: Connection, run_id: int, chunk: int) -> int:
    """Delete up to ``chunk`` entities of a run with their details; the number of rows that went."""
    table = RISK_SCORES.c
    ids = list(connection.execute(select(table.entity).where(table.run_id == run_id).limit(chunk)).scalars())
    for each in (RISK_DETAILS, RISK_SCORES):
        connection.execute(delete(each).where(each.c.run_id == run_id, each.c.entity.in_(ids)))
    if not ids:
        connection.execute(delete(RISK_BLOCKS).where(RISK_BLOCKS.c.run_id == run_id))
    return len(ids)


def _score(row: Row[Any]) -> RiskScore:
    from fenzhen.store.risk_rows import history_of

    facts = {name: getattr(row, name) for name in RiskScore.__slots__ if name != "history"}
    return RiskScore(**facts, history=history_of(row.history))
