"""High, medium, low: sized to what people can look after, and steady from one scoring to the next."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SLACK", "level_limits", "risk_levels"]

Float64 = NDArray[np.float64]
SLACK = 0.2
"""How much further down the list one may fall before one leaves a level, and must climb to enter it."""
MEDIUM = 3
"""High and medium together are so many times the capacity."""


def risk_levels(scores: ArrayLike, capacity: int, before: Sequence[str | None] | None = None) -> NDArray[np.object_]:
    """Return a level for each score: about ``capacity`` high ones, twice as many medium ones, the rest low.

    ``before`` are the levels of the last scoring (None: not scored). Who was in a level stays until 20 % beyond its
    end; who was not enters only within its first 80 %; nobody is held by who was never scored. Equal scores are
    taken in the order of the rows.

    >>> risk_levels([0.9, 0.2, 0.8, 0.1, 0.3], capacity=1).tolist()
    ['high', 'low', 'medium', 'low', 'medium']

    A customer on rank 6 of capacity 5 stays high if high before, and one on rank 5 does not come in:

    >>> risk_levels(range(10, 0, -1), 5, ["high"] * 4 + ["low", "high"] + ["low"] * 4).tolist()[3:7]
    ['high', 'medium', 'high', 'medium']
    """
    values = np.asarray(scores, dtype=np.float64)
    rank = np.empty(values.size, dtype=np.int64)
    rank[np.argsort(-values, kind="stable")] = np.arange(1, values.size + 1)
    known = np.array([None] * values.size if before is None else list(before), dtype=object)
    if known.size != values.size:
        raise ValueError(f"got {known.size} levels before for {values.size} scores, expected one each")
    high = _within(rank, capacity, known == "high", known != None)  # noqa: E711
    medium = _within(rank, MEDIUM * capacity, (known == "high") | (known == "medium"), known != None)  # noqa: E711
    return np.where(high, "high", np.where(medium, "medium", "low")).astype(object)


def level_limits(probabilities: Float64, share: float) -> dict[str, float]:
    """Return the lowest probability of a high and of a medium row when ``share`` of the rows can be looked after.

    >>> level_limits(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]), 0.1)
    {'high': 1.0, 'medium': 0.8}
    """
    ranked = np.sort(probabilities)[::-1]
    places = {"high": share, "medium": MEDIUM * share}
    return {level: float(ranked[min(max(round(each * ranked.size), 1), ranked.size) - 1])
            for level, each in places.items()}


def _within(rank: NDArray[np.int64], limit: int, inside: NDArray[np.bool_],
            scored: NDArray[np.bool_]) -> NDArray[np.bool_]:
    staying, entering = np.floor(limit * (1 + SLACK)), np.ceil(limit * (1 - SLACK))
    found: NDArray[np.bool_] = rank <= np.where(inside, staying, np.where(scored, entering, limit))
    return found
