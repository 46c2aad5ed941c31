"""What a ticket says of itself when it is filed, as texts by which to look up its past.

Only columns that are known at filing are fields: what ``fenzhen.known`` dates later (a category that an agent gives,
the group that solves) never is. A missing value is the empty text and counts as a value of its own: that a ticket
has no creator says as much as who it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.filed_fields import field_texts, ticket_fields

__all__ = ["DAYPART", "EVERYTHING", "FieldValues", "RoutingFields", "daypart"]

Objects = NDArray[np.object_]
FieldValues = Mapping[str, str]
"""Field -> value of one ticket; the empty text where it has none."""

DAYPART = "daypart"
"""The field of the time of day: weekday or weekend, and which three hours."""
EVERYTHING = "everything"
"""The field that is the same for all tickets."""
_HOURS = 3


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

        ``features.filed_fields`` says where a field is looked for. Without ``filed_at`` the time of day is empty.

        >>> fields = RoutingFields(("product", "customer_id", "symptom"), "Asia/Shanghai")
        >>> ticket = {"customer": {"id": "C9"}, "context": {"symptom": 491}}
        >>> fields.of_ticket(ticket, datetime.fromisoformat("2026-11-21T01:00:00+00:00"))
        {'product': '', 'customer_id': 'C9', 'symptom': '491', 'daypart': 'weekend 9', 'everything': ''}
        """
        values = ticket_fields(ticket, self.names)
        values[DAYPART] = daypart(filed_at.astimezone(ZoneInfo(self.time_zone))) if filed_at else ""
        values[EVERYTHING] = ""
        return values

    def of_frame(self, tickets: pd.DataFrame) -> dict[str, Objects]:
        """Return field -> texts of canonical tickets, object arrays of their length."""
        nothing = np.full(len(tickets), "", dtype=object)
        found = {name: field_texts(tickets[name]) if name in tickets else nothing for name in self.names}
        local = tickets["created_at"].dt.tz_convert(self.time_zone)
        return {**found, DAYPART: _dayparts(local), EVERYTHING: nothing}

    def of_rows(self, tickets: pd.DataFrame) -> list[dict[str, str]]:
        """Return the same row by row."""
        columns = self.of_frame(tickets)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _dayparts(local: pd.Series) -> Objects:
    weekend = np.where(local.dt.day_of_week >= 5, "weekend ", "weekday ")
    hours = (local.dt.hour // _HOURS * _HOURS).fillna(0).astype(int).astype(str)
    parts = pd.Series(weekend, index=local.index) + hours
    found: Objects = parts.where(local.notna(), "").to_numpy(dtype=object)
    return found
