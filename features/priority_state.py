"""The history that priorities are judged by, kept while tickets come in: plain Python, microseconds a ticket.

The vectorised twin over tables is ``features.priority_as_of``; a property test ties the two together.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from features.priority_counts import LONGEST, WINDOWS, Key, kinds_of, level_kinds, unknown

__all__ = ["PriorityState"]

_Place = tuple[int, tuple[str, ...]]


class PriorityState:
    """Facts by key, with the fields of tickets whose level may still be told; times are whole microseconds UTC.

    Facts may come in any order and more than once: a ticket counts as filed once, and as seen at a level from the
    first time on.
    """

    def __init__(self, keys: tuple[Key, ...], levels: int) -> None:
        self.keys, self.levels = keys, levels
        self._kinds = len(kinds_of(levels))
        self._times: dict[_Place, list[list[int]]] = {}
        self._tickets: dict[str, tuple[Mapping[str, str], int]] = {}
        self._seen: dict[tuple[str, int], int] = {}

    def __len__(self) -> int:
        return len(self._tickets)

    def filed(self, ticket_id: str, values: Mapping[str, str], at: int) -> None:
        """Take note of a new ticket and the values of its fields; one that is known already changes nothing."""
        if ticket_id not in self._tickets:
            self._tickets[ticket_id] = (dict(values), at)
            self._count(values, (0,), at)

    def seen(self, ticket_id: str, level: int, at: int) -> None:
        """Take note of a ticket's level (0: most urgent); of a ticket that was never filed here nothing is learnt."""
        if ticket_id not in self._tickets:
            return
        values, filed_at = self._tickets[ticket_id]
        at = max(at, filed_at)  # whatever the clocks say: a ticket's own level never counts for it
        before = self._seen.get((ticket_id, level))
        if before is not None and before <= at:
            return
        kinds = level_kinds(level, self.levels)
        if before is not None:
            self._forget(values, kinds, before)
        self._seen[ticket_id, level] = at
        self._count(values, kinds, at)

    def counts(self, values: Mapping[str, str], at: int) -> NDArray[np.int64]:
        """Return the counts strictly before ``at``, int64 of shape (keys, kinds, windows, 1)."""
        found = np.zeros((len(self.keys), self._kinds, len(WINDOWS), 1), dtype=np.int64)
        for number, key in enumerate(self.keys):
            times = None if unknown(key, dict(values)) else self._times.get(_place(number, key, values))
            for kind, told in enumerate(times or ()):
                if told:
                    end = bisect_left(told, at)
                    found[number, kind, :, 0] = [end - bisect_left(told, at - window) for window in WINDOWS.values()]
        return found

    def prune(self, before: int) -> None:
        """Forget what no window reaches from ``before`` on."""
        edge = before - LONGEST
        for place, kinds in list(self._times.items()):
            self._times[place] = [told[bisect_left(told, edge):] for told in kinds]
            if not any(self._times[place]):
                del self._times[place]
        self._tickets = {name: fact for name, fact in self._tickets.items() if fact[1] >= edge}
        self._seen = {fact: at for fact, at in self._seen.items() if fact[0] in self._tickets}

    def _count(self, values: Mapping[str, str], kinds: tuple[int, ...] | list[int], at: int) -> None:
        for number, key in enumerate(self.keys):
            told = self._times.setdefault(_place(number, key, values), [[] for _ in range(self._kinds)])
            for kind in kinds:
                insort(told[kind], at)

    def _forget(self, values: Mapping[str, str], kinds: list[int], at: int) -> None:
        for number, key in enumerate(self.keys):
            for kind in kinds:
                self._times[_place(number, key, values)][kind].remove(at)


def _place(number: int, key: Key, values: Mapping[str, str]) -> _Place:
    return number, tuple(values[name] for name in key)
