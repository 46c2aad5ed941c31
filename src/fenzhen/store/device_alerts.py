"""Alerts of devices: opened once, kept up to date day by day, ended by a person or by themselves.

Written by :mod:`fenzhen.store.alert_writing`, read by :mod:`fenzhen.store.alert_reading`. A day's changes are written
in one transaction and once: a day that is there already is left as it is. ``open_key``
holds an open alert's model, device and component and is empty afterwards, so that the database itself keeps a second
open one away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, Double, Index, Integer, Table

from fenzhen.store.columns import DOCUMENT, METADATA, Key, Moment, Words
from fenzhen.store.ticket_events import TicketEvent

__all__ = [
    "ALERT_OUTCOMES",
    "DEVICE_ALERTS",
    "DEVICE_ALERT_DAYS",
    "DEVICE_TICKETS",
    "AlertDay",
    "AlertFilter",
    "AlertOutcome",
    "AlertState",
    "DeviceAlert",
    "DeviceTicket",
]

AlertState = Literal["open", "expired", "failed", "serviced", "closed"]
"""Ended by itself, because the risk went down; because the failure, or a service of the component, was recorded; by a
person, whose word goes before the others."""
AlertOutcome = Literal["confirmed", "false", "planned"]
ALERT_OUTCOMES: tuple[str, ...] = get_args(AlertOutcome)
"""The device did fail or was found failing; nothing was wrong; the part was to be replaced anyway."""

DEVICE_ALERTS = Table(
    "device_alerts", METADATA,
    Column("alert_id", Key, primary_key=True),
    Column("open_key", Words, unique=True),
    Column("model", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("device_id", Key, nullable=False),
    Column("component", Key, nullable=False),
    Column("state", Words, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("last_high_at", Moment, nullable=False),
    Column("probability", Double, nullable=False),
    Column("peak", Double, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("group_name", Words),
    *(Column(name, Key) for name in ("site", "region", "batch", "supplier", "firmware", "device_model", "customer_id",
                                 "owner")),
    Column("part", Words),
    Column("skill", Words),
    Column("ticket_id", Key),
    Column("details", DOCUMENT, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", Words),
    Column("note", Words),
    Column("actor", Key),
    Index("device_alerts_list", "state", "opened_at", "alert_id"),
    Index("device_alerts_device", "device_id", "opened_at"),
)
DEVICE_ALERT_DAYS = Table(
    "device_alert_days", METADATA,
    Column("model", Key, primary_key=True),
    Column("as_of", Moment, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("expired", Integer, nullable=False),
    Column("held_back", DOCUMENT, nullable=False),
)
DEVICE_TICKETS = Table(
    "device_tickets", METADATA,
    Column("ticket_id", Key, primary_key=True),
    Column("alert_id", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("device_id", Key, nullable=False),
    Column("customer_id", Key),
    Column("product", Words),
    Column("part", Words),
    Column("subject", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("answers", DOCUMENT, nullable=False),
)


@dataclass(frozen=True, slots=True)
class DeviceAlert:
    """One alert. ``details`` are those of the score that opened it; ``last_at`` is the newest day it was scored on,
    ``last_high_at`` the newest day on which its risk was above the lower threshold."""

    alert_id: str
    model: str
    version: int
    device_id: str
    component: str
    opened_at: datetime
    last_at: datetime
    last_high_at: datetime
    probability: float
    peak: float
    horizon_days: int
    state: AlertState = "open"
    group_name: str | None = None
    site: str | None = None
    region: str | None = None
    batch: str | None = None
    supplier: str | None = None
    firmware: str | None = None
    device_model: str | None = None
    customer_id: str | None = None
    owner: str | None = None
    part: str | None = None
    skill: str | None = None
    ticket_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None
    outcome: AlertOutcome | None = None
    note: str | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceTicket:
    """The ticket that a new alert yields, with what the ticket models say of it."""

    ticket_id: str
    alert_id: str
    created_at: datetime
    device_id: str
    customer_id: str | None
    product: str | None
    part: str | None
    subject: str
    body: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AlertDay:
    """What one day changes: alerts that open, today's probability of those that go on (``high``: those above the lower
    threshold), alerts that expire, those that a record ended (state and moment), what was held back (JSON-able rows),
    tickets of the new alerts with the ``events`` by which the history of tickets knows of them, and the customer and
    account manager of alerts whose device has ``moved`` to others."""

    model: str
    as_of: datetime
    version: int
    opened: Sequence[DeviceAlert] = ()
    going_on: Mapping[str, float] = field(default_factory=dict)
    high: frozenset[str] = frozenset()
    expired: Sequence[str] = ()
    ended: Mapping[str, tuple[AlertState, datetime]] = field(default_factory=dict)
    held_back: Sequence[Mapping[str, Any]] = ()
    tickets: Sequence[DeviceTicket] = ()
    events: Sequence[TicketEvent] = ()
    moved: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts; None means any. ``after`` is where a page goes on: the last alert's ``opened_at`` and id."""

    state: AlertState | None = None
    component: str | None = None
    device_id: str | None = None
    site: str | None = None
    region: str | None = None
    batch: str | None = None
    supplier: str | None = None
    customer_id: str | None = None
    owner: str | None = None
    group_name: str | None = None
    opened_from: datetime | None = None
    after: tuple[datetime, str] | None = None
