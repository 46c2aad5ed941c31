"""How probable each person is to be the one who solves a ticket, by what they have solved so far."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from training.routing_past import TOPIC, PastTickets

__all__ = ["Experience"]

Float64 = NDArray[np.float64]
WORTH = 4.0
"""So many tickets of the coarser kind count as much as one of the finer."""
SKILLED = 3
"""Somebody who solved so many tickets of a topic has its skill."""


class Experience:
    """Shares of solved tickets by topic, the finer ones smoothed by the coarser; nothing is known at first."""

    def __init__(self, past: PastTickets, people: int) -> None:
        self._keys = [_keys(past, row) for row in range(len(past))]
        self._solved: defaultdict[tuple[str, ...], Float64] = defaultdict(lambda: np.zeros(people))
        self._people = people

    def learn(self, row: int, person: int) -> None:
        """Count a solution."""
        for key in self._keys[row]:
            self._solved[key][person] += 1

    def quality(self, row: int) -> Float64:
        """Return probabilities float64 (people,) that sum to 1."""
        found = np.full(self._people, 1 / self._people)
        for key in self._keys[row]:
            solved = self._solved.get(key)
            if solved is not None:
                found = (solved + WORTH * found) / (solved.sum() + WORTH)
        return found

    def skilled(self, row: int) -> NDArray[np.bool_]:
        """Return who has solved some tickets of the finest topic that anybody has, bool (people,)."""
        topics = [key for key in self._keys[row] if "customer_id" not in key and key in self._solved]
        if len(topics) < 2:
            return np.zeros(self._people, dtype=bool)
        return np.asarray(self._solved[topics[-1]] >= SKILLED, dtype=bool)


def _keys(past: PastTickets, row: int) -> list[tuple[str, ...]]:
    """Return what a ticket is about, the coarsest first: all, its category, subcategory within it, and so on."""
    given = {name: values[row] for name, values in past.topics.items() if values[row]}
    found: list[tuple[str, ...]] = [()]
    for name in TOPIC:
        if name in given:
            found.append((*found[-1], name, given[name]))
    return found
