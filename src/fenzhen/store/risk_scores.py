"""Scores of cohort models: a row an entity and component, with what changed and its course so far.

A row is all that a list shows; why it is so (reasons, protective factors, attributes) is its details, kept as
compressed JSON beside it, read one at a time. The same columns are kept once more as Arrow blocks, see
:mod:`fenzhen.store.risk_columns`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Double, LargeBinary, Table, delete, select
from sqlalchemy.engine import Connection, Row

from fenzhen.store.columns import DOCUMENT, METADATA, SERIAL, Key, Moment, Words
from fenzhen.store.risk import RiskScore
from fenzhen.store.risk_documents import history_of, unpacked

__all__ = ["RISK_BLOCKS", "RISK_DETAILS", "RISK_SCORES", "details_of"]

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
    facts = {name: getattr(row, name) for name in RiskScore.__slots__ if name != "history"}
    return RiskScore(**facts, history=history_of(row.history))
