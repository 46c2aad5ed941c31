"""A device's events sorted once, and the lines of time that features count on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_points import DevicePoints, Timeline

__all__ = ["DeviceEvents"]

Objects = NDArray[np.object_]
_COLUMNS = ("kind", "code", "component", "level", "message")


@dataclass(frozen=True, eq=False)
class DeviceEvents:
    """Events of the points' devices in order of device and time; ``columns`` are aligned with ``line``.

    Columns that the table lacks are missing everywhere.
    """

    line: Timeline
    columns: Mapping[str, Objects]

    @classmethod
    def of(cls, points: DevicePoints, events: pd.DataFrame) -> Self:
        """Return the events of a ``device_events`` table."""
        line = Timeline.of(points, events["device_id"], events["at"])
        nothing = np.full(line.order.size, None, dtype=object)
        read = {name: events[name].to_numpy(dtype=object)[line.order] if name in events.columns else nothing
                for name in _COLUMNS}
        return cls(line, read)

    def kind(self, kind: str) -> "DeviceEvents":
        """Return the events of one kind."""
        return self.where(self.columns["kind"] == kind)

    def where(self, rows: NDArray[np.bool_]) -> "DeviceEvents":
        """Return the events of these rows."""
        return DeviceEvents(self.line.where(rows), {name: values[rows] for name, values in self.columns.items()})

    def timeline(self, column: str, value: Any) -> Timeline:
        """Return when a column had a value.

        >>> days = pd.to_datetime(["2026-01-02", "2026-01-01", "2026-01-03"], utc=True)
        >>> events = pd.DataFrame({"device_id": "7", "at": days[:2], "kind": "error", "code": ["E1", "E2"]})
        >>> points = DevicePoints.of(pd.DataFrame({"device_id": ["7"], "as_of": days[2:]}))
        >>> DeviceEvents.of(points, events).timeline("code", "E2").days_since_last(points).tolist()
        [2.0]
        """
        return self._timelines(column).get(value, self.line.where(np.zeros(self.line.order.size, dtype=bool)))

    def _timelines(self, column: str) -> Mapping[Any, Timeline]:
        if column not in self._found:
            codes, values = pd.factorize(self.columns[column])
            order = np.argsort(codes, kind="stable")
            edges = np.searchsorted(codes[order], np.arange(len(values) + 1))
            self._found[column] = {value: self.line.where(order[edges[number]:edges[number + 1]])
                                   for number, value in enumerate(values)}
        return self._found[column]

    @cached_property
    def _found(self) -> dict[str, dict[Any, Timeline]]:
        return {}
