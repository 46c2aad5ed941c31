"""Workspaces of made-up fleets whose parts give a sign before they fail."""

from pathlib import Path

import numpy as np
import pandas as pd

from fenzhen.workspace import Workspace, load_workspace

START = pd.Timestamp("2026-01-01")
SIGNS = {"fan": "heat", "pump": "pressure"}


def write_fleet(folder: Path, settings: str = "", *, devices: int = 30, days: int = 110, seed: int = 0) -> Workspace:
    """Write daily means of ``heat`` and ``pressure``; a part fails every seventy days or so, three days after a shift.
    """
    random = np.random.default_rng(seed)
    ids = [f"D{number:03}" for number in range(devices)]
    telemetry = pd.DataFrame({"device_id": np.repeat(ids, days), "at": np.tile(_dates(days), devices),
                              "heat": random.normal(40, 1, devices * days),
                              "pressure": random.normal(5, 0.2, devices * days)})
    events = []
    for row, name in enumerate(ids):
        for part, sensor in SIGNS.items():
            for day in np.flatnonzero(random.random(days) < 1 / 70):
                if 10 < day < days:
                    telemetry.loc[row * days + np.arange(day - 3, day), sensor] += 8 if part == "fan" else 2
                    events.append((name, START + pd.Timedelta(days=int(day), hours=6), "failure", part, ""))
        events += [(name, START + pd.Timedelta(days=int(day), hours=6), "error", "", "E1")
                   for day in np.flatnonzero(random.random(days) < 0.1)]
    telemetry.to_csv(folder / "telemetry.csv", index=False)
    pd.DataFrame(events, columns=["device_id", "at", "kind", "component", "code"]).to_csv(folder / "e.csv", index=False)
    pd.DataFrame({"device_id": ids, "model": random.choice(["A", "B"], devices), "region": "华东"}).to_csv(
        folder / "devices.csv", index=False)
    return _written(folder, settings, ("devices.csv", "telemetry.csv", "e.csv"))


def write_unnamed_fleet(folder: Path, *, devices: int = 745, days: int = 108, failures: int = 73) -> Workspace:
    """Write a fleet with four unnamed daily metrics, failures without parts and no table of devices."""
    random = np.random.default_rng(1)
    ids = np.array([f"S{number}" for number in range(devices)])
    metrics = {f"metric{number}": np.round(random.lognormal(3, 1, devices * days)) for number in range(1, 5)}
    pd.DataFrame({"device_id": np.repeat(ids, days), "at": np.tile(_dates(days), devices), **metrics}).to_csv(
        folder / "telemetry.csv", index=False)
    failing = random.choice(ids, failures, replace=False)
    at = [START + pd.Timedelta(days=int(day), hours=12) for day in random.integers(5, days, failures)]
    pd.DataFrame({"device_id": failing, "at": at, "kind": "failure"}).to_csv(folder / "e.csv", index=False)
    return _written(folder, "horizons_days = [1]\nminimum_lead = '0D'", (None, "telemetry.csv", "e.csv"))


def _dates(days: int) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(START, periods=days)]


def _written(folder: Path, settings: str, files: tuple[str | None, str, str]) -> Workspace:
    tables = [f'[tables.{table}]\npath = "{file}"\n' for table, file in
              zip(("devices", "telemetry", "device_events"), files, strict=True) if file]
    text = 'time_zone = "Asia/Shanghai"\n' + "".join(tables)
    (folder / "workspace.toml").write_text(
        f'{text}[models.device_failure]\ntelemetry_known_after = "1D"\n{settings}\n', encoding="utf-8")
    return load_workspace(folder)
