"""Count, mean, squared deviations and extremes of readings in pieces of time, and how two pieces become one.

Pieces are merged (Chan, Golub & LeVeque 1983) rather than taken as differences of running sums: one absurd reading
then spoils the windows that hold it and no later one.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["WindowMoments"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WindowMoments:
    """Arrays of one length: readings, their mean and mean time (days), sums of squared deviations, of times and the
    product of both, and the lowest and highest reading. An empty piece has count 0, means 0, low inf and high -inf."""

    count: Float64
    mean: Float64
    time: Float64
    squares: Float64
    time_squares: Float64
    products: Float64
    low: Float64
    high: Float64

    @classmethod
    def of_pieces(cls, values: Float64, days: Float64, edges: Ints) -> Self:
        """Return the moments of ``values[edges[i]:edges[i + 1]]``; NaN values are missing, edges rise strictly."""
        starts, lengths = edges[:-1] - edges[0], np.diff(edges)
        values, days = values[edges[0]:edges[-1]], days[edges[0]:edges[-1]]
        there = np.isfinite(values)
        whole = bool(there.all())
        count = np.add.reduceat(there.astype(np.float64), starts)
        divisor = np.maximum(count, 1)
        mean = np.add.reduceat(values if whole else np.where(there, values, 0.0), starts) / divisor
        time = np.add.reduceat(days if whole else np.where(there, days, 0.0), starts) / divisor
        off, late = values - np.repeat(mean, lengths), days - np.repeat(time, lengths)
        if not whole:
            off, late = np.where(there, off, 0.0), np.where(there, late, 0.0)
        return cls(count, mean, time, np.add.reduceat(off * off, starts), np.add.reduceat(late * late, starts),
                   np.add.reduceat(off * late, starts),
                   np.minimum.reduceat(values if whole else np.where(there, values, np.inf), starts),
                   np.maximum.reduceat(values if whole else np.where(there, values, -np.inf), starts))

    @classmethod
    def empty(cls, rows: int) -> Self:
        """Return ``rows`` empty pieces."""
        count, mean, time, squares, time_squares, products = np.zeros((6, rows))
        return cls(count, mean, time, squares, time_squares, products, np.full(rows, np.inf), np.full(rows, -np.inf))

    def take(self, rows: Any) -> "WindowMoments":
        """Return the pieces at these positions."""
        return WindowMoments(*(column[rows] for column in self._columns()))

    def replaced(self, rows: Ints, other: "WindowMoments") -> "WindowMoments":
        """Return these pieces with those at ``rows`` taken from ``other``, in order."""
        columns = [column.copy() for column in self._columns()]
        for column, values in zip(columns, other._columns(), strict=True):
            column[rows] = values
        return WindowMoments(*columns)

    def merged(self, other: "WindowMoments") -> "WindowMoments":
        """Return the moments of both pieces together, row by row."""
        count = self.count + other.count
        divisor = np.maximum(count, 1)
        share, both = other.count / divisor, self.count * other.count / divisor
        rise, later = other.mean - self.mean, other.time - self.time
        return WindowMoments(
            count, np.where(self.count > 0, self.mean + rise * share, other.mean),
            np.where(self.count > 0, self.time + later * share, other.time),
            self.squares + other.squares + rise * rise * both,
            self.time_squares + other.time_squares + later * later * both,
            self.products + other.products + rise * later * both,
            np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def of_ranges(self, first: Ints, last: Ints) -> "WindowMoments":
        """Return the moments of the pieces ``first[i]`` to ``last[i]`` (exclusive) merged, for every i."""
        found = WindowMoments.empty(len(first))
        columns = found._columns()
        for step in range(int((last - first).max(initial=0))):
            rows = np.flatnonzero(first + step < last)
            if rows.size == len(first):
                found = found.merged(self.take(first + step))
                columns = found._columns()
            else:
                part = found.take(rows).merged(self.take(first[rows] + step))
                for column, values in zip(columns, part._columns(), strict=True):
                    column[rows] = values
        return found

    def mean_or_missing(self) -> Float64:
        """The mean; NaN without readings."""
        return np.where(self.count > 0, self.mean, np.nan)

    def spread(self) -> Float64:
        """The sample standard deviation; NaN for fewer than two readings."""
        return np.sqrt(np.where(self.count > 1, self.squares / np.maximum(self.count - 1, 1), np.nan))

    def slope(self) -> Float64:
        """The least-squares rise per day; NaN for fewer than two moments."""
        enough = (self.count > 1) & (self.time_squares > 0)
        return np.where(enough, self.products / np.where(enough, self.time_squares, 1.0), np.nan)

    def extremes(self) -> tuple[Float64, Float64]:
        """The lowest and the highest reading; NaN without readings."""
        return np.where(self.count > 0, self.low, np.nan), np.where(self.count > 0, self.high, np.nan)

    def _columns(self) -> tuple[Float64, ...]:
        return (self.count, self.mean, self.time, self.squares, self.time_squares, self.products, self.low, self.high)
