"""What happened to tickets, each fact once however often and from wherever it is told."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, ColumnElement, Index, String, Table, func, literal_column, select
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import DOCUMENT, METADATA, SERIAL, Key, Moment, Words
from fenzhen.store.once import or_nothing

__all__ = ["EVENTS", "TEXTS", "EventName", "TicketEvent", "write_events"]

EventName = Literal["created", "assigned", "responded", "waiting_customer", "resolved", "reopened", "closed", "csat"]
EVENTS: tuple[str, ...] = get_args(EventName)
TEXTS = frozenset(("subject", "body", "resolution", "survey_comment"))
"""Values that are people's words; the store drops them."""

TICKET_EVENTS = Table(
    "ticket_events", METADATA,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("fact", Key, nullable=False, unique=True),
    Column("ticket_id", Key, nullable=False),
    Column("event", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("event_id", Key),
    Column("facts", DOCUMENT),
    Column("source", Words, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("request_id", Words, nullable=False),
    Column("key_id", Words, nullable=False),
    Index("ticket_events_id", "ticket_id", "event_id", unique=True),
    Index("ticket_events_ticket", "ticket_id", "at"),
    Index("ticket_events_at", "at"),
)


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """``event`` happened to a ticket at ``at``; ``values`` are category, group, assignee_id, csat … as given."""

    ticket_id: str
    event: str
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    event_id: str | None = None
    source: str = "api"
    key_id: str = ""
    request_id: str = ""

    @property
    def fact(self) -> str:
        """What makes two events the same fact: ticket, event and moment, and who a ticket was assigned to.

        >>> noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
        >>> told, loaded = TicketEvent("T-1", "resolved", noon, {"csat": 5}), TicketEvent("T-1", "resolved", noon)
        >>> told.fact == loaded.fact
        True
        """
        whom = (self.values.get("assignee_id") or self.values.get("group")) if self.event == "assigned" else None
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        identity = json.dumps((self.ticket_id, self.event, moment, whom), default=str)
        return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def write_events(connection: Connection, events: Sequence[TicketEvent], received_at: datetime) -> list[bool]:
    """Add events; return for each, in order, whether it was new. One that is known is left as it is.

    Two writers that tell the same facts in opposite orders at once may clash on PostgreSQL: one of them is busy then.
    """
    facts = [_checked(event).fact for event in events]
    rows: dict[str, dict[str, Any]] = {}
    for fact, event in zip(facts, events, strict=True):
        rows.setdefault(fact, _row(fact, event, received_at))
    if not rows:
        return []
    adding = or_nothing(connection, TICKET_EVENTS).returning(TICKET_EVENTS.c.fact)
    added = set(connection.execute(adding, list(rows.values())).scalars())
    return [_taken(added, fact) for fact in facts]


def events_of(connection: Connection, ticket_id: str) -> list[TicketEvent]:
    """Return a ticket's events by time, those of one moment in the order they were written."""
    wanted = select(TICKET_EVENTS).where(TICKET_EVENTS.c.ticket_id == ticket_id)
    return [_event(row) for row in connection.execute(wanted.order_by("at", "seq"))]


def events_after(connection: Connection, seq: int, limit: int) -> list[tuple[int, TicketEvent]]:
    """Return events written after number ``seq``, at most ``limit``, each with its number.

    On PostgreSQL a lower number may become visible after a higher one: ask for it by :func:`events_numbered`.
    """
    wanted = select(TICKET_EVENTS).where(TICKET_EVENTS.c.seq > seq).order_by("seq").limit(limit)
    return [(row.seq, _event(row)) for row in connection.execute(wanted)]


def events_numbered(connection: Connection, numbers: Sequence[int]) -> list[tuple[int, TicketEvent]]:
    """Return those events whose number is among ``numbers``, each with its number."""
    wanted = select(TICKET_EVENTS).where(TICKET_EVENTS.c.seq.in_(numbers)).order_by("seq")
    return [(row.seq, _event(row)) for row in connection.execute(wanted)]


def number_before_newest(connection: Connection, count: int) -> int:
    """Return the number after which at most ``count`` events were written; 0 where there are no more."""
    wanted = select(TICKET_EVENTS.c.seq).order_by(TICKET_EVENTS.c.seq.desc()).offset(count).limit(1)
    return connection.execute(wanted).scalar() or 0


def count(connection: Connection) -> int:
    """Return how many events there are."""
    return int(connection.execute(select(func.count()).select_from(TICKET_EVENTS)).scalar_one())


def events_of_customer(connection: Connection, customer_id: str, limit: int) -> list[TicketEvent]:
    """Return the events of a customer's tickets by time; at most about ``limit``, those of the newest tickets.

    A ticket is a customer's if any of its events says so.
    """
    table = TICKET_EVENTS.c
    his = select(table.ticket_id).where(_customer_is(customer_id)).group_by(table.ticket_id)
    newest = his.order_by(func.max(table.at).desc(), table.ticket_id).limit(max(1, limit // 4))
    wanted = select(TICKET_EVENTS).where(table.ticket_id.in_(newest)).order_by(table.at.desc(), table.seq.desc())
    return [_event(row) for row in reversed(connection.execute(wanted.limit(limit)).all())]


def _customer_is(customer_id: str) -> ColumnElement[bool]:
    """Return the condition that the index ``ticket_events_customer`` answers."""
    return literal_column("facts ->> 'customer_id'", String()) == customer_id


def _taken(added: set[str], fact: str) -> bool:
    """Say whether a fact was added, to the first who asks."""
    if fact not in added:
        return False
    added.remove(fact)
    return True


def _checked(event: TicketEvent) -> TicketEvent:
    if event.event not in EVENTS:
        raise StoreError(f"got the event {event.event!r}, expected one of {', '.join(EVENTS)}")
    if event.at.tzinfo is None:
        raise StoreError(f"got the moment {event.at.isoformat()} without a time zone, expected an aware one")
    return event


def _row(fact: str, event: TicketEvent, received_at: datetime) -> dict[str, Any]:
    return {
        "fact": fact, "ticket_id": event.ticket_id, "event": event.event, "at": event.at, "event_id": event.event_id,
        "facts": {name: value for name, value in event.values.items() if name not in TEXTS and value is not None},
        "source": event.source, "received_at": received_at, "request_id": event.request_id, "key_id": event.key_id,
    }


def _event(row: Row[Any]) -> TicketEvent:
    return TicketEvent(row.ticket_id, row.event, row.at, row.facts or {}, row.event_id, row.source, row.key_id,
                       row.request_id)
