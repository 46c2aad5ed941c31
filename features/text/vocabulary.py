"""The n-grams that a model knows, found for one ticket's or for millions of keys at once.

An open-addressing hash table in one NumPy array: a key's home slot comes from its mixed bits, neighbours hold what
collides, and each round of a lookup only follows the keys that are still undecided. A ticket's few keys are looked up
by bisection instead, where the vocabulary is in ascending order: rounds of a handful of keys take longer.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.text.ngrams import UInt64, mix

__all__ = ["UNKNOWN", "Vocabulary"]

UNKNOWN = -1
"""The index of an n-gram that is not in the vocabulary."""
_FREE = -1
_FEW = 1_000


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Distinct keys (uint64) in any order; an n-gram's index is its key's position.

    >>> vocabulary = Vocabulary(np.array([7, 5], dtype=np.uint64))
    >>> vocabulary.find(np.array([5, 6, 7], dtype=np.uint64))
    array([ 1, -1,  0], dtype=int32)
    """

    keys: UInt64

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: UInt64) -> NDArray[np.int32]:
        """Return the int32 index of each key, ``UNKNOWN`` where it is not in the vocabulary."""
        if len(keys) <= _FEW and self._ascending:
            return self._bisected(keys)
        slots = self._home(keys)
        candidates = self._table[slots]
        found = candidates.copy()
        undecided = np.flatnonzero(candidates != _FREE)
        undecided = undecided[self.keys[candidates[undecided]] != keys[undecided]]
        while len(undecided):
            slots[undecided] = (slots[undecided] + 1) & self._last
            candidates = self._table[slots[undecided]]
            found[undecided] = candidates
            undecided = undecided[(candidates != _FREE) & (self.keys[candidates] != keys[undecided])]
        return found

    def _bisected(self, keys: UInt64) -> NDArray[np.int32]:
        places = self.keys.searchsorted(keys)
        places[places == len(self)] = 0
        found: NDArray[np.int32] = np.where(self.keys[places] == keys, places, UNKNOWN).astype(np.int32)
        return found

    @cached_property
    def _ascending(self) -> bool:
        return len(self) > 0 and bool((self.keys[1:] > self.keys[:-1]).all())

    @cached_property
    def _bits(self) -> int:
        return max(4, int(len(self) * 3).bit_length())

    @cached_property
    def _last(self) -> int:
        return (1 << self._bits) - 1

    @cached_property
    def _table(self) -> NDArray[np.int32]:
        table = np.full(1 << self._bits, _FREE, dtype=np.int32)
        homeless = np.arange(len(self), dtype=np.int32)
        slots = self._home(self.keys)
        while len(homeless):
            free = table[slots] == _FREE
            table[slots[free]] = homeless[free]
            settled = table[slots] == homeless
            homeless, slots = homeless[~settled], (slots[~settled] + 1) & self._last
        return table

    def _home(self, keys: UInt64) -> NDArray[np.int64]:
        return (mix(keys) >> np.uint64(64 - self._bits)).astype(np.int64)
