"""Devices and their alerts as the store knows them, for whoever may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fenzhen.store import AlertFilter, DeviceAlert, DeviceTicket, KeyRecord, RiskScore, Store, StoredRun
from models.devices.outcomes import ANY
from serving.devices.query import AlertQuery, cursor_text
from serving.parameters import LONGEST_ID
from serving.problems import ProblemError

__all__ = ["MODEL", "AlertListing", "Device", "find_alert", "find_device", "is_known", "list_alerts", "shown_to"]

MODEL = "device_failure"
MOST_ALERTS = 50
NO_DEVICE = "No device of this id is scored or has alerts; devices are scored while they are watched."


@dataclass(frozen=True, slots=True)
class AlertListing:
    """A page of alerts, the run they were last brought up to date by, and what was held back on that day."""

    run: StoredRun | None
    alerts: Sequence[DeviceAlert]
    next_cursor: str | None
    held_back_at: datetime | None = None
    held_back: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """All that is known of one device: its scores by component, details of the whole, alerts newest first."""

    id: str
    run: StoredRun | None
    scores: Sequence[RiskScore]
    details: Mapping[str, Any]
    alerts: Sequence[DeviceAlert]
    tickets: Sequence[DeviceTicket] = ()


def shown_to(key: KeyRecord | None, query: AlertQuery) -> AlertQuery:
    """Return a query for what a key may see: one bound to an owner sees the devices of this owner's customers."""
    if key is None or key.owner is None:
        return query
    return replace(query, wanted=replace(query.wanted, owner=key.owner))


def list_alerts(store: Store, query: AlertQuery) -> AlertListing:
    """Return a page of alerts, newest first, and for a first page what was held back on the newest day."""
    found = store.alerts(query.wanted, query.limit + 1)
    page = found[:query.limit]
    more = cursor_text(page[-1].opened_at, page[-1].alert_id) if len(found) > query.limit else None
    told = store.held_back(MODEL) if query.wanted.after is None and query.wanted.owner is None else None
    moment, held = told if told is not None else (None, [])
    return AlertListing(store.newest_scores(MODEL), page, more, moment, held)


def find_alert(store: Store, alert_id: str, owner: str | None) -> DeviceAlert:
    """Return an alert; a 404 for one that is unknown or, if an owner is given, not of the owner's customers."""
    found = store.alert(alert_id) if len(alert_id) <= LONGEST_ID else None
    if found is None or (owner is not None and found.owner != owner):
        raise ProblemError(404, "There is no alert of this id.")
    return found


def is_known(store: Store, device_id: str, owner: str | None) -> bool:
    """Whether a device is in the newest run or has alerts, for an owner: one of the owner's; cheaper than finding it.
    """
    run = store.newest_scores(MODEL)
    if owner is None and run is not None and store.scores(run.id, [device_id]):
        return True
    return bool(store.alerts(AlertFilter(device_id=device_id, owner=owner), 1))


def find_device(store: Store, device_id: str, owner: str | None) -> Device:
    """Return a device of the newest run or with alerts; a 404 for one that neither knows, or that is not an owner's."""
    if len(device_id) > LONGEST_ID:
        raise ProblemError(404, NO_DEVICE)
    run = store.newest_scores(MODEL)
    alerts = store.alerts(AlertFilter(device_id=device_id), MOST_ALERTS)
    scores = {} if run is None else dict(store.scores(run.id, [device_id]))
    whole = {} if run is None else store.score_details(run.id, [device_id])
    details = whole.get((device_id, ANY)) or next(iter(whole.values()), {})
    attributes = details.get("attributes") or {}
    current = attributes["owner"] if "owner" in attributes else next((each.owner for each in alerts), None)
    if not (scores or alerts) or (owner is not None and owner != current):
        raise ProblemError(404, NO_DEVICE)
    alerts = [each for each in alerts if owner is None or each.owner == owner]
    ordered = sorted(scores.values(), key=lambda each: (each.component != ANY, -each.probability))
    tickets = [found for each in alerts if each.ticket_id and (found := store.device_ticket(each.ticket_id))]
    return Device(device_id, run, ordered, details, alerts, tickets)
