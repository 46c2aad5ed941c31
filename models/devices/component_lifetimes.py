"""How long parts last, by device model: the baseline that knows age and failure rate and nothing else.

A part's life begins when it was last serviced and ends with its failure, or is cut short: by a planned replacement, or
because it still runs (both are censoring). Kaplan and Meier (1958) estimate what share survives an age; SciPy's
``stats.ecdf`` of censored data is that estimate. lifelines and scikit-survival do not run with the pandas and
scikit-learn of this project.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_points import DAY, DevicePoints, Timeline, clock
from fenzhen.tables import Tables
from models.devices.outcomes import ANY

__all__ = ["ComponentLifetimes"]

Float64 = NDArray[np.float64]
FEW_FAILURES = 10
"""A model with fewer failures of a part is estimated with the whole fleet."""
WHOLE_FLEET = ""


@dataclass(frozen=True, eq=False)
class _Curve:
    """The share that survives each age (days), and the failures per day beyond the last one seen."""

    age: Float64
    survives: Float64
    rate: float

    @classmethod
    def of(cls, life: Float64, failed: NDArray[np.bool_]) -> "_Curve":
        from scipy.stats import CensoredData, ecdf

        if not failed.any():
            return cls(np.array([0.0]), np.array([1.0]), 0.0)
        found = ecdf(CensoredData(uncensored=life[failed], right=life[~failed])).sf
        return cls(np.r_[0.0, found.quantiles], np.r_[1.0, found.probabilities], float(failed.sum() / life.sum()))

    def at(self, age: Float64) -> Float64:
        place = np.searchsorted(self.age, age, side="right") - 1
        beyond = np.maximum(age - self.age[-1], 0)
        floor = np.maximum(self.survives, 1e-9)
        found: Float64 = floor[np.maximum(place, 0)] * np.exp(-self.rate * beyond)
        return found

    def fails_within(self, age: Float64, days: float) -> Float64:
        return 1 - self.at(age + days) / self.at(age)


@dataclass(frozen=True, eq=False)
class ComponentLifetimes:
    """Survival curves by component and device model (:data:`WHOLE_FLEET` for any other)."""

    components: Sequence[str]
    curves: Mapping[tuple[str, str], _Curve]

    @classmethod
    def fitted(cls, tables: Tables, components: Sequence[str], until: pd.Timestamp) -> Self:
        """Return the curves of what was known before ``until``."""
        curves = {}
        for part in components:
            lives = _lives(tables, part, until)
            curves[(part, WHOLE_FLEET)] = _Curve.of(lives["life"].to_numpy(), lives["failed"].to_numpy())
            for model, rows in lives.dropna(subset=["model"]).groupby("model"):
                if rows["failed"].sum() >= FEW_FAILURES:
                    curves[(part, str(model))] = _Curve.of(rows["life"].to_numpy(), rows["failed"].to_numpy())
        return cls(tuple(components), curves)

    def risks(self, tables: Tables, points: DevicePoints, horizon_days: int) -> dict[str, Float64]:
        """Return the chance that each component, and ``any``, fails within the horizon, by age alone."""
        known = _models(tables["devices"]).reindex(points.ids).to_numpy(dtype=object)
        models = np.where(pd.isna(known), WHOLE_FLEET, known)[points.device]
        found: dict[str, Float64] = {}
        for part in self.components:
            age = _ages(tables, points, part)
            risk = np.zeros(len(points))
            for model in pd.unique(models):
                rows = models == model
                curve = self.curves.get((part, str(model))) or self.curves[(part, WHOLE_FLEET)]
                risk[rows] = curve.fails_within(age[rows], horizon_days)
            found[part] = risk
        survives = np.prod([1 - risk for risk in found.values()], axis=0) if found else np.ones(len(points))
        return {ANY: 1 - survives, **found}


def _services(tables: Tables, part: str) -> pd.DataFrame:
    events = tables["device_events"]
    mine = events["kind"].isin(["maintenance", "failure"]) & (events["component"] == part).fillna(False)
    return events.loc[mine.to_numpy(dtype=bool), ["device_id", "at", "kind"]].dropna()


def _starts(tables: Tables) -> pd.Series:
    """Return the clock of when each device began, as far as is known: installed, else its first telemetry."""
    seen = tables["telemetry"].dropna(subset=["at"])
    first = pd.Series(clock(seen["at"]), index=seen["device_id"].to_numpy(dtype=object)).groupby(level=0).min()
    installed = tables["devices"].dropna(subset=["installed_at"]).drop_duplicates("device_id", keep="last")
    known = pd.Series(clock(installed["installed_at"]), index=installed["device_id"].to_numpy(dtype=object))
    return known.combine_first(first).astype("float64")


def _models(devices: pd.DataFrame) -> pd.Series:
    known = devices.dropna(subset=["model"]).drop_duplicates("device_id", keep="last")
    return pd.Series(known["model"].to_numpy(dtype=object), index=known["device_id"].to_numpy(dtype=object))


def _lives(tables: Tables, part: str, until: pd.Timestamp) -> pd.DataFrame:
    """Return device model, life (days) and whether it ended in failure, of every life of a part whose start is known.

    A failure and the repair recorded with it at the same moment are one end.
    """
    rows = _services(tables, part).sort_values(["device_id", "at", "kind"])  # "failure" before "maintenance"
    rows = rows.drop_duplicates(["device_id", "at"], keep="first")
    ends = pd.DataFrame({"device_id": rows["device_id"].to_numpy(dtype=object), "end": clock(rows["at"]),
                         "failed": (rows["kind"] == "failure").to_numpy(dtype=bool)})
    starts = _starts(tables)
    devices = starts.index.union(pd.Index(ends["device_id"].unique()))
    running = pd.DataFrame({"device_id": devices, "end": int(until.timestamp() * 1000), "failed": False})
    lives = pd.concat([ends, running]).sort_values(["device_id", "end"], kind="stable")
    before = lives.groupby("device_id")["end"].shift()
    lives["start"] = before.fillna(lives["device_id"].map(starts) if _unserviced(rows) else np.nan)
    lives["life"] = (lives["end"] - lives["start"]) / DAY
    lives["model"] = _models(tables["devices"]).reindex(lives["device_id"]).to_numpy(dtype=object)
    return lives[lives["life"] > 0].reset_index(drop=True)


def _unserviced(services: pd.DataFrame) -> bool:
    """Whether planned replacements of a part are never recorded: its first life then began with the device."""
    return not (services["kind"] == "maintenance").any()


def _ages(tables: Tables, points: DevicePoints, part: str) -> Float64:
    rows = _services(tables, part)
    age = Timeline.of(points, rows["device_id"], rows["at"]).days_since_last(points)
    begun = points.frame["device_id"].map(_starts(tables)).to_numpy(dtype=np.float64)
    whole = np.where(np.isnan(age), (points.at - begun) / DAY, age)
    found: Float64 = np.nan_to_num(np.maximum(whole, 0.0), nan=0.0)
    return found
