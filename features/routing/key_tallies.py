"""How often each candidate was given and solved tickets of one key, as of any moment."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.routing.candidate_history import DAMPING, HALF_LIVES, RECENT, SOLVED, HistoryKey
from features.routing.fact_table import FactTable
from features.routing.fields import EVERYTHING
from features.routing.tallies import Tally
from features.routing.ticket_story import SOLVE, TOUCH

__all__ = ["KeyTallies"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
_CELLS = 2_000_000


class KeyTallies:
    """Counts by value of one key: ``names`` are its values by code, ``code`` is each ticket row's value.

    ``of_fact`` is the code that each fact counts under, -1 for none.
    """

    def __init__(self, facts: FactTable, names: tuple[str, ...], code: Int64, of_fact: Int64) -> None:
        self.names = names
        self.code = code
        self.size = len(facts.candidates)
        touches, solves = (np.flatnonzero((facts.kind == kind) & (of_fact >= 0)) for kind in (TOUCH, SOLVE))
        pair = of_fact * self.size + facts.who
        self._touches = Tally.of(pair[touches], facts.at[touches], half_lives=HALF_LIVES)
        self._all_touches = Tally.of(of_fact[touches], facts.at[touches], half_lives=HALF_LIVES)
        self._solves = Tally.of(pair[solves], facts.at[solves])
        self._all_solves = Tally.of(of_fact[solves], facts.at[solves])
        self.pairs_seen = np.unique(np.concatenate([self._touches.codes, self._solves.codes]))

    @classmethod
    def by_key(cls, facts: FactTable, values: Mapping[str, Objects], key: HistoryKey) -> "KeyTallies":
        """Return the counts by a key of the tickets' fields.

        Facts of tickets that nobody described (row -1) count under ``EVERYTHING``, and only there.
        """
        code, names = pd.factorize(key.of_columns(values))
        code = code.astype(np.int64)
        if key.fields == (EVERYTHING,):
            return cls(facts, ("",), code, np.zeros(len(facts.ticket), dtype=np.int64))
        of_fact = np.where(facts.ticket >= 0, np.append(code, -1)[facts.ticket], -1)
        return cls(facts, tuple(names.tolist()), code, of_fact)

    @classmethod
    def by_group(cls, facts: FactTable) -> "KeyTallies":
        """Return the counts by the group in which each fact happened."""
        return cls(facts, facts.groups, np.zeros(0, dtype=np.int64), facts.group)

    def by_code(self, code: Int64, at: Float64, who: Int64) -> tuple[Float64, Float64]:
        """Return own and total counts, float64 (shares, pairs) each."""
        pair = code * self.size + who
        own = np.concatenate([self._touches.faded(pair, at), self._solves.counts(pair, at)[None]])
        total = np.concatenate([self._all_touches.faded(code, at), self._all_solves.counts(code, at)[None]])
        return own, total

    def add_shares(self, found: Float64, tickets: Int64, code: Int64, at: Float64, weight: Float64) -> None:
        """Add the weighted shares in ``code`` to the rows ``tickets`` of (tickets, candidates), where any was seen."""
        first, end = (np.searchsorted(self.pairs_seen, edge) for edge in (code * self.size, (code + 1) * self.size))
        sizes = end - first
        step = max(int(_CELLS / max(sizes.mean(), 1)), 1) if len(sizes) else 1
        for start in range(0, len(code), step):
            some = slice(start, start + step)
            asked = np.repeat(np.arange(len(code))[some], sizes[some])
            inside = np.arange(len(asked)) - np.repeat(np.cumsum(sizes[some]) - sizes[some], sizes[some])
            who = self.pairs_seen[first[asked] + inside] % self.size
            own, total = self.by_code(code[asked], at[asked], who)
            worth = (own / (total + DAMPING))[RECENT:SOLVED + 1].sum(axis=0)
            np.add.at(found, (tickets[asked], who), worth * weight[asked])
