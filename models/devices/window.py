"""A window of one device that comes with a request, as tables; and the made-up window that every artefact answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.devices.device_features import known_telemetry
from features.devices.device_telemetry import WINDOWS
from features.devices.device_vocabulary import DeviceVocabulary
from fenzhen.errors import TableError
from fenzhen.tables import empty_table

__all__ = ["golden_window", "window_tables"]

UNNAMED = "device"
_NOTHING = empty_table("device_events")
_MOMENT = pd.Timedelta(milliseconds=1)
"""Features count in milliseconds, rounded down: whatever is nearer to the last reading does not lie after it."""


def window_tables(telemetry: pd.DataFrame, events: pd.DataFrame | None, device: Mapping[str, Any] | None,
                  as_of: pd.Timestamp | None,
                  known_after: pd.Timedelta) -> tuple[dict[str, pd.DataFrame], pd.Timestamp]:
    """Return the tables of one device and the moment to answer for; see ``DeviceScorer.forecast``.

    Whatever ``device_id`` the frames carry, all rows are of the one device. Readings before the longest window are
    dropped first, so that a window of a million rows costs little more than its last days.
    """
    given = {} if device is None else {key: value for key, value in device.items() if value is not None}
    name = str(given.get("device_id", UNNAMED))
    known = known_telemetry(_timed("telemetry", telemetry), known_after)
    happened = None if events is None else _timed("device_events", events)
    moment = as_of if as_of is not None else _latest(known, happened)
    if moment.tzinfo is None:
        raise TableError(f"got as_of={moment} without a time zone, expected an aware time such as {moment}+00:00")
    recent = known[(known["at"] >= moment - pd.Timedelta(days=WINDOWS[-1])) & (known["at"] < moment)]
    tables = {
        "telemetry": recent.assign(device_id=name),
        "device_events": _NOTHING if happened is None else happened[happened["at"] < moment].assign(device_id=name),
        "devices": _device({**given, "device_id": name}),
    }
    return tables, moment.tz_convert("UTC")


def _device(given: Mapping[str, Any]) -> pd.DataFrame:
    """Return a devices table of one row; an installation date that is no aware time is unknown."""
    row = pd.DataFrame([given])
    if "installed_at" in row and not isinstance(row["installed_at"].dtype, pd.DatetimeTZDtype):
        row = row.drop(columns="installed_at")
    return row


def _timed(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    if "at" not in rows.columns:
        return rows.assign(at=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]"))
    if not isinstance(rows["at"].dtype, pd.DatetimeTZDtype) and rows["at"].notna().any():
        raise TableError(f"{table}.at: got times of dtype {rows['at'].dtype}, expected times with a zone")
    if rows["at"].dtype != "datetime64[us, UTC]":
        rows = rows.assign(at=rows["at"].astype("datetime64[us, UTC]"))
    return rows


def _latest(telemetry: pd.DataFrame, events: pd.DataFrame | None) -> pd.Timestamp:
    """Return the moment just after the last fact."""
    times = pd.concat([frame["at"].dropna() for frame in (telemetry, events) if frame is not None])
    if times.empty:
        raise TableError("got a window without any time, expected at least one reading or event, or as_of")
    latest: pd.Timestamp = times.max() + _MOMENT
    return latest


def golden_window(vocabulary: DeviceVocabulary) -> pd.DataFrame:
    """Return 30 made-up days of every sensor: steady, rising at the end, with a gap, and one sensor that sticks."""
    days = pd.date_range("2026-01-01", periods=30, freq="D", tz="UTC").as_unit("us")
    number = np.arange(30)
    columns = {name: 100 + 3 * np.sin(number + position) + np.where(number > 27, 20.0 * (position % 2), 0)
               for position, name in enumerate(vocabulary.sensors)}
    window = pd.DataFrame({"at": days, **columns}).drop(index=[11, 12])
    if vocabulary.sensors:
        window.loc[window.index[-6:], vocabulary.sensors[-1]] = 99.0
    return window
