"""What the fleet's sensors say at a moment, by device model: the small table that each device is compared with."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.device_points import DevicePoints

__all__ = ["FEW_DEVICES", "WHOLE_FLEET", "fleet_change", "fleet_reference"]

WHOLE_FLEET = ""
FEW_DEVICES = 5
"""A model with fewer devices is compared with the whole fleet."""
_FAR = 1000.0


def fleet_reference(measured: pd.DataFrame, points: DevicePoints, groups: pd.Series,
                    statistics: Sequence[str]) -> pd.DataFrame:
    """Return the mean and spread over devices of each column of ``measured``, indexed by (group, as_of).

    ``groups`` is the model of each device id; devices without one count for the ``WHOLE_FLEET`` only, which has a row
    of each moment. Columns are ``<statistic>_mean`` and ``<statistic>_spread``, float64; ``devices`` counts.
    """
    values = measured[list(statistics)].astype("float64")
    keys = {"group": _group_of(points, groups), "as_of": points.frame["as_of"]}
    keyed = values.assign(**keys)
    named = keyed[keyed["group"] != WHOLE_FLEET]
    parts = [_summary(keyed.assign(group=WHOLE_FLEET), statistics), _summary(named, statistics)]
    return pd.concat([part for part in parts if len(part)] or parts[:1]).sort_index()


def _summary(keyed: pd.DataFrame, statistics: Sequence[str]) -> pd.DataFrame:
    grouped = keyed.groupby(["group", "as_of"], sort=True)[list(statistics)]
    mean, spread = grouped.mean().add_suffix("_mean"), grouped.std().add_suffix("_spread")
    devices = keyed.groupby(["group", "as_of"], sort=True).size().rename("devices")
    return pd.concat([mean, spread, devices], axis=1)


def _group_of(points: DevicePoints, groups: pd.Series) -> pd.Series:
    """Return each point's model, by looking each device up once."""
    known = groups.reindex(points.ids).to_numpy(dtype=object)
    named = np.where(pd.isna(known), WHOLE_FLEET, known)
    return pd.Series(named[points.device], index=points.frame.index, dtype=object)


def fleet_change(measured: pd.DataFrame, points: DevicePoints, groups: pd.Series, reference: pd.DataFrame,
                 statistics: Sequence[str]) -> pd.DataFrame:
    """Return how far each column lies from its group's mean, in the group's spreads, as ``<statistic>_change_fleet``.

    The reference of the latest moment not after the point's counts, of the whole fleet where the group has fewer than
    ``FEW_DEVICES`` or is unknown; NaN without any. Float32, the points' index.
    """
    names = _group_of(points, groups)
    large = reference.index[reference["devices"] >= FEW_DEVICES].get_level_values("group")
    names = names.where(names.isin(large), WHOLE_FLEET)
    found = np.full((len(points), len(statistics)), np.nan, dtype=np.float32)
    moments = pd.DatetimeIndex(points.frame["as_of"])
    for group, rows in names.reset_index(drop=True).groupby(names.to_numpy()).indices.items():
        if group not in reference.index.get_level_values("group"):
            continue
        of_group = reference.xs(group, level="group")
        place = of_group.index.searchsorted(moments[rows], side="right") - 1
        for number, name in enumerate(statistics):
            mean, spread = of_group[f"{name}_mean"].to_numpy(), of_group[f"{name}_spread"].to_numpy()
            with np.errstate(divide="ignore", invalid="ignore"):
                change = (measured[name].to_numpy(dtype=np.float64)[rows] - mean[place]) / spread[place]
            found[rows, number] = np.where(place >= 0, np.clip(change, -_FAR, _FAR), np.nan)
    return pd.DataFrame(found, columns=[f"{name}_change_fleet" for name in statistics], index=points.frame.index)
