"""What a ticket says of itself when it is filed, as texts: from canonical tables and from tickets as they are sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.known import known_at_column
from fenzhen.tables import Tables, schema_of

__all__ = ["CONTRACT_FIELDS", "FiledFields", "columns_at_filing", "field_texts", "fields_at_filing", "ticket_fields"]

Objects = NDArray[np.object_]

CONTRACT_FIELDS = ("channel", "customer_id", "product", "product_version", "device_id", "site", "region", "category",
                   "subcategory")
TIER = "customer_tier"
HOUR, WEEKDAY = "hour", "weekday"
_OF_CUSTOMERS = (TIER, "region")


def columns_at_filing(tickets: pd.DataFrame, context: Iterable[str], label: str) -> tuple[str, ...]:
    """Return the columns that are known when a ticket is filed and hold more than one value; never the ``label``.

    ``context`` are a workspace's own columns. What ``fenzhen.known`` dates later (a category that an agent gives) is
    left out.
    """
    schema = schema_of("tickets")
    wanted = [name for name in dict.fromkeys((*CONTRACT_FIELDS, *context)) if name in tickets.columns and name != label]
    known = [name for name in wanted if known_at_column(schema, tickets, name) == "created_at"]
    return tuple(name for name in known if tickets[name].nunique(dropna=False) > 1)


def fields_at_filing(tables: Tables, context: Iterable[str], label: str) -> tuple[str, ...]:
    """Return ``columns_at_filing`` of the tickets, and the customer's tier where customers have one."""
    found, customers = columns_at_filing(tables["tickets"], context, label), tables.get("customers")
    tiers = customers is not None and customers[TIER].nunique() and "customer_id" in found
    return (*found, TIER) if tiers else found


def ticket_fields(ticket: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Return these fields of a ticket shaped like ``serving.schemas.Ticket``; what is not there is the empty text.

    A field is looked for in the ticket, then (tier and region) in its ``customer``, then in ``context``; the
    customer's id in the ticket, then in its ``customer``.

    >>> ticket_fields({"customer": {"id": "C9"}, "context": {"symptom": 491}}, ["product", "customer_id", "symptom"])
    {'product': '', 'customer_id': 'C9', 'symptom': '491'}
    """
    customer, context = ticket.get("customer") or {}, ticket.get("context") or {}
    return {name: _text(_found(name, ticket, customer, context)) for name in names}


def field_texts(column: pd.Series) -> Objects:
    """Return a column's values as texts, the empty text for missing ones."""
    texts: Objects = column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)
    return texts


@dataclass(frozen=True, slots=True)
class FiledFields:
    """Which columns a model reads (``names``), and the time zone of its hours; a missing value is the empty text."""

    names: tuple[str, ...]
    time_zone: str

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names, hour and weekday."""
        return (*self.names, HOUR, WEEKDAY)

    def of_ticket(self, ticket: Mapping[str, Any], filed_at: datetime) -> dict[str, str]:
        """Return ``ticket_fields`` of a ticket with hour and weekday of its filing.

        >>> fields = FiledFields(("product", "customer_id", "symptom"), "Asia/Shanghai")
        >>> fields.of_ticket({"customer": {"id": "C9"}, "context": {"symptom": 491}},
        ...                  datetime.fromisoformat("2026-11-21T01:00:00+00:00"))
        {'product': '', 'customer_id': 'C9', 'symptom': '491', 'hour': '9', 'weekday': '5'}
        """
        local = filed_at.astimezone(ZoneInfo(self.time_zone))
        values = self.named(ticket)
        return {**values, HOUR: str(local.hour), WEEKDAY: str(local.weekday())}

    def named(self, ticket: Mapping[str, Any]) -> dict[str, str]:
        """Return the values without those that follow from the time."""
        return ticket_fields(ticket, self.names)

    def of_tables(self, tables: Tables) -> dict[str, Objects]:
        """Return field -> texts of the canonical tickets, object arrays of their length, in their order.

        A customer's tier counts where the customer was known before the ticket.
        """
        tickets = tables["tickets"]
        columns = {name: field_texts(tickets[name]) if name in tickets else _nothing(tickets) for name in self.names}
        if TIER in columns and TIER not in tickets:
            columns[TIER] = _tiers(tickets, tables["customers"]) if "customers" in tables else _nothing(tickets)
        local = tickets["created_at"].dt.tz_convert(self.time_zone)
        hours = {HOUR: local.dt.hour, WEEKDAY: local.dt.day_of_week}
        return {**columns, **{name: field_texts(values.astype("Int64")) for name, values in hours.items()}}


def _found(name: str, ticket: Mapping[str, Any], customer: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
    value = ticket.get(name)
    if name == "customer_id":
        return value or customer.get("id")
    if value is None and name in _OF_CUSTOMERS:
        value = customer.get(name)
    return context.get(name) if value is None else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()  # as tables are read


def _nothing(tickets: pd.DataFrame) -> Objects:
    return np.full(len(tickets), "", dtype=object)


def _tiers(tickets: pd.DataFrame, customers: pd.DataFrame) -> Objects:
    known = customers.dropna(subset=["customer_id"]).drop_duplicates("customer_id").set_index("customer_id")
    tier, since = (tickets["customer_id"].map(known[name]) for name in (TIER, "since"))
    later = since.astype(tickets["created_at"].dtype) >= tickets["created_at"]
    return field_texts(tier.where(~later))
