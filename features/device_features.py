"""Everything a device's risk is computed from, as of moments: telemetry, errors, service, log and attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.device_errors import device_errors, error_columns
from features.device_log import device_log, log_columns
from features.device_points import DevicePoints, Timeline
from features.device_service import device_service, service_columns
from features.device_telemetry import WINDOWS, device_telemetry, telemetry_columns
from features.device_vocabulary import DeviceVocabulary
from features.fleet_reference import fleet_change, fleet_reference
from fenzhen.tables import Tables

__all__ = ["DeviceFeatures", "device_features", "known_telemetry"]

_LAST_INSTANT = pd.Timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class DeviceFeatures:
    """Float32 ``frame`` of features with the points' index, and the ``reference`` the fleet was compared with."""

    frame: pd.DataFrame
    reference: pd.DataFrame


def known_telemetry(telemetry: pd.DataFrame, known_after: pd.Timedelta) -> pd.DataFrame:
    """Return telemetry whose ``at`` is when a row became known: the last instant of the time that it sums up.

    A daily mean stamped with midnight covers [at, at + 1 day). Its last reading lies before the next midnight, so it
    is known strictly before that: scores as of midnight use yesterday's mean and nothing of today's.

    >>> day = pd.DataFrame({"at": pd.to_datetime(["2026-01-01"]).tz_localize("UTC")})
    >>> str(known_telemetry(day, pd.Timedelta(days=1))["at"].iloc[0])
    '2026-01-01 23:59:59.999999+00:00'
    """
    if known_after <= pd.Timedelta(0):
        return telemetry
    shifted = telemetry.assign(at=telemetry["at"] + (known_after - _LAST_INSTANT))
    shifted.attrs = dict(telemetry.attrs)
    return shifted


def device_features(tables: Tables, points: DevicePoints, vocabulary: DeviceVocabulary,
                    reference: pd.DataFrame | None = None, windows: Sequence[int] = WINDOWS) -> DeviceFeatures:
    """Return the features of each point from what lies before it; ``telemetry.at`` is when a row became known.

    ``reference`` is what the fleet said (see ``features.fleet_reference``); None computes it from these points, which
    then have to be the whole fleet. A device that no table knows has no readings, no events and no attributes.
    """
    events = tables["device_events"]
    of_kind = {kind: events[(events["kind"] == kind).to_numpy(dtype=bool)] for kind in ("error", "log")}
    failures = events[(events["kind"] == "failure").to_numpy(dtype=bool)]
    repaired = Timeline.of(points, failures["device_id"], failures["at"]).last(points)
    measured = device_telemetry(tables["telemetry"], points, vocabulary.sensors, windows, repaired)
    compared = [f"{name}_mean_{windows[0]}d" for name in vocabulary.sensors]
    groups = _models(tables["devices"])
    if reference is None:
        reference = fleet_reference(measured, points, groups, compared)
    parts = [
        measured, fleet_change(measured, points, groups, reference, compared),
        device_errors(of_kind["error"], points, vocabulary.codes),
        device_service(tables["devices"], events, points, vocabulary.components, vocabulary.cycle),
        _attributes(tables["devices"], points, vocabulary),
    ]
    if len(vocabulary.templates):
        parts.append(device_log(of_kind["log"], points, vocabulary.templates, vocabulary.followed))
    return DeviceFeatures(pd.concat(parts, axis=1), reference)


def feature_columns(vocabulary: DeviceVocabulary, windows: Sequence[int] = WINDOWS) -> list[str]:
    """Return the columns of :func:`device_features`, in order."""
    compared = [f"{name}_mean_{windows[0]}d_change_fleet" for name in vocabulary.sensors]
    attributes = [f"{name}_is_{value}" for name, values in vocabulary.values.items() for value in values]
    logs = log_columns(vocabulary.followed) if len(vocabulary.templates) else []
    return [*telemetry_columns(vocabulary.sensors, windows), *compared, *error_columns(vocabulary.codes),
            *service_columns(vocabulary.components), *attributes, *logs]


def _models(devices: pd.DataFrame) -> pd.Series:
    known = devices.dropna(subset=["device_id", "model"]).drop_duplicates("device_id", keep="last")
    return pd.Series(known["model"].to_numpy(dtype=object), index=known["device_id"].to_numpy(dtype=object))


def _attributes(devices: pd.DataFrame, points: DevicePoints, vocabulary: DeviceVocabulary) -> pd.DataFrame:
    """Return 1 where a device has the value, 0 where it has another, NaN where nothing is known of it."""
    known = devices.drop_duplicates("device_id", keep="last").set_index("device_id")
    columns = {}
    for name, values in vocabulary.values.items():
        of_point = points.frame["device_id"].map(known[name])
        for value in values:
            columns[f"{name}_is_{value}"] = np.where(of_point.notna(), (of_point == value).astype(float), np.nan)
    return pd.DataFrame(columns, index=points.frame.index, dtype=np.float32)
