"""Alerts of devices: opened once, kept up to date day by day, ended by a person or by themselves.

A day's changes are written in one transaction and once: a day that is there already is left as it is. ``open_key``
holds an open alert's model, device and component and is empty afterwards, so that the database itself keeps a second
open one away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, Double, Index, Integer, Table, and_, case, func, insert, or_, select, update
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import DOCUMENT, METADATA, Key, Moment, Words
from fenzhen.store.once import or_nothing
from fenzhen.store.risk_scores import RISK_SCORES

__all__ = ["ALERT_OUTCOMES", "DEVICE_ALERTS", "AlertDay", "AlertFilter", "AlertOutcome", "AlertState", "DeviceAlert",
           "DeviceTicket"]

AlertState = Literal["open", "expired", "closed"]
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
    threshold), alerts that expire, what was held back (JSON-able rows), and tickets of the new alerts."""

    model: str
    as_of: datetime
    version: int
    opened: Sequence[DeviceAlert] = ()
    going_on: Mapping[str, float] = field(default_factory=dict)
    high: frozenset[str] = frozenset()
    expired: Sequence[str] = ()
    held_back: Sequence[Mapping[str, Any]] = ()
    tickets: Sequence[DeviceTicket] = ()


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


def write_day(connection: Connection, day: AlertDay) -> bool:
    """Write a day's changes; False, and nothing is changed, if the day was written before."""
    row = {"model": day.model, "as_of": day.as_of, "version": day.version, "opened": len(day.opened),
           "expired": len(day.expired), "held_back": [dict(each) for each in day.held_back]}
    added = connection.execute(or_nothing(connection, DEVICE_ALERT_DAYS).values(row).returning(
        DEVICE_ALERT_DAYS.c.model)).first()
    if added is None:
        return False
    if day.opened:
        connection.execute(insert(DEVICE_ALERTS), [_row(each) for each in day.opened])
    if day.tickets:
        connection.execute(insert(DEVICE_TICKETS), [_ticket_row(each) for each in day.tickets])
    for alert_id, probability in day.going_on.items():
        connection.execute(_continued(alert_id, probability, day))
    for alert_id in day.expired:
        _end(connection, alert_id, day.as_of, "expired", None, None, None)
    return True


def close(connection: Connection, alert_id: str, outcome: str, at: datetime, *, note: str | None = None,
          actor: str | None = None) -> bool:
    """Close an open or expired alert with an outcome; False if it is closed already or there is none."""
    if outcome not in ALERT_OUTCOMES:
        raise StoreError(f"got the outcome {outcome!r}, expected one of {', '.join(ALERT_OUTCOMES)}")
    return _end(connection, alert_id, at, "closed", outcome, note, actor)


def alert(connection: Connection, alert_id: str) -> DeviceAlert | None:
    """Return an alert by its id."""
    row = connection.execute(select(DEVICE_ALERTS).where(DEVICE_ALERTS.c.alert_id == alert_id)).first()
    return None if row is None else _alert(row)


def alerts(connection: Connection, wanted: AlertFilter, limit: int) -> list[DeviceAlert]:
    """Return at most ``limit`` alerts, the newest first."""
    table = DEVICE_ALERTS.c
    names = ("state", "component", "device_id", "site", "region", "batch", "supplier", "customer_id", "owner",
             "group_name")
    conditions = [table[name] == value for name in names if (value := getattr(wanted, name)) is not None]
    if wanted.opened_from is not None:
        conditions.append(table.opened_at >= wanted.opened_from)
    if wanted.after is not None:
        moment, last = wanted.after
        conditions.append(or_(table.opened_at < moment, and_(table.opened_at == moment, table.alert_id > last)))
    order = (table.opened_at.desc(), table.alert_id)
    return [_alert(row) for row in connection.execute(
        select(DEVICE_ALERTS).where(*conditions).order_by(*order).limit(limit))]


def newest_by_place(connection: Connection, model: str, since: datetime) -> list[DeviceAlert]:
    """Return the open alerts of a model and those that ended at or after a moment, oldest first."""
    table = DEVICE_ALERTS.c
    lasting = or_(table.ended_at.is_(None), table.ended_at >= since)
    rows = connection.execute(select(DEVICE_ALERTS).where(table.model == model, lasting).order_by(
        table.opened_at, table.alert_id))
    return [_alert(row) for row in rows]


def closed_before(connection: Connection, model: str, before: datetime) -> list[DeviceAlert]:
    """Return the alerts that people closed strictly before a moment, oldest first: what training learns from."""
    table = DEVICE_ALERTS.c
    rows = connection.execute(select(DEVICE_ALERTS).where(
        table.model == model, table.state == "closed", table.ended_at < before).order_by(
            table.ended_at, table.alert_id))
    return [_alert(row) for row in rows]


def held_back(connection: Connection, model: str) -> tuple[datetime, list[Mapping[str, Any]]] | None:
    """Return the newest day of a model and what was held back on it."""
    table = DEVICE_ALERT_DAYS.c
    row = connection.execute(select(DEVICE_ALERT_DAYS).where(table.model == model).order_by(
        table.as_of.desc()).limit(1)).first()
    return None if row is None else (row.as_of, list(row.held_back))


def expected_failures(connection: Connection, run_id: int) -> list[tuple[str, str | None, str | None, int, float]]:
    """Return component, region, part, devices and the sum of their probabilities in a run of scores."""
    alerts_of, scores = DEVICE_ALERTS.c, RISK_SCORES.c
    named = select(alerts_of.component, alerts_of.part).where(alerts_of.part.is_not(None)).order_by(alerts_of.opened_at)
    parts: dict[str, str] = {row.component: row.part for row in connection.execute(named)}
    grouped = select(scores.component, scores.region, func.count(), func.sum(scores.probability)).where(
        scores.run_id == run_id).group_by(scores.component, scores.region)
    return [(component, region, parts.get(component), int(count), float(total))
            for component, region, count, total in connection.execute(grouped)]


def ticket(connection: Connection, ticket_id: str) -> DeviceTicket | None:
    """Return the ticket of an alert."""
    row = connection.execute(select(DEVICE_TICKETS).where(DEVICE_TICKETS.c.ticket_id == ticket_id)).first()
    return None if row is None else DeviceTicket(**{name: getattr(row, name) for name in DeviceTicket.__slots__})


def _row(each: DeviceAlert) -> dict[str, Any]:
    values = {name: getattr(each, name) for name in DeviceAlert.__slots__}
    return {**values, "details": dict(each.details),
            "open_key": "\x1f".join((each.model, each.device_id, each.component))}


def _ticket_row(each: DeviceTicket) -> dict[str, Any]:
    return {**{name: getattr(each, name) for name in DeviceTicket.__slots__}, "answers": dict(each.answers)}


def _continued(alert_id: str, probability: float, day: AlertDay) -> Any:
    table = DEVICE_ALERTS.c
    values: dict[str, Any] = {"last_at": day.as_of, "probability": probability}
    values |= {"last_high_at": day.as_of} if alert_id in day.high else {}
    peak = case((table.peak < probability, probability), else_=table.peak)
    return update(DEVICE_ALERTS).where(table.alert_id == alert_id).values(**values, peak=peak)


def _end(connection: Connection, alert_id: str, at: datetime, state: AlertState, outcome: str | None,
         note: str | None, actor: str | None) -> bool:
    table = DEVICE_ALERTS.c
    from_states = ("open",) if state == "expired" else ("open", "expired")
    done = connection.execute(update(DEVICE_ALERTS).where(
        table.alert_id == alert_id, table.state.in_(from_states)).values(
        state=state, open_key=None, ended_at=at, outcome=outcome, note=note, actor=actor))
    return bool(done.rowcount)


def _alert(row: Row[Any]) -> DeviceAlert:
    return DeviceAlert(**{name: getattr(row, name) for name in DeviceAlert.__slots__})
