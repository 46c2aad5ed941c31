"""Answers of a fitted device model: risks of a fleet, of a window sent along, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_features import DeviceFeatures, device_features, feature_columns, known_telemetry
from features.devices.device_points import DevicePoints, device_points
from features.devices.device_vocabulary import DeviceVocabulary
from features.devices.fleet_reference import WHOLE_FLEET
from fenzhen.tables import Tables
from models.artefact import write_artefact
from models.devices.levels import device_levels
from models.devices.outcomes import ANY
from models.devices.past_failures import PastFailures
from models.devices.risk import HorizonRisk
from models.devices.settings import DeviceSettings
from models.devices.signals import Signal, signals_of
from models.devices.window import golden_window, window_tables
from models.registered import Registered

__all__ = ["DeviceRisks", "DeviceScorer"]

Float64 = NDArray[np.float64]
COLUMNS = ("device_id", "as_of", "horizon_days", "component", "probability", "risk_level")


@dataclass(frozen=True, eq=False)
class DeviceRisks:
    """Points with their features and, by horizon and component, probabilities (float64 of shape (points,))."""

    points: DevicePoints
    features: DeviceFeatures
    probabilities: Mapping[int, Mapping[str, Float64]]


@dataclass(frozen=True, eq=False)
class DeviceScorer(Registered):
    """``risks`` by horizon; ``thresholds`` by horizon and component are where alerts begin; ``reference`` is what the
    fleet said when the model was fitted, for windows that come without their fleet."""

    settings: DeviceSettings
    vocabulary: DeviceVocabulary
    reference: pd.DataFrame
    risks: Mapping[int, HorizonRisk]
    thresholds: Mapping[int, Mapping[str, float]]
    past: PastFailures

    @property
    def components(self) -> tuple[str, ...]:
        """``any`` and every component, in the order of answers."""
        return (ANY, *self.vocabulary.components)

    @cached_property
    def columns(self) -> list[str]:
        """The features, in order."""
        return feature_columns(self.vocabulary)

    @cached_property
    def known_models(self) -> frozenset[str]:
        """Models of device that the fleet of training had; empty where it named none."""
        groups = self.reference.index.get_level_values("group")
        return frozenset({*map(str, groups), *self.vocabulary.values.get("model", ())} - {WHOLE_FLEET})

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """What reasons name."""
        return signals_of(self.columns, self.vocabulary)

    def assess(self, tables: Tables, points: DevicePoints, *, alone: bool = False) -> DeviceRisks:
        """Return the risks of points by what the tables know before each; ``telemetry.at`` is when a row was known.

        ``alone`` compares with the fleet of training instead of the points' own.
        """
        features = device_features(tables, points, self.vocabulary, self.reference if alone else None)
        matrix = features.frame.to_numpy(dtype=np.float64)
        found = {horizon: risk.probabilities(matrix) for horizon, risk in self.risks.items()}
        return DeviceRisks(points, features, found)

    def table(self, assessed: DeviceRisks) -> pd.DataFrame:
        """Return ``COLUMNS``: for each point a row for each horizon and component, in this order."""
        rows, parts = len(assessed.points), self.components
        pairs = [(horizon, part) for horizon in self.risks for part in parts]
        chances = np.stack([assessed.probabilities[horizon][part] for horizon, part in pairs], axis=1)
        limits = [self.thresholds[horizon].get(part, 1.0) for horizon, part in pairs]
        levels = np.stack([device_levels(chances[:, place], limit) for place, limit in enumerate(limits)], axis=1)
        repeated = assessed.points.frame.loc[assessed.points.frame.index.repeat(len(pairs))].reset_index(drop=True)
        return repeated.assign(
            horizon_days=np.tile([horizon for horizon, _ in pairs], rows),
            component=np.tile(np.array([part for _, part in pairs], dtype=object), rows),
            probability=chances.ravel(), risk_level=levels.ravel())

    def weights(self, assessed: DeviceRisks, horizon: int, rows: Any = slice(None)) -> dict[str, Float64]:
        """Return what each signal adds to the log odds, float64 of shape (points, signals), for every component.

        ``any`` is explained by its own forest or else by the components', each as much as it has of the risk; a
        component without a forest like ``any``.
        """
        risk, matrix = self.risks[horizon], assessed.features.frame.iloc[rows].to_numpy(dtype=np.float64)
        group = np.zeros(len(self.columns), dtype=np.int64)
        for number, signal in enumerate(self.signals):
            group[list(signal.columns)] = number
        found = {name: trees.contributions(matrix, group.tolist()) for name, trees in risk.trees.items()}
        if ANY not in found:
            chances = {name: assessed.probabilities[horizon][name][rows] for name in found}
            whole = np.maximum(np.sum(list(chances.values()), axis=0), 1e-12)
            found[ANY] = np.sum([found[name] * (chances[name] / whole)[:, None] for name in chances], axis=0)
        return {name: found.get(name, found[ANY]) for name in self.components}

    def forecast(self, telemetry: pd.DataFrame, events: pd.DataFrame | None = None,
                 device: Mapping[str, Any] | None = None, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
        """Return ``COLUMNS`` of one device, by horizon and component, from a window sent along.

        ``telemetry`` has ``at`` and any sensors, ``events`` ``at``, ``kind`` and what else is known, ``device`` the
        attributes of the devices table; whatever is missing counts as unknown. Times carry a zone. ``as_of`` None is
        just after the last reading was known. The last 30 days count. Raises ``TableError`` for times without a zone
        or a window without any time.
        """
        tables, moment = window_tables(telemetry, events, device, as_of, self.settings.telemetry_known_after)
        points = device_points(tables["devices"]["device_id"], [moment])
        return self.table(self.assess(tables, points, alone=True))

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return :meth:`forecast` of each device in raw telemetry rows (``device_id``, ``at``, sensors), one by one."""
        given = rows.assign(at=pd.to_datetime(rows["at"], utc=True, errors="coerce").dt.as_unit("us"))
        parts = [self.forecast(window, device={"device_id": str(name)})
                 for name, window in given.dropna(subset=["at"]).groupby("device_id")]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> str:
        """Write the artefact with golden outputs; return its manifest's SHA-256."""
        reference = self.reference.reset_index()
        told = reference.assign(as_of=reference["as_of"].map(pd.Timestamp.isoformat)).astype(object)
        files: dict[str, Any] = {
            "vocabulary.json": self.vocabulary.facts(), "past_failures.json": self.past.facts(),
            "reference.json": told.where(told.notna(), None).to_dict(orient="list"),
            "risks.json": [risk.facts() for risk in self.risks.values()],
            "golden.json": self.golden(),
        }
        for risk in self.risks.values():
            files |= risk.files()
        facts = {"family": "device_failure", "settings": self.settings.facts(), "horizons_days": list(self.risks),
                 "thresholds": {str(horizon): dict(found) for horizon, found in self.thresholds.items()}}
        return write_artefact(folder, files, {**manifest, **facts})

    def golden(self) -> list[float]:
        """Return the probabilities of a made-up window, for every horizon and component.

        The moment lies within the millisecond of the last reading, as it always did: artefacts keep their answers.
        """
        window = golden_window(self.vocabulary)
        known = known_telemetry(window, self.settings.telemetry_known_after)
        moment = known["at"].max() + pd.Timedelta(microseconds=1)
        found: list[float] = self.forecast(window, as_of=moment)["probability"].tolist()
        return found

