"""The device-days that a training run works on, split by time (and by device), with their features and outcomes."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_features import DeviceFeatures, device_features
from features.devices.device_points import DevicePoints
from features.devices.device_vocabulary import DeviceVocabulary
from fenzhen.errors import TrainingRefused
from fenzhen.tables import Tables
from fenzhen.workspace import Workspace
from models.devices.fit import DeviceExamples
from models.devices.outcomes import ANY
from models.devices.spec import DeviceFailureSpec, cohort, known_devices, observed_points
from training.provenance import Window
from training.splits import Split, split

__all__ = ["DeviceDataset", "load_devices", "load_tables", "split_devices", "window_of"]

LEAST_FAILURES = 5
SHARES = (0.625, 0.125, 0.25)
HELD_DEVICES = 0.3


@dataclass(frozen=True, eq=False)
class DeviceDataset:
    """Tables as known at ``as_of``, daily points whose outcome is known, and what was left out and why."""

    tables: Tables
    points: DevicePoints
    outcomes: dict[int, pd.DataFrame]
    components: tuple[str, ...]
    as_of: pd.Timestamp
    sha256: str
    left_out: dict[str, int]

    @property
    def whole(self) -> pd.Series:
        """The outcome of ``any`` in the first horizon."""
        return next(iter(self.outcomes.values()))[ANY]

    def features(self, vocabulary: DeviceVocabulary) -> DeviceFeatures:
        """Return the features of every point."""
        return device_features(self.tables, self.points, vocabulary)

    def examples(self, features: pd.DataFrame) -> DeviceExamples:
        """Return features with outcomes."""
        return DeviceExamples(features, self.outcomes, self.points.device)


def load_tables(workspace: Workspace, spec: DeviceFailureSpec) -> dict[str, pd.DataFrame]:
    """Return the tables that the model reads; ``TrainingRefused`` where there are no devices' facts."""
    tables = workspace.tables(*spec.tables)
    if tables["telemetry"].empty and tables["device_events"].empty:
        raise TrainingRefused(f"{spec.name}: the workspace has neither telemetry nor device_events")
    return tables


def load_devices(workspace: Workspace, spec: DeviceFailureSpec, tables: Tables, as_of: pd.Timestamp) -> DeviceDataset:
    """Return what can be learnt as of a moment: rows whose longest horizon has passed.

    Raises ``TrainingRefused`` for fewer than ``LEAST_FAILURES`` failures, or without any device-day.
    """
    known = known_devices(tables, as_of, spec.settings.telemetry_known_after)
    points = _points(known, spec, as_of, workspace.time_zone)
    failures = int((known["device_events"]["kind"] == "failure").sum())
    if failures < LEAST_FAILURES or not len(points):
        raise TrainingRefused(f"{spec.name}: got {failures} failures and {len(points)} device-days before "
                              f"{as_of.isoformat()}, expected at least {LEAST_FAILURES} failures and a day")
    components = DeviceVocabulary.learnt({**known, "telemetry": known["telemetry"].iloc[:0]},
                                         spec.settings.components).components
    outcomes = spec.outcomes(known, points, components, as_of)
    kept = np.flatnonzero(np.any([frame[ANY].notna() for frame in outcomes.values()], axis=0))
    if not any((frame[ANY] == 1).any() for frame in outcomes.values()):
        raise TrainingRefused(f"{spec.name}: no failure lies within {spec.settings.horizons_days} days after a day on "
                              "which its device was watched")
    return DeviceDataset(known, points.take(kept), {horizon: frame.iloc[kept] for horizon, frame in outcomes.items()},
                         components, as_of, _sha256(workspace, spec, as_of),
                         {"restarting": len(points) - kept.size})


def _points(known: Tables, spec: DeviceFailureSpec, as_of: pd.Timestamp, time_zone: str) -> DevicePoints:
    watched = known["telemetry"] if len(known["telemetry"]) else known["device_events"]
    first, last = watched["at"].min(), as_of - pd.Timedelta(days=spec.settings.horizons_days[0])
    if pd.isna(first) or first > last:
        return DevicePoints.of(pd.DataFrame({"device_id": pd.Series(dtype=object),
                                             "as_of": pd.Series(dtype="datetime64[us, UTC]")}))
    return observed_points(known, cohort(known), first, last, time_zone)


def split_devices(dataset: DeviceDataset, spec: DeviceFailureSpec, seed: int) -> Split:
    """Return train, validation and test: the newest windows, and with ``split_by_device`` other devices for the test.

    Rows whose horizon reaches into the next window are left out. Where the windows do not hold failures on either
    side, the split is by device; ``TrainingRefused`` where that does not help.
    """
    times, devices = dataset.points.frame["as_of"], dataset.points.device
    found = _by_days(dataset, spec) if spec.settings.test_days else split(
        times.reset_index(drop=True), devices, None, horizon=spec.gap, fractions=SHARES, seed=seed)
    if not _learnable(dataset, found):
        found = split(None, devices, None, seed=seed, fractions=(0.6, 0.15, 0.25), labels=_failing(dataset))
    if not _learnable(dataset, found):
        raise TrainingRefused(f"{spec.name}: too few devices failed to learn from some and judge on others")
    return _by_device(found, devices, seed) if spec.settings.split_by_device and found.regime == "time" else found


def window_of(points: DevicePoints, rows: NDArray[np.int64]) -> Window:
    """Return how many device-days, and the first and last moment."""
    times = points.frame["as_of"].iloc[rows]
    return Window(len(rows), *((times.min().isoformat(), times.max().isoformat()) if len(rows) else (None, None)))


def _by_days(dataset: DeviceDataset, spec: DeviceFailureSpec) -> Split:
    times, gap = dataset.points.frame["as_of"].reset_index(drop=True), spec.gap
    test = dataset.as_of - pd.Timedelta(days=spec.settings.test_days)
    validation = test - pd.Timedelta(days=spec.settings.validation_days or spec.settings.test_days // 2)
    parts = [times + gap <= validation, (times >= validation) & (times + gap <= test), times >= test]
    older, middle, newest = (np.flatnonzero(part) for part in parts)
    left_out = np.flatnonzero(~np.any(parts, axis=0))
    return Split(older, middle, newest, "time", gap, {"validation": validation, "test": test}, left_out)


def _learnable(dataset: DeviceDataset, parts: Split) -> bool:
    happened = dataset.whole.to_numpy()
    return all((happened[rows] == value).any() for rows in (parts.train, parts.test) for value in (0.0, 1.0))


def _failing(dataset: DeviceDataset) -> list[str]:
    """Return for each row whether its device ever fails, so that both kinds are on every side."""
    failing = pd.Series(dataset.whole.to_numpy()).groupby(dataset.points.device).transform("max")
    return ["fails" if value == 1 else "lasts" for value in failing]


def _by_device(parts: Split, devices: NDArray[np.int64], seed: int) -> Split:
    drawn = np.random.default_rng(seed).random(int(devices.max()) + 1) < HELD_DEVICES
    held = drawn[devices]
    train, validation, test = (rows[held[rows] == wanted] for rows, wanted in
                               ((parts.train, False), (parts.validation, False), (parts.test, True)))
    return Split(train, validation, test, "time_and_entity", parts.gap, parts.boundaries, parts.left_out)


def _sha256(workspace: Workspace, spec: DeviceFailureSpec, as_of: pd.Timestamp) -> str:
    content = {"files": workspace.file_hashes(), "settings": spec.settings.facts(), "as_of": as_of.isoformat()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
