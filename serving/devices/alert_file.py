"""Lists of alerts as a file for people: CSV that spreadsheets open as Chinese."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from fenzhen.store import DeviceAlert
from serving.spreadsheet import guarded

__all__ = ["COLUMNS", "alerts_csv"]

COLUMNS = ("alert_id", "device_id", "component", "state", "opened_at", "last_at", "probability", "peak", "horizon_days",
           "group_name", "site", "region", "batch", "supplier", "firmware", "device_model", "customer_id", "part",
           "skill", "ticket_id", "ended_at", "outcome", "note", "actor")


def alerts_csv(alerts: Iterable[DeviceAlert]) -> bytes:
    """Return alerts as CSV in UTF-8 with a byte order mark, cells that look like formulas guarded; times are UTC."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(alert, name)) for name in COLUMNS] for alert in alerts)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _cell(value: str | float | datetime | None) -> str | float | None:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else guarded(value)
