"""How often something had happened before a moment, for many moments at once: within windows, by code."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RecentCounts"]

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RecentCounts:
    """Facts sorted by code and time; ``moments`` are their distinct times, ``places`` rank (code, time) as a number."""

    moments: Int64
    places: Int64

    @classmethod
    def of(cls, codes: Int64, at: Int64) -> "RecentCounts":
        """Return the counts of facts with ``codes`` (0 or more) ``at`` times, whole numbers of any unit.

        >>> counts = RecentCounts.of(np.array([7, 7, 8]), np.array([10, 20, 10]))
        >>> counts.before(np.array([7, 7, 7, 9]), np.array([10, 11, 99, 99]), window=89).tolist()
        [0, 1, 2, 0]
        """
        moments = np.unique(at)
        return cls(moments, np.sort(codes * (len(moments) + 1) + np.searchsorted(moments, at)))

    def before(self, codes: Int64, at: Int64, window: int) -> Int64:
        """Return the number of facts of each code in [at - window, at)."""
        base = codes * (len(self.moments) + 1)
        first, end = (np.searchsorted(self.places, base + np.searchsorted(self.moments, when))
                      for when in (at - window, at))
        return end - first
