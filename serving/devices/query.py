"""What a list of alerts is asked for, from the query of an address."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from fenzhen.store import AlertFilter, AlertState
from serving.body import invalid
from serving.parameters import Parameters, member, text_of, whole

__all__ = ["STATES", "AlertQuery", "cursor_text", "read_query"]

Format = Literal["json", "csv"]
STATES: tuple[str, ...] = (*get_args(AlertState), "all")
TEXTS = ("component", "device_id", "site", "region", "batch", "supplier", "customer_id", "group_name")
PARAMETERS = ("state", *TEXTS, "opened_from", "limit", "cursor", "format")
MOST: Mapping[str, int] = {"json": 200, "csv": 20_000}
USUAL: Mapping[str, int] = {"json": 50, "csv": 20_000}


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """One list of alerts: which, how many, and how they are written."""

    wanted: AlertFilter
    limit: int
    format: Format


def read_query(asked: QueryParams, zone: ZoneInfo) -> AlertQuery:
    """Return the query of an address; open alerts by default. A 422 names every parameter that is unknown or wrong."""
    read = Parameters(asked, zone)
    form = cast(Format, read.one("format", lambda text: member(text, tuple(MOST)), "json"))
    state = read.one("state", lambda text: member(text, STATES), "open")
    since = read.one("opened_from", read.moment, None)
    texts = {name: read.one(name, text_of, "") or None for name in TEXTS}
    found = AlertQuery(
        AlertFilter(
            state=None if state == "all" else cast(AlertState, state), **texts,
            opened_from=None if since is None else datetime.fromtimestamp(since, UTC),
            after=read.one("cursor", read_cursor, None),
        ),
        limit=read.one("limit", lambda text: whole(text, MOST[form]), USUAL[form]), format=form,
    )
    read.refuse_others(PARAMETERS)
    if read.errors:
        raise invalid(read.errors)
    return found


def cursor_text(opened_at: datetime, alert_id: str) -> str:
    """Return where a page goes on: after this alert.

    >>> read_cursor(cursor_text(datetime(2026, 6, 1, tzinfo=UTC), "A1"))
    (datetime.datetime(2026, 6, 1, 0, 0, tzinfo=datetime.timezone.utc), 'A1')
    """
    raw = json.dumps((opened_at.astimezone(UTC).isoformat(), alert_id), separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, str]:
    """Return what :func:`cursor_text` wrote; ``ValueError`` for anything else."""
    try:
        moment, alert_id = json.loads(base64.b64decode(text[:400] + "==", altchars=b"-_"))
        opened_at = datetime.fromisoformat(moment)
        if opened_at.tzinfo is None or not isinstance(alert_id, str):
            raise ValueError
        return opened_at.astimezone(UTC), alert_id
    except (ValueError, TypeError, OverflowError):
        raise ValueError("expected the next_cursor of an answer") from None
