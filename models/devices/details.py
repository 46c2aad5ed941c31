"""What is told of a device beside its risk: reasons, attributes, signals, its history and similar past failures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_events import DeviceEvents
from features.devices.device_points import DAY, DevicePoints, Timeline, clock
from features.devices.device_telemetry import WINDOWS
from features.devices.fleet_reference import WHOLE_FLEET
from fenzhen.tables import Tables
from models.devices.outcomes import ANY
from models.devices.reasons import DeviceRow, reasons_of
from models.devices.scorer import DeviceRisks, DeviceScorer

__all__ = ["device_details"]

ATTRIBUTES = ("model", "batch", "supplier", "site", "region", "firmware", "customer_id")
MOST_EVENTS = 20
FEW_DAYS = 7
_TOLD_KINDS = ("failure", "maintenance", "error")
_CHUNK = 2_000


def device_details(
    scorer: DeviceScorer, tables: Tables, assessed: DeviceRisks, time_zone: str,
) -> Iterator[dict[str, Any]]:
    """Yield a dict for each horizon and component of each point, in the order of ``scorer.table(assessed)``.

    ``signals`` (the mean readings of the last days of the zone, by sensor) and ``timeline`` (failures, maintenance,
    errors, newest first) stand with ``any`` only.
    """
    for start in range(0, len(assessed.points), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(assessed.points)))
        yield from _details(scorer, tables, assessed, rows, time_zone)


def _details(
    scorer: DeviceScorer, tables: Tables, assessed: DeviceRisks, rows: NDArray[np.int64], time_zone: str,
) -> Iterator[dict[str, Any]]:
    weights = {(horizon, part): found for horizon in scorer.risks
               for part, found in scorer.weights(assessed, horizon, rows).items()}
    points = assessed.points.take(rows)
    facts = _Facts(scorer, tables, points, time_zone)
    values = assessed.features.frame.iloc[rows].to_numpy(dtype=np.float64)
    for number in range(len(rows)):
        row = facts.row(number, values[number], assessed.features.reference)
        shared = facts.shared(number, row)
        for (horizon, part), found in weights.items():
            extra = {"signals": facts.signals(number), "timeline": facts.timeline(number)} if part == ANY else {}
            weighed = found[number]
            yield {"reasons": reasons_of(scorer.signals, weighed, row),
                   "protective": reasons_of(scorer.signals, weighed, row, protective=True), **shared,
                   "part": scorer.settings.parts.get(part), "skill": scorer.settings.skills.get(part),
                   "similar": scorer.past.similar(part, weighed), "horizon_days": horizon, **extra}


class _Facts:
    """Looks up what the tables say of each point's device."""

    def __init__(self, scorer: DeviceScorer, tables: Tables, points: DevicePoints, time_zone: str) -> None:
        self._scorer, self._points = scorer, points
        devices = tables["devices"].drop_duplicates("device_id", keep="last").set_index("device_id")
        named = devices.reindex(points.frame["device_id"])
        self._attributes = {name: named[name].to_numpy(dtype=object) for name in ATTRIBUTES}
        told = tables["device_events"][tables["device_events"]["kind"].isin(_TOLD_KINDS).to_numpy(dtype=bool)]
        self._events = DeviceEvents.of(points, told)
        self._line = Timeline.of(points, tables["telemetry"]["device_id"], tables["telemetry"]["at"])
        self._day = clock(tables["telemetry"]["at"].dt.tz_convert(time_zone).dt.tz_localize(None)) // DAY
        self._window = self._line.before(points.device, points.at - WINDOWS[-1] * DAY)
        self._until = self._line.before(points.device, points.at)
        self._readings = {name: tables["telemetry"][name].to_numpy(dtype=np.float64)
                          for name in scorer.vocabulary.sensors if name in tables["telemetry"].columns}
        self._templates = {str(number): scorer.vocabulary.templates.template(number)
                           for number in scorer.vocabulary.followed}
        self._fleets: dict[tuple[str, pd.Timestamp], dict[str, float]] = {}

    def row(self, number: int, values: NDArray[np.float64], reference: pd.DataFrame) -> DeviceRow:
        """Return the feature values of a point and what its fleet says."""
        known = {name: float(value) for name, value in zip(self._scorer.columns, values, strict=True)
                 if np.isfinite(value)}
        group, as_of = self._attributes["model"][number], self._points.frame["as_of"].iloc[number]
        key = (WHOLE_FLEET if pd.isna(group) else str(group), as_of)
        if key not in self._fleets:
            self._fleets[key] = _fleet(reference, *key)
        return DeviceRow(known, self._fleets[key], WINDOWS[0], WINDOWS[-1], self._templates)

    def shared(self, number: int, row: DeviceRow) -> dict[str, Any]:
        """Return what is the same for every component."""
        attributes = {name: _plain(values[number]) for name, values in self._attributes.items()}
        few = row.values.get(f"readings_{WINDOWS[-1]}d", 0.0) < FEW_DAYS if self._scorer.vocabulary.sensors else False
        return {"attributes": attributes, "value_at_risk": None, "currency": None, "too_little_history": few}

    def signals(self, number: int) -> dict[str, Any]:
        """Return the days of the longest window and each sensor's mean on them, oldest first; None for no reading."""
        place = slice(self._window[number], self._until[number])
        rows = self._line.order[place]
        if not rows.size or not self._readings:
            return {}
        starts = np.flatnonzero(np.diff(self._day[rows], prepend=-1))
        days = [str(day) for day in self._day[rows][starts].astype("datetime64[D]")]
        return {"days": days, **{name: _daily(values[rows], starts) for name, values in self._readings.items()}}

    def timeline(self, number: int) -> list[dict[str, Any]]:
        """Return the device's newest events before the point."""
        device, at = self._points.device[number:number + 1], self._points.at[number:number + 1]
        line, columns = self._events.line, self._events.columns
        first, last = int(line.starts(device)[0]), int(line.before(device, at)[0])
        return [{"at": f"{line.at[row].astype('datetime64[ms]')}+00:00", "kind": columns["kind"][row],
                 "code": _plain(columns["code"][row]), "component": _plain(columns["component"][row])}
                for row in range(last - 1, max(first, last - MOST_EVENTS) - 1, -1)]


def _daily(values: NDArray[np.float64], starts: NDArray[np.int64]) -> list[float | None]:
    """Return the mean of each day's readings, None for a day without."""
    there = np.isfinite(values)
    count = np.add.reduceat(there.astype(np.float64), starts)
    total = np.add.reduceat(np.where(there, values, 0.0), starts)
    return [round(mean, 4) if days else None
            for mean, days in zip((total / np.maximum(count, 1)).tolist(), count.tolist(), strict=True)]


def _fleet(reference: pd.DataFrame, group: str, as_of: pd.Timestamp) -> dict[str, float]:
    for name in (group, WHOLE_FLEET):
        for moment in (as_of, None):
            found = _means(reference, name, moment)
            if found:
                return found
    return {}


def _means(reference: pd.DataFrame, group: str, moment: pd.Timestamp | None) -> dict[str, float]:
    if moment is not None and (group, moment) in reference.index:
        row = reference[reference.index == (group, moment)].iloc[0]
    elif moment is None and group in reference.index.get_level_values("group"):
        row = reference.xs(group, level="group").iloc[-1]
    else:
        return {}
    return {str(name).removesuffix("_mean"): float(value) for name, value in row.items()
            if str(name).endswith("_mean") and np.isfinite(value)}


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value
