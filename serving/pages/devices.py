"""``/app/devices``: alerts of devices, what was held back and which parts to expect; and the same lists as files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from fenzhen.store import DeviceAlert, Store, StoredRun
from serving.accounts.routes import asked_store
from serving.devices.alert_file import alerts_csv
from serving.devices.parts import ExpectedPart, as_csv, expected_parts
from serving.devices.query import read_query
from serving.devices.reading import AlertListing, list_alerts, shown_to
from serving.devices.routes import CSV
from serving.pages.account_view import in_words
from serving.pages.amounts import day
from serving.pages.language import PARAMETER, Words
from serving.pages.visits import Visit

STALE = timedelta(days=2)
"""Scores of so long ago miss a daily scoring: the page warns."""
PAGE = 25
FILTERS = ("component", "region", "site", "batch")


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert in words."""

    alert: DeviceAlert
    component: str
    reason: str | None
    opened: str
    facts: Sequence[str]
    group: str | None


async def listed(visit: Visit) -> Response:
    """Show the alerts that were asked for, open ones by default, and what to expect."""
    asked = visit.request.query_params
    query = shown_to(visit.key, _query(visit, asked))
    found, parts = await asked_store(visit.worker, lambda store: _found(visit, store, query))
    if found.run is None and not found.alerts:
        return visit.page("devices.html", scored=None, alerts=[])
    return visit.page(
        "devices.html", scored=scored_of(visit, found.run), asked=asked, parts=parts, held=found.held_back,
        alerts=[alert_view(each, visit) for each in found.alerts], component_name=lambda name: named(visit.words, name),
        beginning=_address(asked, cursor=None), filters=FILTERS,
        following=None if found.next_cursor is None else _address(asked, cursor=found.next_cursor),
        file=f"alerts-file?{_kept(asked, cursor=None)}",
        filtered=any(value for name, value in asked.multi_items() if name not in ("cursor", PARAMETER)),
    )


async def file(visit: Visit) -> Response:
    """Answer the alerts, or with ``list=parts`` the expected parts, as CSV."""
    asked = visit.request.query_params
    if asked.get("list") == "parts":
        parts = await asked_store(visit.worker, lambda store: _parts(visit, store))
        return _download(as_csv(parts), "parts")
    query = shown_to(visit.key, read_query(QueryParams([*_plain(asked), ("format", "csv")]), visit.worker.zone))
    found = await asked_store(visit.worker, lambda store: list_alerts(store, query))
    return _download(alerts_csv(found.alerts), "alerts")


def alert_view(alert: DeviceAlert, visit: Visit) -> AlertView:
    """Return an alert in the visit's language."""
    reasons = alert.details.get("reasons") or ()
    facts = [each for each in (alert.device_model, alert.batch, alert.site, alert.region) if each]
    return AlertView(alert, named(visit.words, alert.component), in_words(reasons[0], visit.words) if reasons else None,
                     day(alert.opened_at, visit.worker.zone) or "", facts, _group(visit.words, alert.group_name))


def _group(words: Words, name: str | None) -> str | None:
    """Return in words what rises together, such as ``batch=2606-B``."""
    if name is None:
        return None
    kind, _, value = name.partition("=")
    return words(f"devices.group.{kind}", value=value)


def named(words: Words, component: str) -> str:
    """Return what a component is called: its own name, but for the whole device."""
    return words("component.any") if component == "any" else component


def scored_of(visit: Visit, run: StoredRun | None) -> Mapping[str, Any] | None:
    """Return what pages say of the newest scoring."""
    if run is None:
        return None
    known = run.run.data_until or run.run.as_of
    age = datetime.now(UTC) - known
    return {"until": day(known, visit.worker.zone), "horizon_days": run.run.horizon_days,
            "model": f"{run.run.model}/{run.run.version}", "stale_days": age.days if age > STALE else None}


def _found(visit: Visit, store: Store, query: Any) -> tuple[AlertListing, Sequence[ExpectedPart]]:
    return list_alerts(store, query), _parts(visit, store)


def _parts(visit: Visit, store: Store) -> Sequence[ExpectedPart]:
    """Return expected parts; they are of the whole fleet, so a key that is bound to an owner sees none."""
    return () if visit.key is None or visit.key.owner is not None else expected_parts(store, visit.worker.zone)


def _query(visit: Visit, asked: QueryParams) -> Any:
    usual = [] if "limit" in asked else [("limit", str(PAGE))]
    return read_query(QueryParams([*_plain(asked), *usual]), visit.worker.zone)


def _plain(asked: QueryParams) -> list[tuple[str, str]]:
    return [(name, value) for name, value in asked.multi_items() if name not in (PARAMETER, "format", "list")]


def _address(asked: QueryParams, **changes: str | None) -> str:
    return f"devices?{_kept(asked, **changes)}"


def _kept(asked: QueryParams, **changes: str | None) -> str:
    kept = [(name, value) for name, value in _plain(asked) if name not in changes and value]
    return urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])


def _download(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(content, media_type=CSV, headers=headers)
