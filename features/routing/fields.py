"""What a ticket says of itself when it is filed, as texts by which to look up its past.

Only columns that are known at filing are fields: what ``fenzhen.known`` dates later (a category that an agent gives,
the group that solves) never is. A missing value is the empty text and counts as a value of its own: that a ticket
has no creator says as much as who it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.known import known_at_column
from fenzhen.tables import schema_of

__all__ = ["BASE_FIELDS", "DAYPART", "EVERYTHING", "FieldValues", "RoutingFields", "daypart", "fields_known_at_filing"]

Objects = NDArray[np.object_]
FieldValues = Mapping[str, str]
"""Field -> value of one ticket; the empty text where it has none."""

BASE_FIELDS = ("channel", "customer_id", "product", "product_version", "device_id", "site", "region", "category",
               "subcategory")
DAYPART = "daypart"
"""The field of the time of day: weekday or weekend, and which three hours."""
EVERYTHING = "everything"
"""The field that is the same for all tickets."""
_HOURS = 3
_CUSTOMER = ("customer_tier", "region")


def fields_known_at_filing(tickets: pd.DataFrame, context: Iterable[str], label: str) -> tuple[str, ...]:
    """Return the columns that are known when a ticket is filed and say more than one thing.

    ``context`` are a workspace's own columns. The ``label`` is never among them, whatever its column says.
    """
    schema, filed_at = schema_of("tickets"), "created_at"
    wanted = [name for name in dict.fromkeys((*BASE_FIELDS, *context)) if name in tickets.columns and name != label]
    known = [name for name in wanted if known_at_column(schema, tickets, name) == filed_at]
    return tuple(name for name in known if tickets[name].nunique(dropna=False) > 1)


def daypart(moment: datetime) -> str:
    """Return the part of the week of a local time.

    >>> daypart(datetime(2026, 11, 21, 9, 30)), daypart(datetime(2026, 11, 23, 8, 59))
    ('weekend 9', 'weekday 6')
    """
    return f"{'weekend' if moment.weekday() >= 5 else 'weekday'} {moment.hour // _HOURS * _HOURS}"


@dataclass(frozen=True, slots=True)
class RoutingFields:
    """Which ``names`` a model reads of a ticket, and the ``time_zone`` in which its hours are told."""

    names: tuple[str, ...]
    time_zone: str

    def of_ticket(self, ticket: Mapping[str, Any], filed_at: datetime | None) -> dict[str, str]:
        """Return the values of a ticket shaped like ``serving.schemas.Ticket``; what is not there is empty.

        A field is looked for at the top, then in ``customer`` and then in ``context``. Without ``filed_at`` the time
        of day is empty.

        >>> fields = RoutingFields(("product", "customer_id", "symptom"), "Asia/Shanghai")
        >>> ticket = {"customer": {"id": "C9"}, "context": {"symptom": 491}}
        >>> fields.of_ticket(ticket, datetime.fromisoformat("2026-11-21T01:00:00+00:00"))
        {'product': '', 'customer_id': 'C9', 'symptom': '491', 'daypart': 'weekend 9', 'everything': ''}
        """
        customer, context = ticket.get("customer") or {}, ticket.get("context") or {}
        values = {name: _text(_found(name, ticket, customer, context)) for name in self.names}
        values[DAYPART] = daypart(filed_at.astimezone(ZoneInfo(self.time_zone))) if filed_at else ""
        values[EVERYTHING] = ""
        return values

    def of_frame(self, tickets: pd.DataFrame) -> dict[str, Objects]:
        """Return field -> texts of canonical tickets, object arrays of their length."""
        nothing = np.full(len(tickets), "", dtype=object)
        found = {name: _texts(tickets[name]) if name in tickets else nothing for name in self.names}
        local = tickets["created_at"].dt.tz_convert(self.time_zone)
        return {**found, DAYPART: _dayparts(local), EVERYTHING: nothing}

    def of_rows(self, tickets: pd.DataFrame) -> list[dict[str, str]]:
        """Return the same row by row."""
        columns = self.of_frame(tickets)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _found(name: str, ticket: Mapping[str, Any], customer: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
    value = ticket.get(name)
    if name == "customer_id":
        return value or customer.get("id")
    if value is None and name in _CUSTOMER:
        value = customer.get(name)
    return context.get(name) if value is None else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _texts(column: pd.Series) -> Objects:
    texts: Objects = column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)
    return texts


def _dayparts(local: pd.Series) -> Objects:
    weekend = np.where(local.dt.day_of_week >= 5, "weekend ", "weekday ")
    hours = (local.dt.hour // _HOURS * _HOURS).fillna(0).astype(int).astype(str)
    parts = pd.Series(weekend, index=local.index) + hours
    found: Objects = parts.where(local.notna(), "").to_numpy(dtype=object)
    return found
