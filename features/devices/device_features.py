"""Everything a device's risk is computed from, as of moments: telemetry, errors, service, log and attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_errors import device_errors, error_columns
from features.devices.device_events import DeviceEvents
from features.devices.device_log import device_log, log_columns
from features.devices.device_points import NEVER, DevicePoints, clock
from features.devices.device_service import device_service, service_columns
from features.devices.device_telemetry import WINDOWS, device_telemetry, telemetry_columns
from features.devices.device_vocabulary import ATTRIBUTES, DeviceVocabulary
from features.devices.fleet_reference import fleet_change, fleet_reference
from fenzhen.tables import Tables

__all__ = ["DeviceFeatures", "device_features", "feature_columns", "known_telemetry"]

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

    ``reference`` is what the fleet said (see ``features.devices.fleet_reference``); None computes it from these points,
    which then have to be the whole fleet. A device that no table knows has no readings, no events and no attributes.
    """
    events, devices = DeviceEvents.of(points, tables["device_events"]), _Devices.of(points, tables["devices"])
    repaired = events.kind("failure").line.last(points)
    measured = device_telemetry(tables["telemetry"], points, vocabulary.sensors, windows, repaired)
    compared = [f"{name}_mean_{windows[0]}d" for name in vocabulary.sensors]
    if reference is None:
        reference = fleet_reference(measured, points, devices.models, compared)
    columns = {
        **fleet_change(measured, points, devices.models, reference, compared),
        **device_errors(events.kind("error"), points, vocabulary.codes),
        **device_service(devices.installed[points.device], events, points, vocabulary.components, vocabulary.cycle),
        **devices.attributes(points, vocabulary),
    }
    if len(vocabulary.templates):
        columns |= device_log(events.kind("log"), points, vocabulary.templates, vocabulary.followed)
    others = np.empty((len(points), len(columns)), dtype=np.float32)
    for number, values in enumerate(columns.values()):
        others[:, number] = values
    whole = np.concatenate([measured.to_numpy(), others], axis=1)
    return DeviceFeatures(pd.DataFrame(whole, columns=[*measured.columns, *columns], index=points.frame.index),
                          reference)


def feature_columns(vocabulary: DeviceVocabulary, windows: Sequence[int] = WINDOWS) -> list[str]:
    """Return the columns of :func:`device_features`, in order."""
    compared = [f"{name}_mean_{windows[0]}d_change_fleet" for name in vocabulary.sensors]
    attributes = [f"{name}_is_{value}" for name, values in vocabulary.values.items() for value in values]
    logs = log_columns(vocabulary.followed) if len(vocabulary.templates) else []
    return [*telemetry_columns(vocabulary.sensors, windows), *compared, *error_columns(vocabulary.codes),
            *service_columns(vocabulary.components), *attributes, *logs]


@dataclass(frozen=True, eq=False)
class _Devices:
    """What the table says of each of the points' devices, in the order of their ids; None for what is unknown."""

    values: Mapping[str, NDArray[np.object_]]
    installed: NDArray[np.int64]

    @classmethod
    def of(cls, points: DevicePoints, devices: pd.DataFrame) -> "_Devices":
        known = devices.drop_duplicates("device_id", keep="last")
        place = pd.Index(known["device_id"]).get_indexer(points.ids)
        values = {name: _found(known[name].to_numpy(dtype=object), place) for name in ATTRIBUTES if name in known}
        begun = clock(known["installed_at"]) if "installed_at" in known else np.empty(0, dtype=np.int64)
        return cls(values, np.append(begun, NEVER)[np.where(place < begun.size, place, -1)])

    @property
    def models(self) -> list[str | None]:
        return list(self.values["model"]) if "model" in self.values else [None] * len(self.installed)

    def attributes(self, points: DevicePoints, vocabulary: DeviceVocabulary) -> dict[str, NDArray[np.float64]]:
        """Return 1 where a device has the value, 0 where it has another, NaN where nothing is known of it."""
        columns = {}
        for name, values in vocabulary.values.items():
            given = self.values.get(name, np.full(len(self.installed), None, dtype=object))
            known = np.array([value is not None for value in given], dtype=bool)
            for value in values:
                flag = np.where(known, (given == value).astype(np.float64), np.nan)
                columns[f"{name}_is_{value}"] = flag[points.device]
        return columns


def _found(values: NDArray[np.object_], place: NDArray[np.int64]) -> NDArray[np.object_]:
    padded = np.full(values.size + 1, None, dtype=object)
    padded[:-1] = values
    found: NDArray[np.object_] = padded[place]
    found[pd.isna(found)] = None
    return found
