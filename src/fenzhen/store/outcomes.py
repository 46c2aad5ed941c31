"""What people did about a risk: contacted, snoozed, saved or lost; every word is kept, the last one counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, Index, Table, func, insert, select
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import METADATA, SERIAL, Key, Moment, Words

__all__ = ["DONE", "OUTCOMES", "Outcome", "OutcomeCounts", "OutcomeName", "StoredOutcome"]

OutcomeName = Literal["contacted", "snoozed", "saved", "lost"]
DONE = ("contacted", "saved", "lost")
"""Outcomes of those for whom something was done; who was snoozed waits."""

OUTCOMES = Table(
    "outcomes", METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("model", Key, nullable=False),
    Column("entity", Key, nullable=False),
    Column("component", Key, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("reason", Key),
    Column("note", Words),
    Column("until", Moment),
    Column("actor", Key, nullable=False),
    Column("owner", Key),
    Column("risk_level", Words),
    Column("as_of", Moment),
    Column("at", Moment, nullable=False),
    Column("request_id", Words, nullable=False),
    Column("key_id", Words, nullable=False),
    Index("outcomes_entity", "model", "entity", "component", "id"),
    Index("outcomes_newest", "model", "id"),
    Index("outcomes_at", "at"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``actor`` says what became of an entity. ``until`` ends a snooze; ``reason`` is the reason it was done for.

    ``owner``, ``risk_level`` and ``as_of`` are those of the score that was acted on.
    """

    model: str
    entity: str
    outcome: OutcomeName
    actor: str
    at: datetime
    component: str = ""
    reason: str | None = None
    note: str | None = None
    until: datetime | None = None
    owner: str | None = None
    risk_level: str | None = None
    as_of: datetime | None = None
    request_id: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome and its place in the order of writing."""

    id: int
    said: Outcome


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Of ``done`` entities that people did something about, ``saved`` stayed and ``lost`` left, as last told."""

    saved: int
    lost: int
    done: int


def write_outcome(connection: Connection, said: Outcome) -> int:
    """Add an outcome; return its id. Raises ``StoreError`` for one that is none and for a snooze without an end."""
    if said.outcome not in get_args(OutcomeName):
        raise StoreError(f"got the outcome {said.outcome!r}, expected one of {', '.join(get_args(OutcomeName))}")
    if (said.outcome == "snoozed") != (said.until is not None):
        raise StoreError("expected `until` with a snooze and with nothing else")
    values = {name: getattr(said, name) for name in Outcome.__slots__}
    return int(connection.execute(insert(OUTCOMES).values(values).returning(OUTCOMES.c.id)).scalar_one())


def outcomes_of(connection: Connection, model: str, entity: str) -> list[StoredOutcome]:
    """Return all that was said of an entity, newest first."""
    wanted = select(OUTCOMES).where(OUTCOMES.c.model == model, OUTCOMES.c.entity == entity)
    return [_stored(row) for row in connection.execute(wanted.order_by(OUTCOMES.c.id.desc()))]


def last_outcomes(connection: Connection, model: str, entities: Sequence[str]) -> dict[tuple[str, str], Outcome]:
    """Return the last outcome of each entity and component that has one."""
    last = _last(model).where(OUTCOMES.c.entity.in_(list(entities)))
    rows = connection.execute(select(OUTCOMES).where(OUTCOMES.c.id.in_(last)))
    return {(row.entity, row.component): _stored(row).said for row in rows}


def all_last_outcomes(connection: Connection, model: str) -> dict[str, tuple[str, datetime | None]]:
    """Return the last outcome of every entity and the end of its snooze."""
    wanted = select(OUTCOMES.c.entity, OUTCOMES.c.outcome, OUTCOMES.c.until).where(OUTCOMES.c.id.in_(_last(model)))
    return {row.entity: (row.outcome, row.until) for row in connection.execute(wanted)}


def newest_id(connection: Connection, model: str) -> int:
    """Return the id of the newest outcome of a model, 0 without one."""
    return int(connection.execute(select(func.max(OUTCOMES.c.id)).where(OUTCOMES.c.model == model)).scalar() or 0)


def outcome_counts(connection: Connection, model: str, owner: str | None) -> dict[str, OutcomeCounts]:
    """Return counts by the reason acted on, "" holding those of all reasons; only an owner's, if one is given."""
    wanted = select(OUTCOMES.c.reason, OUTCOMES.c.outcome, func.count()).where(
        OUTCOMES.c.id.in_(_last(model)), OUTCOMES.c.outcome.in_(DONE))
    if owner is not None:
        wanted = wanted.where(OUTCOMES.c.owner == owner)
    found: dict[str, dict[str, int]] = {"": dict.fromkeys(DONE, 0)}
    for reason, outcome, count in connection.execute(wanted.group_by(OUTCOMES.c.reason, OUTCOMES.c.outcome)):
        found[""][outcome] += count
        if reason:
            found.setdefault(reason, dict.fromkeys(DONE, 0))[outcome] += count
    return {reason: OutcomeCounts(each["saved"], each["lost"], sum(each.values())) for reason, each in found.items()}


def _last(model: str) -> Any:
    grouped = select(func.max(OUTCOMES.c.id)).where(OUTCOMES.c.model == model)
    return grouped.group_by(OUTCOMES.c.entity, OUTCOMES.c.component)


def _stored(row: Row[Any]) -> StoredOutcome:
    return StoredOutcome(row.id, Outcome(**{name: getattr(row, name) for name in Outcome.__slots__}))
