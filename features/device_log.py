"""What a device wrote into its log before a moment: how much, how unusual, and faster or slower than before."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.device_points import DAY, DevicePoints, Timeline
from features.log_templates import UNKNOWN, LogTemplates

__all__ = ["WINDOWS", "device_log", "log_columns"]

WINDOWS = (1, 7, 30)
"""Days, shortest first."""
STAYS_NEW = 30
"""Days for which a template counts as new after its first line in the fleet."""
_SEVERE = r"(?i)^(?:error|err|fatal|critical|crit|alarm|severe|错误|严重|报警|告警|故障)"


def log_columns(followed: Sequence[int]) -> list[str]:
    """Return the columns that :func:`device_log` gives; ``followed`` are numbers of templates.

    >>> log_columns([3])[-2:]
    ['log_template_3_7d', 'log_template_3_rate_change']
    """
    each = [name for number in followed for name in (f"log_template_{number}_7d", f"log_template_{number}_rate_change")]
    return [*(f"log_lines_{days}d" for days in WINDOWS), "log_severe_7d", "log_new_templates_7d", "log_rate_change",
            "days_since_log", *each]


def device_log(events: pd.DataFrame, points: DevicePoints, templates: LogTemplates,
               followed: Sequence[int]) -> pd.DataFrame:
    """Return :func:`log_columns` as float32, with the points' index; ``events`` are of kind ``log``.

    Windows end before as_of. A line is new if it is like no template, or like one that the fleet first wrote at most
    ``STAYS_NEW`` days before the line. A rate change is the last week's count over what the 30 days let expect, on a
    log2 scale with one line added to both; 0 is no change. Levels such as error or 报警 are severe.
    """
    everything = Timeline.of(points, events["device_id"], events["at"])
    columns = {f"log_lines_{days}d": everything.count(points, days) for days in WINDOWS}
    numbers = templates.match(events["message"]) if len(events) else np.zeros(0, dtype=np.int64)
    severe = events["level"].str.contains(_SEVERE, regex=True).fillna(False).to_numpy(dtype=bool)
    columns["log_severe_7d"] = _line(events, points, severe).count(points, 7)
    columns["log_new_templates_7d"] = _line(events, points, _new(events, numbers, templates)).count(points, 7)
    columns["log_rate_change"] = _rate_change(everything, points)
    columns["days_since_log"] = everything.days_since_last(points)
    for number in followed:
        line = _line(events, points, numbers == number)
        columns[f"log_template_{number}_7d"] = line.count(points, 7)
        columns[f"log_template_{number}_rate_change"] = _rate_change(line, points)
    return pd.DataFrame(columns, index=points.frame.index).astype(np.float32)


def _line(events: pd.DataFrame, points: DevicePoints, rows: np.ndarray) -> Timeline:
    chosen = events[rows]
    return Timeline.of(points, chosen["device_id"], chosen["at"])


def _new(events: pd.DataFrame, numbers: np.ndarray, templates: LogTemplates) -> np.ndarray:
    first = np.array([*templates.first_seen, 0], dtype=np.int64)[numbers]
    at = events["at"].dt.as_unit("ms").astype("int64").to_numpy()
    written = events["message"].notna().to_numpy(dtype=bool)
    return written & ((numbers == UNKNOWN) | (at - first <= STAYS_NEW * DAY))


def _rate_change(line: Timeline, points: DevicePoints) -> np.ndarray:
    return np.log2((line.count(points, 7) + 1) / (line.count(points, 30) * 7 / 30 + 1))
