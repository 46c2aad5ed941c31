"""Which devices will fail soon, and which part? Spec: settings, cohort, moments, what is known, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import pandas as pd

from features.devices.device_features import known_telemetry
from features.devices.device_points import DAY, NEVER, DevicePoints, Timeline, device_points
from features.devices.device_telemetry import WINDOWS
from fenzhen.known import as_known
from fenzhen.tables import Tables
from models.devices.alerts import AlertRules
from models.devices.outcomes import ANY, device_outcomes
from models.devices.settings import DeviceSettings
from models.settings_table import refuse_unknown

__all__ = ["DeviceFailureSpec", "cohort", "known_devices", "last_fact", "observed_points",
           "watched_devices"]


@dataclass(frozen=True)
class DeviceFailureSpec:
    """The model ``name``: the risk of each device, and of each of its components, within each horizon."""

    name: str
    settings: DeviceSettings

    family = "device_failure"
    table = "devices"
    entity = "device_id"
    tables = ("devices", "telemetry", "device_events")
    label = "failure"
    without = MappingProxyType({
        "devices": "models, batches, sites and ages of devices are unknown",
        "telemetry": "there are no readings: risks rest on events alone",
        "device_events": "cannot be trained: failures are read from it",
    })

    @classmethod
    def from_settings(cls, name: str, settings: Mapping[str, Any]) -> Self:
        """Return the spec with checked settings; ``WorkspaceError`` names what is wrong.

        Where the settings name ``components``, their ``parts`` and ``skills`` are of these or of ``any``.
        """
        found = cls(name, DeviceSettings.from_dict(name, settings))
        named = found.settings.components
        for key in ("parts", "skills") if named else ():
            refuse_unknown(f"[models.{name}.{key}]", getattr(found.settings, key), (ANY, *named))
        AlertRules.from_dict(name, found.settings.alerts)
        return found

    @property
    def field(self) -> str:
        """The key in answers."""
        return self.name

    @property
    def alert_rules(self) -> AlertRules:
        """How alerts open, last and are held back."""
        return AlertRules.from_dict(self.name, self.settings.alerts)

    @property
    def gap(self) -> pd.Timedelta:
        """How long a row's outcome takes to be known."""
        return pd.Timedelta(days=self.settings.horizons_days[-1])

    def outcomes(self, tables: Tables, points: DevicePoints, components: tuple[str, ...],
                 until: pd.Timestamp) -> dict[int, pd.DataFrame]:
        """Return what became of each point by horizon; see ``models.devices.outcomes``."""
        restart = self.settings.restart / pd.Timedelta(days=1)
        return {horizon: device_outcomes(tables["device_events"], points, components, horizon, until, restart)
                for horizon in self.settings.horizons_days}


def known_devices(tables: Tables, as_of: pd.Timestamp, telemetry_known_after: pd.Timedelta) -> dict[str, pd.DataFrame]:
    """Return the tables as known before ``as_of``; ``telemetry.at`` becomes when a row was known."""
    shifted = {**tables, "telemetry": known_telemetry(tables["telemetry"], telemetry_known_after)}
    return as_known(shifted, as_of)


def cohort(tables: Tables) -> pd.Index:
    """Return the devices that the tables know, from whichever of them, sorted."""
    found = [tables[name]["device_id"].dropna().unique() for name in DeviceFailureSpec.tables]
    return pd.Index(sorted({str(each) for ids in found for each in ids}), dtype=object)


def observed_points(tables: Tables, devices: pd.Index, first: pd.Timestamp, last: pd.Timestamp,
                    time_zone: str) -> DevicePoints:
    """Return the devices at every midnight of the zone from ``first`` to ``last`` (inclusive) while each is watched.

    A device is watched from its first reading to a day after its last; without any telemetry in the tables from its
    first event on.
    """
    start = first.tz_convert(time_zone).normalize()
    midnights = pd.date_range(start, last.tz_convert(time_zone), freq="D").tz_convert("UTC").as_unit("us")
    midnights = midnights[midnights >= first]
    grid = pd.MultiIndex.from_product([devices, midnights], names=["device_id", "as_of"]).to_frame(index=False)
    points = DevicePoints.of(grid)
    watched = _watched(tables)
    line = Timeline.of(points, tables[watched]["device_id"], tables[watched]["at"])
    begun = line.before(points.device, points.at) > line.starts(points.device)
    if watched == "telemetry":
        begun &= line.before(points.device, points.at - DAY) < line.ends(points.device)
    return points.take(begun.nonzero()[0])


def watched_devices(tables: Tables, as_of: pd.Timestamp) -> pd.Index:
    """Return the devices of the cohort that are watched at ``as_of``: those whose risk says something.

    By the rule of :func:`observed_points`: a device has been watched since its first reading, without any telemetry in
    the tables since its first event. A device whose readings stopped is watched for the longest window of the features
    (``WINDOWS``) longer: whether they stopped for good is not known yet. Training knows nothing of other devices, and
    what it says of them is not calibrated.
    """
    devices = cohort(tables)
    points, watched = device_points(devices, [as_of]), _watched(tables)
    last = Timeline.of(points, tables[watched]["device_id"], tables[watched]["at"]).last(points)
    seen = last != NEVER
    if watched == "telemetry":
        seen &= last >= points.at - WINDOWS[-1] * DAY
    found: pd.Index = devices[seen]
    return found


def _watched(tables: Tables) -> str:
    """Return the table that says when a device was watched."""
    return "telemetry" if len(tables["telemetry"]) else "device_events"


def last_fact(tables: Tables, telemetry_known_after: pd.Timedelta) -> pd.Timestamp:
    """Return the moment after the last fact of any device was known; there has to be one."""
    readings = known_telemetry(tables["telemetry"], telemetry_known_after)
    times = pd.concat([readings["at"].dropna(), tables["device_events"]["at"].dropna()])
    latest: pd.Timestamp = times.max() + pd.Timedelta(microseconds=1)
    return latest
