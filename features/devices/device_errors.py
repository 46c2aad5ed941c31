"""How many errors a device reported before a moment, of which codes, and whether they come faster."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.devices.device_events import DeviceEvents
from features.devices.device_points import DevicePoints

__all__ = ["WINDOWS", "device_errors", "error_columns"]

Float64 = NDArray[np.float64]
WINDOWS = (1, 2, 7, 30)
"""Days, shortest first."""


def error_columns(codes: Sequence[str]) -> list[str]:
    """Return the columns that :func:`device_errors` gives.

    >>> error_columns(["E1"])[-3:]
    ['error_E1_7d', 'error_E1_30d', 'days_since_error_E1']
    """
    each = [name for code in codes for name in (*(f"error_{code}_{days}d" for days in WINDOWS),
                                                f"days_since_error_{code}")]
    return [*(f"errors_{days}d" for days in WINDOWS), "errors_acceleration", "days_since_error", *each]


def device_errors(errors: DeviceEvents, points: DevicePoints, codes: Sequence[str]) -> dict[str, Float64]:
    """Return :func:`error_columns` as float64 of shape (points,); ``errors`` are the events of kind ``error``.

    A window of d days holds errors with as_of - d ≤ at < as_of. Acceleration is the last week's rate less the last
    month's, in errors a week. Codes that are not listed count among all. Days since are NaN without any.
    """
    columns = {f"errors_{days}d": errors.line.count(points, days) for days in WINDOWS}
    columns["errors_acceleration"] = columns["errors_7d"] - columns["errors_30d"] * 7 / 30
    columns["days_since_error"] = errors.line.days_since_last(points)
    for code in codes:
        line = errors.timeline("code", code)
        columns |= {f"error_{code}_{days}d": line.count(points, days) for days in WINDOWS}
        columns[f"days_since_error_{code}"] = line.days_since_last(points)
    return columns
