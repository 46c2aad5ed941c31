"""How probable each person is to be the one who solves a ticket, by what they have solved lately."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from training.routing.replay_past import PastTickets

__all__ = ["Experience"]

Float64 = NDArray[np.float64]
Key = tuple[tuple[str, str], ...]

HALF_LIFE_HOURS = 28.0 * 24
"""A solution counts half after four weeks."""
WORTH = 4.0
"""So many solutions of anything count as much as one kind's own."""
VOICE = 0.5
"""The weight of each kind's log-odds; kinds of one ticket overlap, so that full weight would count a fact often."""
SKILLED = 3
"""Somebody who solved so many tickets of a topic has its skill."""


@dataclass
class _Solved:
    """Who solved tickets of one kind: ``lately`` fades, ``ever`` does not.

    ``lately`` is in the worth of the first solution and only shrunk when read, so that a solution touches one person.
    """

    lately: dict[int, float] = field(default_factory=dict)
    ever: dict[int, int] = field(default_factory=dict)

    def add(self, person: int, worth: float) -> None:
        self.lately[person] = self.lately.get(person, 0.0) + worth
        self.ever[person] = self.ever.get(person, 0) + 1


class Experience:
    """What everybody has solved, by each thing that is known of a ticket and by its topic; nothing at first.

    A pool of the kinds' opinions in log-odds against everybody's share of all work (a naive Bayes with less weight).
    """

    def __init__(self, past: PastTickets, people: int) -> None:
        self._past = past
        self._start = float(past.resolved.min(initial=np.inf))
        self._order = np.argsort(past.resolved, kind="stable")
        self._learnt = 0
        self._people = people
        self._all = _Solved()
        self._kinds: defaultdict[Key, _Solved] = defaultdict(_Solved)

    def advance(self, now: float) -> None:
        """Count what was really solved before a moment, hours since 1970."""
        while self._learnt < len(self._order) and self._past.resolved[self._order[self._learnt]] < now:
            self._learn(int(self._order[self._learnt]))
            self._learnt += 1

    def _learn(self, row: int) -> None:
        person, worth = int(self._past.person[row]), 1 / self._fade(float(self._past.resolved[row]))
        for solved in (self._all, *(self._kinds[key] for key in self._keys(row))):
            solved.add(person, worth)

    def quality(self, row: int, now: float) -> Float64:
        """Return probabilities float64 (people,) that sum to 1, as of a moment."""
        fade = self._fade(now)
        share = np.full(self._people, 1.0)
        for person, count in self._all.lately.items():
            share[person] += count * fade
        share /= share.sum()
        odds = np.log(share)
        for key in self._keys(row):
            for person, count in self._kinds[key].lately.items() if key in self._kinds else ():
                odds[person] += VOICE * math.log1p(count * fade / (WORTH * share[person]))
        found = np.exp(odds - odds.max())
        return np.asarray(found / found.sum(), dtype=np.float64)

    def _fade(self, at: float) -> float:
        return float(0.5 ** ((at - self._start) / HALF_LIFE_HOURS))

    def skilled(self, row: int) -> NDArray[np.bool_]:
        """Return who has solved some tickets of the finest topic that anybody has, bool (people,)."""
        found = np.zeros(self._people, dtype=bool)
        topic = next((key for key in self._topics(row)[::-1] if key in self._kinds), None)
        if topic is not None:
            ever = self._kinds[topic].ever
            found[[person for person, count in ever.items() if count >= SKILLED]] = True
        return found

    def _topics(self, row: int) -> list[Key]:
        """Return a ticket's category, and its subcategory within it."""
        given = tuple((name, self._past.facts[name][row]) for name in ("category", "subcategory")
                      if name in self._past.facts and self._past.facts[name][row])
        return [given[: length + 1] for length in range(len(given))]

    def _keys(self, row: int) -> list[Key]:
        """Return every kind that a ticket is of: its topics, each other fact alone and within the category."""
        topics = self._topics(row)
        others = [(name, values[row]) for name, values in self._past.facts.items()
                  if values[row] and name not in ("category", "subcategory")]
        crossed = [(*topics[0], fact) for fact in others] if topics else []
        return [*topics, *((fact,) for fact in others), *crossed]
