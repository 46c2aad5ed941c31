"""Writing alerts: a day's changes together and once, and what people say of an alert."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, insert, update
from sqlalchemy.engine import Connection

from fenzhen.errors import StoreError
from fenzhen.store.device_alerts import (
    ALERT_OUTCOMES,
    DEVICE_ALERT_DAYS,
    DEVICE_ALERTS,
    DEVICE_TICKETS,
    AlertDay,
    AlertState,
    DeviceAlert,
    DeviceTicket,
)
from fenzhen.store.once import or_nothing
from fenzhen.store.ticket_events import write_events


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
    write_events(connection, day.events, datetime.now(UTC))
    for alert_id, (customer, owner) in day.moved.items():
        connection.execute(update(DEVICE_ALERTS).where(DEVICE_ALERTS.c.alert_id == alert_id).values(
            customer_id=customer, owner=owner))
    for alert_id, probability in day.going_on.items():
        connection.execute(_continued(alert_id, probability, day))
    for alert_id in day.expired:
        _end(connection, alert_id, day.as_of, "expired", None, None, None)
    for alert_id, (state, at) in day.ended.items():
        _end(connection, alert_id, at, state, "confirmed" if state == "failed" else None, None, None)
    return True


def close(connection: Connection, alert_id: str, outcome: str, at: datetime, *, note: str | None = None,
          actor: str | None = None) -> bool:
    """Close an alert that no person closed yet with an outcome; False if it is closed already or there is none."""
    if outcome not in ALERT_OUTCOMES:
        raise StoreError(f"got the outcome {outcome!r}, expected one of {', '.join(ALERT_OUTCOMES)}")
    return _end(connection, alert_id, at, "closed", outcome, note, actor)


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
    unless = table.state != "closed" if state == "closed" else table.state == "open"
    done = connection.execute(update(DEVICE_ALERTS).where(table.alert_id == alert_id, unless).values(
        state=state, open_key=None, ended_at=at, outcome=outcome, note=note, actor=actor))
    return bool(done.rowcount)
