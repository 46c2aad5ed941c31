"""Who can take tickets at the moment, as told: status, capacity, skills and group of each person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Double, Table, delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from fenzhen.store.columns import DOCUMENT, METADATA, Key, Moment, Words
from fenzhen.store.revisions import advance

__all__ = ["ASSIGNEE_STATE", "AssigneeChange", "AssigneeState"]

ASSIGNEE_STATE = Table(
    "assignee_state", METADATA,
    Column("assignee_id", Key, primary_key=True),
    Column("name", Words),
    Column("group", Words),
    Column("skills", DOCUMENT),
    Column("open_tickets", Double),
    Column("capacity", Double),
    Column("status", Words),
    Column("updated_at", Moment, nullable=False),
    Column("key_id", Words, nullable=False),
)


@dataclass(frozen=True, slots=True)
class AssigneeState:
    """What holds for a person; None is what nobody has told. ``open_tickets`` None: counted from events."""

    assignee_id: str
    name: str | None
    group: str | None
    skills: tuple[str, ...] | None
    open_tickets: float | None
    capacity: float | None
    status: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AssigneeChange:
    """What is told of a person: ``values`` by column; what is left out stays, None takes it back."""

    assignee_id: str
    values: dict[str, Any]
    at: datetime
    key_id: str = ""


def set_assignee(connection: Connection, change: AssigneeChange) -> AssigneeState:
    """Make a change and count it; return what holds now. Of two changes the one written later holds."""
    advance(connection, "assignees")
    mine = ASSIGNEE_STATE.c.assignee_id == change.assignee_id
    told: dict[str, Any] = {**change.values, "updated_at": change.at, "key_id": change.key_id}
    if not connection.execute(update(ASSIGNEE_STATE).where(mine).values(told)).rowcount:
        connection.execute(insert(ASSIGNEE_STATE).values(told | {"assignee_id": change.assignee_id}))
    return _state(connection.execute(select(ASSIGNEE_STATE).where(mine)).one())


def forget_assignee(connection: Connection, assignee_id: str) -> bool:
    """Forget all that was told of a person and count it; False if nothing was told.

    The count comes first, as in :func:`set_assignee`: on PostgreSQL two writers then wait instead of locking each
    other out.
    """
    advance(connection, "assignees")
    return connection.execute(delete(ASSIGNEE_STATE).where(ASSIGNEE_STATE.c.assignee_id == assignee_id)).rowcount > 0


def assignees(connection: Connection) -> Sequence[AssigneeState]:
    """Return what has been told of everybody, in order of ids."""
    return [_state(row) for row in connection.execute(select(ASSIGNEE_STATE).order_by("assignee_id"))]


def _state(row: Row[Any]) -> AssigneeState:
    found: dict[str, Any] = {name: row._mapping[name] for name in AssigneeState.__slots__}
    skills = found["skills"]
    return AssigneeState(**{**found, "skills": None if skills is None else tuple(skills)})
