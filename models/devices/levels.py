"""From the probability of a failure to a level: high where alerts begin, medium well below."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "device_levels"]

LEVELS = ("low", "medium", "high")
MEDIUM_SHARE = 0.5
"""From this share of the alert threshold on a risk is medium."""


def device_levels(chance: NDArray[np.float64], threshold: float) -> NDArray[np.object_]:
    """Return each probability's level.

    >>> device_levels(np.array([0.1, 0.2, 0.39, 0.4]), 0.4).tolist()
    ['low', 'medium', 'medium', 'high']
    """
    places = (chance >= threshold).astype(np.int64) + (chance >= MEDIUM_SHARE * threshold)
    found: NDArray[np.object_] = np.array(LEVELS, dtype=object)[places]
    return found
