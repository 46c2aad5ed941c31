"""What people found when they looked into alerts, as events that a device model learns from."""

from collections.abc import Sequence

import pandas as pd

from fenzhen.store import DeviceAlert
from fenzhen.tables import conform, mark
from models.devices.outcomes import ANY

__all__ = ["with_closed_alerts"]



def with_closed_alerts(events: pd.DataFrame, alerts: Sequence[DeviceAlert]) -> pd.DataFrame:
    """Return canonical ``device_events`` with what closed alerts say.

    A confirmed alert is a failure at the moment it was closed, unless one of the device and component is recorded
    from the day before it opened until its horizon after it was closed. A planned replacement is maintenance, which
    censors. A false alarm adds nothing: that nothing failed is what the events say already.
    """
    added = [_event(each) for each in alerts if _kind(each) == "maintenance" or (
        _kind(each) == "failure" and not _recorded(events, each))]
    if not added:
        return events
    frame = pd.DataFrame(added).astype({"device_id": "str", "kind": "str", "component": "str"})
    frame["at"] = pd.to_datetime(frame["at"], utc=True).astype("datetime64[us, UTC]")
    whole = pd.concat([events, conform("device_events", frame).reindex(columns=events.columns)], ignore_index=True)
    result = pd.DataFrame({name: whole[name].astype(events[name].dtype) for name in events.columns})
    result.attrs = dict(events.attrs)
    return mark(result)


def _kind(alert: DeviceAlert) -> str | None:
    return {"confirmed": "failure", "planned": "maintenance"}.get(alert.outcome or "")


def _event(alert: DeviceAlert) -> dict[str, object]:
    component = None if alert.component == ANY else alert.component
    return {"device_id": alert.device_id, "at": alert.ended_at, "kind": _kind(alert), "component": component}


def _recorded(events: pd.DataFrame, alert: DeviceAlert) -> bool:
    """Whether the failure that an alert foretold is among the events already."""
    start = pd.Timestamp(alert.opened_at) - pd.Timedelta(days=1)
    end = pd.Timestamp(alert.ended_at or alert.last_at) + pd.Timedelta(days=alert.horizon_days)
    mine = (events["device_id"] == alert.device_id) & (events["kind"] == "failure") & events["at"].between(start, end)
    if alert.component != ANY:
        mine &= events["component"].isna() | (events["component"] == alert.component)
    return bool(mine.any())
