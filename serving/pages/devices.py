"""``/app/devices``: alerts of devices, what was held back and which parts to expect; and the same lists as files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from fenzhen.store import DeviceAlert, Store, StoredRun
from models.devices.outcomes import ANY
from serving.devices.alert_file import alerts_csv
from serving.devices.parts import ExpectedPart, as_csv, expected_parts
from serving.devices.query import read_query
from serving.devices.reading import AlertListing, list_alerts, shown_to
from serving.devices.routes import csv_file
from serving.pages.account_view import in_words
from serving.pages.addresses import query_of
from serving.pages.amounts import day
from serving.pages.freshness import freshness
from serving.pages.language import PARAMETER, Words
from serving.pages.visits import Visit
from serving.store_reading import asked_store

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
    found, parts = await asked_store(visit.worker, "devices", lambda store: _found(visit, store, query))
    if found.run is None and not found.alerts:
        return visit.page("devices.html", scored=None, alerts=[])
    return visit.page(
        "devices.html", scored=scored_of(visit, found.run), asked=asked, parts=parts, held=found.held_back,
        alerts=[alert_view(each, visit) for each in found.alerts], component_name=lambda name: named(visit.words, name),
        beginning=_address(asked, cursor=None), filters=FILTERS,
        following=None if found.next_cursor is None else _address(asked, cursor=found.next_cursor),
        file=f"alerts-file?{query_of(asked, cursor=None, format=None, list=None)}",
        filtered=any(value for name, value in asked.multi_items() if name not in ("cursor", PARAMETER)),
    )


async def file(visit: Visit) -> Response:
    """Answer the alerts, or with ``list=parts`` the expected parts, as CSV."""
    asked = visit.request.query_params
    if asked.get("list") == "parts":
        parts = await asked_store(visit.worker, "devices", lambda store: _parts(visit, store))
        return csv_file(as_csv(parts), "parts")
    query = shown_to(visit.key, read_query(QueryParams([*_plain(asked), ("format", "csv")]), visit.worker.zone))
    found = await asked_store(visit.worker, "devices", lambda store: list_alerts(store, query))
    return csv_file(alerts_csv(found.alerts), "alerts")


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
    return words("component.any") if component == ANY else component


def scored_of(visit: Visit, run: StoredRun | None) -> Mapping[str, Any] | None:
    """Return what pages say of the newest scoring."""
    return None if run is None else freshness(visit, run, STALE)


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


def _address(asked: QueryParams, cursor: str | None) -> str:
    return f"devices?{query_of(asked, cursor=cursor, format=None, list=None)}"
