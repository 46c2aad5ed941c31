"""Events of the workspace's tables, the same facts as the service is told over HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.known import known_at_column
from fenzhen.store import EVENTS, TicketEvent
from fenzhen.store.ticket_events import TEXTS
from fenzhen.tables import KNOWN_AT, absent_columns, has_row_numbers, schema_of

__all__ = ["MOMENTS", "events_of_ticket_events", "events_of_tickets", "require_ids"]

FILED = ("channel", "customer_id", "product", "product_version", "device_id", "site", "region")
SETTLED = ("category", "subcategory", "sentiment", "request_type", "priority", "group", "assignee_id", "cost")
DESCRIBING = ("category", "subcategory", "request_type", "tags")
MOMENTS: Mapping[str, str] = {
    "created": "created_at", "responded": "first_response_at", "resolved": "resolved_at", "csat": "resolved_at",
}
"""Event -> the column of tickets that says when. Satisfaction has no time of its own: it counts as given when the
ticket was resolved, as everywhere (see :mod:`fenzhen.tables`)."""


def require_ids(tickets: pd.DataFrame) -> None:
    """Raise ``TableError`` for tickets without ids: row numbers would be mistaken for the helpdesk's."""
    if has_row_numbers(tickets):
        raise TableError("tickets: a source has no ticket_id; map the column, for events cannot be joined without it")


def events_of_tickets(tickets: pd.DataFrame) -> Iterator[TicketEvent]:
    """Yield what each ticket's columns say happened to it, ticket after ticket; moments that are missing are left out.

    A ``csat`` event needs a score or an NPS. What a workspace says was known when a ticket was filed is told with its
    creation, its own columns (context of routing) included.
    """
    filed = filed_columns(tickets)
    settled = tuple(name for name in SETTLED if name not in filed)
    named = {"created": filed, "responded": (), "resolved": settled, "csat": ("csat", "nps")}
    for row in tickets.to_dict("records"):
        for event, moment in MOMENTS.items():
            at: Any = row.get(moment)
            values = _values(row, named[event])
            if _known(row.get("ticket_id")) and _known(at) and (values or event != "csat"):
                yield TicketEvent(str(row["ticket_id"]), event, at.to_pydatetime(warn=False), values, source="ingest")


def filed_columns(tickets: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that are told with a ticket's creation.

    >>> from fenzhen.tables import conform
    >>> rows = pd.DataFrame({"ticket_id": ["1"], "created_at": pd.to_datetime(["2026"], utc=True), "body": ["卡纸"]})
    >>> filed_columns(conform("tickets", rows.assign(symptom="491")))
    ('channel', 'customer_id', 'product', 'product_version', 'device_id', 'site', 'region')
    """
    schema = schema_of("tickets")
    if "resolved_at" in absent_columns(tickets):  # then labels count as known at once, which no event may claim
        return FILED
    own = [name for name in tickets.columns if name not in schema.names and not name.endswith(KNOWN_AT)]
    known = [name for name in (*DESCRIBING, *own) if known_at_column(schema, tickets, name) == "created_at"]
    return (*FILED, *known)


def events_of_ticket_events(events: pd.DataFrame) -> Iterator[TicketEvent | None]:
    """Yield each row as an event; None for one without ticket or time, or of a kind that Fenzhen does not know."""
    others = [name for name in events.columns if name not in ("ticket_id", "at", "event", "event_id", *TEXTS)]
    for row in events.to_dict("records"):
        if not (_known(row["ticket_id"]) and _known(row["at"]) and row["event"] in EVENTS):
            yield None
            continue
        event_id = row.get("event_id")
        yield TicketEvent(str(row["ticket_id"]), str(row["event"]), row["at"].to_pydatetime(warn=False),
                          _values(row, others), str(event_id) if _known(event_id) else None, source="ingest")


def _values(row: Mapping[Any, Any], names: Any) -> dict[str, Any]:
    return {name: _plain(row[name]) for name in names if name in row and _known(row[name])}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, pd.Timestamp) else value.item() if hasattr(value, "item") else value


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value)
