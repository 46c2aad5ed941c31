"""What became of a device after a moment: did it, or one of its parts, fail within the horizon?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_points import DAY, DevicePoints, Timeline

__all__ = ["ANY", "device_outcomes", "in_restart"]

ANY = "any"
"""A device as a whole, where a component is named."""
Float64 = NDArray[np.float64]


def device_outcomes(events: pd.DataFrame, points: DevicePoints, components: Sequence[str], horizon_days: int,
                    until: pd.Timestamp, restart_days: float = 1.0) -> pd.DataFrame:
    """Return a float64 column for ``any`` and for each component: 1 failed in [as_of, as_of + horizon), 0 did not.

    Missing is what nobody knows, or what says nothing:

    - rows whose horizon ends after ``until``, the moment up to which failures are recorded. Those with a failure
      before it are missing too: keeping only them would make the newest days look dangerous;
    - rows up to ``restart_days`` after a failure, while the device was being repaired and started again;
    - a component that was replaced as planned within the horizon before it failed: it was not given the time to
      (censoring). ``any`` looks at the device and is not censored by the replacement of one part.
    """
    failures = events[(events["kind"] == "failure").to_numpy(dtype=bool)]
    maintained = events[(events["kind"] == "maintenance").to_numpy(dtype=bool)]
    unknown = (points.at + horizon_days * DAY > int(until.timestamp() * 1000))
    restarting = in_restart(events, points, restart_days)
    columns = {ANY: _happened(failures, points, horizon_days)}
    censored = {ANY: np.zeros(len(points), dtype=bool)}
    for part in components:
        columns[part] = _happened(_of(failures, part), points, horizon_days)
        censored[part] = _happened(_of(maintained, part), points, horizon_days)
    found = {}
    for name, failed in columns.items():
        outcome = failed.astype(np.float64)
        outcome[unknown | restarting | (~failed & censored[name])] = np.nan
        found[name] = outcome
    return pd.DataFrame(found, index=points.frame.index)


def in_restart(events: pd.DataFrame, points: DevicePoints, restart_days: float) -> NDArray[np.bool_]:
    """Return whether each point lies at most ``restart_days`` after a failure of its device."""
    failures = events[(events["kind"] == "failure").to_numpy(dtype=bool)]
    line = Timeline.of(points, failures["device_id"], failures["at"])
    return line.count(points, restart_days) > 0


def _of(events: pd.DataFrame, component: str) -> pd.DataFrame:
    return events[(events["component"] == component).to_numpy(dtype=bool)]


def _happened(events: pd.DataFrame, points: DevicePoints, days: float) -> NDArray[np.bool_]:
    line = Timeline.of(points, events["device_id"], events["at"])
    end = points.at + int(days * DAY)
    return line.before(points.device, end) > line.before(points.device, points.at)
