"""Small made-up fleets for tests: irregular readings with gaps, events of every kind, log lines with numbers."""

import numpy as np
import pandas as pd

from features.devices.device_points import DevicePoints, device_points
from fenzhen.tables import conform

START = pd.Timestamp("2026-01-01", tz="UTC")
LINES = ("电机温度 {n}℃ 过高", "通信中断,重试 {n} 次", "fan speed {n} rpm", "自检完成")


def moments(random: np.random.Generator, count: int, days: float = 60) -> pd.Series:
    """Return random times, in no order, to the microsecond."""
    offsets = pd.to_timedelta(random.integers(0, int(days * 86_400e6), count), unit="us")
    return pd.Series(START + offsets).astype("datetime64[us, UTC]")


def fleet(seed: int = 0, devices: int = 6, readings: int = 400, events: int = 120) -> dict[str, pd.DataFrame]:
    """Return devices, telemetry and device_events as canonical frames."""
    random = np.random.default_rng(seed)
    ids = np.array([f"D{number}" for number in range(devices)], dtype=object)
    kinds = random.choice(["error", "maintenance", "failure", "log"], events, p=[0.5, 0.2, 0.05, 0.25])
    parts = np.where(np.isin(kinds, ["maintenance", "failure"]), random.choice(["fan", "pump"], events), None)
    lines = [LINES[random.integers(0, len(LINES))].format(n=random.integers(0, 999)) for _ in range(events)]
    telemetry = pd.DataFrame({
        "device_id": random.choice(ids, readings), "at": moments(random, readings),
        "volt": np.where(random.random(readings) < 0.1, np.nan, random.normal(170, 5, readings)),
        "heat": np.round(random.normal(40, 1, readings))})
    return {
        "devices": conform("devices", pd.DataFrame({
            "device_id": ids, "model": random.choice(["A", "B"], devices),
            "installed_at": pd.Series([START - pd.Timedelta(days=400)] * devices).astype("datetime64[us, UTC]")})),
        "telemetry": conform("telemetry", telemetry),
        "device_events": conform("device_events", pd.DataFrame({
            "device_id": random.choice(ids, events), "at": moments(random, events), "kind": kinds,
            "code": np.where(kinds == "error", random.choice(["E1", "E2"], events), None), "component": parts,
            "level": np.where(kinds == "log", random.choice(["info", "报警"], events), None),
            "message": np.where(kinds == "log", lines, None)})),
    }


def daily(tables: dict[str, pd.DataFrame], first: int = 5, last: int = 60) -> DevicePoints:
    """Return every device at midnights of these days."""
    days = pd.date_range(START + pd.Timedelta(days=first), START + pd.Timedelta(days=last), freq="D")
    return device_points(tables["devices"]["device_id"], days.as_unit("us"))
