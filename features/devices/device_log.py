"""What a device wrote into its log before a moment: how much, how unusual, and faster or slower than before."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_events import DeviceEvents
from features.devices.device_points import DAY, DevicePoints, Timeline
from features.devices.log_templates import UNKNOWN, LogTemplates

__all__ = ["WINDOWS", "device_log", "log_columns"]

Float64 = NDArray[np.float64]
WINDOWS = (1, 7, 30)
"""Days, shortest first."""
STAYS_NEW = 30
"""Days for which a template counts as new after its first line in the fleet."""
_SEVERE = re.compile(r"\s*(?:err|fatal|crit|alarm|severe|错误|严重|报警|告警|故障)", re.IGNORECASE)


def log_columns(followed: Sequence[int]) -> list[str]:
    """Return the columns that :func:`device_log` gives; ``followed`` are numbers of templates.

    >>> log_columns([3])[-2:]
    ['log_template_3_7d', 'log_template_3_rate_change']
    """
    each = [name for number in followed for name in (f"log_template_{number}_7d", f"log_template_{number}_rate_change")]
    return [*(f"log_lines_{days}d" for days in WINDOWS), "log_severe_7d", "log_new_templates_7d", "log_rate_change",
            "days_since_log", *each]


def device_log(logs: DeviceEvents, points: DevicePoints, templates: LogTemplates,
               followed: Sequence[int]) -> dict[str, Float64]:
    """Return :func:`log_columns` as float64 of shape (points,); ``logs`` are the events of kind ``log``.

    Windows end before as_of. A line is new if it is like no template, or like one that the fleet first wrote at most
    ``STAYS_NEW`` days before the line. A rate change is the last week's count over what the 30 days let expect, on a
    log2 scale with one line added to both; 0 is no change. Levels such as error or 报警 are severe.
    """
    numbers = templates.match(pd.Series(logs.columns["message"], dtype=object))
    severe = np.array([isinstance(level, str) and _SEVERE.match(level) is not None for level in logs.columns["level"]],
                      dtype=bool)
    columns = {f"log_lines_{days}d": logs.line.count(points, days) for days in WINDOWS}
    columns["log_severe_7d"] = logs.line.where(severe).count(points, 7)
    columns["log_new_templates_7d"] = logs.line.where(_new(logs, numbers, templates)).count(points, 7)
    columns["log_rate_change"] = _rate_change(logs.line, points)
    columns["days_since_log"] = logs.line.days_since_last(points)
    for number in followed:
        line = logs.line.where(numbers == number)
        columns[f"log_template_{number}_7d"] = line.count(points, 7)
        columns[f"log_template_{number}_rate_change"] = _rate_change(line, points)
    return columns


def _new(logs: DeviceEvents, numbers: NDArray[np.int64], templates: LogTemplates) -> NDArray[np.bool_]:
    first = np.array([*templates.first_seen, 0], dtype=np.int64)[numbers]
    written = np.array([isinstance(message, str) for message in logs.columns["message"]], dtype=bool)
    new: NDArray[np.bool_] = written & ((numbers == UNKNOWN) | (logs.line.at - first <= STAYS_NEW * DAY))
    return new


def _rate_change(line: Timeline, points: DevicePoints) -> Float64:
    found: Float64 = np.log2((line.count(points, 7) + 1) / (line.count(points, 30) * 7 / 30 + 1))
    return found
