"""How often things had happened before a moment, for many moments at once.

A tally is built from dated facts with a code each and answers (code, moment) with the facts strictly before it: their
number, the sum of their values, or their number with old ones fading by a half-life. It is the vectorised twin of
what ``features.routing.assignee_history`` keeps as state.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tally"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tally:
    """Facts in order of code and time; ``moments`` are all distinct times, ``places`` rank (code, time) as one number.

    ``running`` holds, for each of ``half_lives``, every fact's faded count of the facts of its code up to itself.
    """

    codes: Int64
    at: Float64
    values: Float64
    moments: Float64
    places: Int64
    half_lives: tuple[float, ...]
    running: Float64

    @classmethod
    def of(
        cls, codes: Int64, at: Float64, values: Float64 | None = None, half_lives: Sequence[float] = (),
    ) -> "Tally":
        """Return the tally of facts with ``codes`` (0 or more) ``at`` moments in seconds, worth ``values`` (default 1).

        >>> tally = Tally.of(np.array([7, 7, 8]), np.array([10.0, 20.0, 10.0]))
        >>> tally.counts(np.array([7, 7, 7, 9]), np.array([10.0, 10.5, 99.0, 99.0])).tolist()
        [0.0, 1.0, 2.0, 0.0]
        """
        order = np.lexsort((at, codes))
        codes, at = codes[order].astype(np.int64), at[order]
        worth = np.ones(len(order)) if values is None else values[order]
        moments = np.unique(at)
        places = codes * (len(moments) + 1) + np.searchsorted(moments, at)
        running = np.array([_running(codes, at, worth, each) for each in half_lives])
        return cls(codes, at, worth, moments, places, tuple(half_lives), running)

    def counts(self, codes: Int64, at: Float64) -> Float64:
        """Return the number of facts of each code strictly before each moment."""
        first, end = self._spans(codes, at)
        return (end - first).astype(np.float64)

    def sums(self, codes: Int64, at: Float64) -> Float64:
        """Return the sum of their values."""
        total = np.concatenate([[0.0], np.cumsum(self.values)])
        first, end = self._spans(codes, at)
        found: Float64 = total[end] - total[first]
        return found

    def latest(self, codes: Int64, at: Float64) -> Int64:
        """Return the position of the last fact before each moment in the tally's order, -1 where there is none."""
        first, end = self._spans(codes, at)
        return np.where(end > first, end - 1, -1)

    def earliest(self, codes: Int64, at: Float64) -> Int64:
        """Return the position of the first fact, -1 where there is none before the moment."""
        first, end = self._spans(codes, at)
        return np.where(end > first, first, -1)

    def faded(self, codes: Int64, at: Float64) -> Float64:
        """Return the number of facts before each moment with old ones fading, float64 (half-lives, moments).

        A fact counts half after one half-life (seconds).
        """
        last = self.latest(codes, at)
        known = last >= 0
        found = np.zeros((len(self.half_lives), len(last)))
        age = at[known] - self.at[last[known]]
        for row, half_life in enumerate(self.half_lives):
            found[row, known] = self.running[row, last[known]] * np.exp2(-age / half_life)
        return found

    def _spans(self, codes: Int64, at: Float64) -> tuple[Int64, Int64]:
        base = codes.astype(np.int64) * (len(self.moments) + 1)
        ends = np.searchsorted(self.places, base + np.searchsorted(self.moments, at))
        return np.searchsorted(self.places, base), ends


def _running(codes: Int64, at: Float64, values: Float64, half_life: float) -> Float64:
    """Scan by doubling: after the step of length s every entry holds the sum over the last 2s facts of its code."""
    sums = values.copy()
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    place = np.arange(len(sums)) - np.repeat(starts, np.diff(np.append(starts, len(sums))))
    step = 1
    while step <= place.max(initial=0):
        later = np.flatnonzero(place >= step)
        sums[later] += sums[later - step] * np.exp2((at[later - step] - at[later]) / half_life)
        step *= 2
    return sums
