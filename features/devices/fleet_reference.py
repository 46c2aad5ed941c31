"""What the fleet's sensors say at a moment, by device model: the small table that each device is compared with."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_points import DevicePoints, clock
from features.devices.device_telemetry import FAR

__all__ = ["FEW_DEVICES", "WHOLE_FLEET", "fleet_change", "fleet_reference"]

Float64 = NDArray[np.float64]
WHOLE_FLEET = ""
FEW_DEVICES = 5
"""A model with fewer devices is compared with the whole fleet."""


def fleet_reference(measured: pd.DataFrame, points: DevicePoints, models: Sequence[str | None],
                    statistics: Sequence[str]) -> pd.DataFrame:
    """Return the mean and spread over devices of each column of ``measured``, indexed by (group, as_of).

    ``models`` has the model of each of ``points.ids``; devices without one count for the ``WHOLE_FLEET`` only, which
    has a row of each moment. Columns are ``<statistic>_mean`` and ``<statistic>_spread``, float64; ``devices`` counts.
    """
    values = measured[list(statistics)].astype("float64")
    keyed = values.assign(group=_groups(models)[points.device], as_of=points.frame["as_of"])
    named = keyed[keyed["group"] != WHOLE_FLEET]
    parts = [_summary(keyed.assign(group=WHOLE_FLEET), statistics), _summary(named, statistics)]
    return pd.concat([part for part in parts if len(part)] or parts[:1]).sort_index()


def _summary(keyed: pd.DataFrame, statistics: Sequence[str]) -> pd.DataFrame:
    grouped = keyed.groupby(["group", "as_of"], sort=True)[list(statistics)]
    mean, spread = grouped.mean().add_suffix("_mean"), grouped.std().add_suffix("_spread")
    devices = keyed.groupby(["group", "as_of"], sort=True).size().rename("devices")
    return pd.concat([mean, spread, devices], axis=1)


def fleet_change(measured: pd.DataFrame, points: DevicePoints, models: Sequence[str | None], reference: pd.DataFrame,
                 statistics: Sequence[str]) -> dict[str, Float64]:
    """Return how far each column lies from its group's mean, in the group's spreads, as ``<statistic>_change_fleet``.

    The reference of the latest moment not after the point's counts, of the whole fleet where the group has fewer than
    ``FEW_DEVICES`` or is unknown; NaN without any.
    """
    found = np.full((len(points), len(statistics)), np.nan)
    group_of, moment = (reference.index.get_level_values(level) for level in ("group", "as_of"))
    named, moments = group_of.to_numpy(dtype=object), clock(moment.to_series())
    means, spreads = (reference[[f"{name}_{what}" for name in statistics]].to_numpy() for what in ("mean", "spread"))
    large = set(named[reference["devices"].to_numpy() >= FEW_DEVICES])
    of_device = np.array([group if group in large else WHOLE_FLEET for group in _groups(models)], dtype=object)
    values = measured[list(statistics)].to_numpy(dtype=np.float64)
    for group in set(of_device) & set(named):
        rows, known = np.flatnonzero((of_device == group)[points.device]), np.flatnonzero(named == group)
        place = np.searchsorted(moments[known], points.at[rows], "right") - 1
        mean, spread = (table[known][np.maximum(place, 0)] for table in (means, spreads))
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.clip((values[rows] - mean) / spread, -FAR, FAR)
        found[rows] = np.where((place >= 0)[:, None], change, np.nan)
    return {f"{name}_change_fleet": found[:, number] for number, name in enumerate(statistics)}


def _groups(models: Sequence[str | None]) -> NDArray[np.object_]:
    return np.array([WHOLE_FLEET if model is None else model for model in models], dtype=object)
