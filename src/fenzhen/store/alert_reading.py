"""Reading alerts: lists, single ones, those that still matter, and the failures to expect."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.engine import Connection, Row

from fenzhen.store.device_alerts import (
    DEVICE_ALERT_DAYS,
    DEVICE_ALERTS,
    DEVICE_TICKETS,
    AlertFilter,
    DeviceAlert,
    DeviceTicket,
)
from fenzhen.store.risk_scores import RISK_SCORES, details_of


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
    scores = RISK_SCORES.c
    some = connection.execute(select(func.min(scores.entity)).where(scores.run_id == run_id)).scalar()
    told = details_of(connection, run_id, [] if some is None else [some])
    parts = {component: details.get("part") for (_, component), details in told.items()}
    grouped = select(scores.component, scores.region, func.count(), func.sum(scores.probability)).where(
        scores.run_id == run_id).group_by(scores.component, scores.region)
    return [(component, region, parts.get(component), int(count), float(total))
            for component, region, count, total in connection.execute(grouped)]


def ticket(connection: Connection, ticket_id: str) -> DeviceTicket | None:
    """Return the ticket of an alert."""
    row = connection.execute(select(DEVICE_TICKETS).where(DEVICE_TICKETS.c.ticket_id == ticket_id)).first()
    return None if row is None else DeviceTicket(**{name: getattr(row, name) for name in DeviceTicket.__slots__})


def _alert(row: Row[Any]) -> DeviceAlert:
    return DeviceAlert(**{name: getattr(row, name) for name in DeviceAlert.__slots__})
