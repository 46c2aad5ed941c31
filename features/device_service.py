"""A device's age, its maintenance and its failures before a moment, part by part."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.device_points import DAY, DevicePoints, Timeline, clock

__all__ = ["device_service", "service_columns", "service_cycle"]

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
    gaps = (rows["at"] - rows.groupby("device_id")["at"].shift()).dropna() / pd.Timedelta(days=1)
    whole = gaps.round()[gaps.round() >= 1]
    if len(whole) < ENOUGH_GAPS:
        return float("nan")
    counts = whole.value_counts()
    return float(counts.index[0]) if counts.iloc[0] >= ENOUGH_SHARE * len(whole) else float("nan")


def device_service(devices: pd.DataFrame, events: pd.DataFrame, points: DevicePoints, components: Sequence[str],
                   cycle: float = float("nan")) -> pd.DataFrame:
    """Return :func:`service_columns` as float32, with the points' index.

    ``events`` are of the kinds ``maintenance`` and ``failure``, those at or after a point are ignored. A part is as old
    as its last maintenance or failure (it was repaired then); NaN where neither is known. With a ``cycle`` (days, see
    :func:`service_cycle`) ``days_to_service`` says when the next maintenance is due if the device keeps to it, and
    ``age_at_service_<part>`` how old the part will be then. Age counts from ``installed_at``; NaN without.
    """
    frames = {kind: events[(events["kind"] == kind).to_numpy(dtype=bool)] for kind in ("maintenance", "failure")}
    maintained, failed = (Timeline.of(points, frame["device_id"], frame["at"]) for frame in frames.values())
    since = maintained.days_since_last(points)
    columns = {
        "age_days": _age(devices, points), "days_since_maintenance": since,
        "days_since_failure": failed.days_since_last(points), "failures_90d": failed.count(points, 90),
        "failures_365d": failed.count(points, 365), "maintenances_90d": maintained.count(points, 90),
        "days_to_service": cycle - np.mod(since, cycle),
    }
    for part in components:
        of_part = {kind: frame[(frame["component"] == part).to_numpy(dtype=bool)] for kind, frame in frames.items()}
        both = pd.concat(list(of_part.values()))
        age = Timeline.of(points, both["device_id"], both["at"]).days_since_last(points)
        line = Timeline.of(points, of_part["failure"]["device_id"], of_part["failure"]["at"])
        columns |= {f"days_since_service_{part}": age, f"days_since_failure_{part}": line.days_since_last(points),
                    f"failures_{part}_365d": line.count(points, 365),
                    f"age_at_service_{part}": age + columns["days_to_service"]}
    return pd.DataFrame(columns, index=points.frame.index).astype(np.float32)


def _age(devices: pd.DataFrame, points: DevicePoints) -> np.ndarray:
    known = devices.dropna(subset=["installed_at"]).drop_duplicates("device_id", keep="last")
    installed = pd.Series(clock(known["installed_at"]), index=known["device_id"], dtype="float64")
    age = (points.at - points.frame["device_id"].map(installed).to_numpy(dtype=np.float64)) / DAY
    return np.where(age >= 0, age, np.nan)
