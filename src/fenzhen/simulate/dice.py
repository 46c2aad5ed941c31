"""Random choices over plain Python sequences, from one numpy generator."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

import numpy as np

__all__ = ["Dice"]

Item = TypeVar("Item")


class Dice:
    """The random source of one part of the simulation.

    Each part has a ``stream`` of its own, so that drawing more in one part changes nothing in another.

    >>> Dice(1, "tickets").number(0, 9) == Dice(1, "tickets").number(0, 9)
    True
    """

    def __init__(self, seed: int, stream: str) -> None:
        self.generator = np.random.default_rng([seed, *stream.encode()])
        self._random = self.generator.random

    def chance(self, probability: float) -> bool:
        """Return True with ``probability``."""
        return bool(self._random() < probability)

    def number(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of ``items``, each as likely."""
        return items[int(self._random() * len(items))]

    def weighted(self, weights: Mapping[Item, float]) -> Item:
        """Return one key of ``weights``, as likely as its weight; at least one weight is positive."""
        return tuple(weights)[self.index(tuple(accumulate(weights.values())))]

    def index(self, cumulative: Sequence[float]) -> int:
        """Return a position in ``cumulative`` (rising sums of weights), as likely as its step."""
        return bisect_right(cumulative, self._random() * cumulative[-1], hi=len(cumulative) - 1)

    def delay(self, median: float, spread: float) -> float:
        """Return a positive, log-normal time with this ``median``, in its unit."""
        return float(median * np.exp(spread * self.generator.standard_normal()))

    def digits(self, count: int) -> str:
        """Return ``count`` random digits."""
        return f"{int(self._random() * 10**count):0{count}d}"
