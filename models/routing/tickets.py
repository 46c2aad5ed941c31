"""Rows of the tickets' table as the tickets that the service is asked about."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from features.routing.fields import RoutingFields

__all__ = ["tickets_of_frame"]

_PLAIN = ("subject", "body", "needs")


def tickets_of_frame(rows: pd.DataFrame, fields: RoutingFields) -> list[dict[str, Any]]:
    """Return a dict shaped like ``serving.schemas.Ticket`` a row; fields stand at the top, missing cells are None."""
    times = pd.to_datetime(rows["created_at"], utc=True) if "created_at" in rows else pd.Series(pd.NaT, rows.index)
    columns = [name for name in (*_PLAIN, "ticket_id", *fields.names) if name in rows]
    found = []
    for row, time in zip(rows[columns].to_dict("records"), times, strict=True):
        ticket = {str(name): _plain(value) for name, value in row.items()}
        found.append({**ticket, "id": ticket.get("ticket_id"), "created_at": None if pd.isna(time) else
                      time.to_pydatetime()})
    return found


def _plain(value: Any) -> Any:
    return None if not isinstance(value, Mapping) and pd.isna(value) else value
