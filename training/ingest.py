"""Events of the workspace's tables, the same facts as the service is told over HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.store import EVENTS, TicketEvent
from fenzhen.store.ticket_events import TEXTS
from fenzhen.tables import has_row_numbers

__all__ = ["events_of_ticket_events", "events_of_tickets", "require_ids"]

FILED = ("channel", "customer_id", "product", "product_version", "device_id", "site", "region")
SETTLED = ("category", "subcategory", "sentiment", "request_type", "priority", "group", "assignee_id", "cost")
MOMENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "created": ("created_at", FILED),
    "responded": ("first_response_at", ()),
    "resolved": ("resolved_at", SETTLED),
    "csat": ("resolved_at", ("csat", "nps")),
}
"""Event -> the column of tickets that says when, and those that say what. Satisfaction has no time of its own: it
counts as given when the ticket was resolved, as everywhere (see :mod:`fenzhen.tables`)."""


def require_ids(tickets: pd.DataFrame) -> None:
    """Raise ``TableError`` for tickets without ids: row numbers would be mistaken for the helpdesk's."""
    if has_row_numbers(tickets):
        raise TableError("tickets: a source has no ticket_id; map the column, for events cannot be joined without it")


def events_of_tickets(tickets: pd.DataFrame) -> Iterator[TicketEvent]:
    """Yield what each ticket's columns say happened to it, ticket after ticket; moments that are missing are left out.

    A ``csat`` event needs a score or an NPS.
    """
    for row in tickets.to_dict("records"):
        for event, (moment, named) in MOMENTS.items():
            at: Any = row.get(moment)
            values = _values(row, named)
            if _known(row.get("ticket_id")) and _known(at) and (values or event != "csat"):
                yield TicketEvent(str(row["ticket_id"]), event, at.to_pydatetime(warn=False), values, source="ingest")


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
