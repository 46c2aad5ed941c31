"""A device's age, its maintenance and its failures before a moment, part by part."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_events import DeviceEvents
from features.devices.device_points import DAY, NEVER, DevicePoints

__all__ = ["device_service", "service_columns", "service_cycle"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
ENOUGH_GAPS = 20
ENOUGH_SHARE = 0.3


def service_columns(components: Sequence[str]) -> list[str]:
    """Return the columns that :func:`device_service` gives.

    >>> service_columns(["pump"])[-4:]
    ['days_since_service_pump', 'days_since_failure_pump', 'failures_pump_365d', 'age_at_service_pump']
    """
    each = [name.format(part) for part in components for name in
            ("days_since_service_{}", "days_since_failure_{}", "failures_{}_365d", "age_at_service_{}")]
    return ["age_days", "days_since_maintenance", "days_since_failure", "failures_90d", "failures_365d",
            "maintenances_90d", "days_to_service", *each]


def service_cycle(events: pd.DataFrame) -> float:
    """Return the days that most often lie between a device's maintenances; NaN if they follow no cycle.

    A cycle is a gap, in whole days, that at least ``ENOUGH_SHARE`` of at least ``ENOUGH_GAPS`` gaps have.

    >>> days = pd.to_datetime(["2026-01-01", "2026-01-16"] * 25).tz_localize("UTC")
    >>> service_cycle(pd.DataFrame({"kind": "maintenance", "device_id": [str(n // 2) for n in range(50)], "at": days}))
    15.0
    """
    rows = events.loc[events["kind"] == "maintenance", ["device_id", "at"]].dropna().drop_duplicates()
    rows = rows.sort_values(["device_id", "at"])
    gaps = (rows["at"] - rows.groupby("device_id")["at"].shift()).dropna().dt.total_seconds() / 86_400
    whole = gaps.round()[gaps.round() >= 1]
    if len(whole) < ENOUGH_GAPS:
        return float("nan")
    counts = whole.value_counts()
    return float(counts.index[0]) if counts.iloc[0] >= ENOUGH_SHARE * len(whole) else float("nan")


def device_service(installed: Ints, events: DeviceEvents, points: DevicePoints, components: Sequence[str],
                   cycle: float = float("nan")) -> dict[str, Float64]:
    """Return :func:`service_columns` as float64 of shape (points,).

    Of ``events`` those of the kinds ``maintenance`` and ``failure`` count, at or after a point none. A part is as old
    as its last maintenance or failure (it was repaired then); NaN where neither is known. With a ``cycle`` (days, see
    :func:`service_cycle`) ``days_to_service`` says when the next maintenance is due if the device keeps to it, and
    ``age_at_service_<part>`` how old the part will be then. Age counts from ``installed``, a ``clock`` a point (a
    missing one: ``NEVER``); NaN without, or before it.
    """
    maintained, failed = events.kind("maintenance"), events.kind("failure")
    serviced = events.where(np.isin(events.columns["kind"], ("maintenance", "failure")))
    since = maintained.line.days_since_last(points)
    age = np.where(installed != NEVER, (points.at - installed) / DAY, np.nan)
    columns = {
        "age_days": np.where(age >= 0, age, np.nan), "days_since_maintenance": since,
        "days_since_failure": failed.line.days_since_last(points), "failures_90d": failed.line.count(points, 90),
        "failures_365d": failed.line.count(points, 365), "maintenances_90d": maintained.line.count(points, 90),
        "days_to_service": cycle - np.mod(since, cycle),
    }
    for part in components:
        of_part, failures = serviced.timeline("component", part), failed.timeline("component", part)
        old = of_part.days_since_last(points)
        columns |= {f"days_since_service_{part}": old, f"days_since_failure_{part}": failures.days_since_last(points),
                    f"failures_{part}_365d": failures.count(points, 365),
                    f"age_at_service_{part}": old + columns["days_to_service"]}
    return columns
