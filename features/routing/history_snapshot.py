"""All counts as they stood at a moment, as arrays: how a trained model hands its history to the service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.routing.assignee_as_of import AssigneeAsOf
from features.routing.candidate_history import PROFILE
from features.routing.key_tallies import KeyTallies

__all__ = ["CELL", "CountedKey", "HistorySnapshot", "snapshot_of"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

CELL = ("fresh", "recent", "solved", "at")
"""Numbers of a cell: faded counts as of ``at`` (seconds, the last time anything was counted), and tickets solved."""


@dataclass(frozen=True, eq=False)
class CountedKey:
    """Counts by value of one key and candidate.

    ``cells`` is float64 (n, len(CELL)) and ``who`` int64 (n,); those of value i lie from ``starts[i]`` to
    ``starts[i + 1]``. ``totals`` is float64 (values, len(CELL)).
    """

    values: tuple[str, ...]
    starts: Int64
    who: Int64
    cells: Float64
    totals: Float64
    index: Mapping[str, int] = field(init=False)
    edges: Sequence[int] = field(init=False, repr=False)
    """``starts`` as plain numbers: an array gives one number out slowly, and every ticket asks for dozens."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {value: row for row, value in enumerate(self.values)})
        object.__setattr__(self, "edges", self.starts.tolist())

    @classmethod
    def empty(cls) -> "CountedKey":
        """Return counts of nothing."""
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros((0, len(CELL)))
        return cls((), np.zeros(1, dtype=np.int64), none, nothing, nothing)

    def of(self, value: str) -> tuple[Int64, Float64, Float64] | None:
        """Return candidates, cells and totals (1, len(CELL)) of a value, None for one that was never seen."""
        row = self.index.get(value)
        if row is None:
            return None
        span = slice(self.edges[row], self.edges[row + 1])
        return self.who[span], self.cells[span], self.totals[row:row + 1]


@dataclass(frozen=True, eq=False)
class HistorySnapshot:
    """What was known strictly before ``at`` (seconds).

    ``profile`` is float64 (len(PROFILE), candidates); ``last_group`` the group in which each was last given a ticket,
    empty if unknown. ``keys`` stand in the model's order; ``groups`` counts by group.
    """

    at: float
    candidates: tuple[str, ...]
    profile: Float64
    last_group: tuple[str, ...]
    keys: tuple[CountedKey, ...]
    groups: CountedKey

    @property
    def newest(self) -> float:
        """When anybody was last given a ticket or solved one, in seconds; -inf where nobody was.

        Long before ``at`` where a model is trained on tickets of years ago.
        """
        times = self.profile[[PROFILE.index("last_touch"), PROFILE.index("last_solve")]]
        return float(np.fmax.reduce(times, axis=None, initial=-np.inf))


def snapshot_of(as_of: AssigneeAsOf, at: float) -> HistorySnapshot:
    """Return the counts of all facts strictly before ``at``, in seconds."""
    facts = as_of.facts
    everyone = np.arange(len(facts.candidates))
    moments = np.full(len(everyone), at)
    groups = [*facts.groups, ""]
    return HistorySnapshot(
        at, facts.candidates, as_of.profiles(everyone, moments),
        tuple(groups[code] for code in as_of.last_group(everyone, moments)),
        tuple(_counted(each, at) for each in as_of.by_key), _counted(as_of.by_group, at),
    )


def _counted(tallies: KeyTallies, at: float) -> CountedKey:
    code, who = np.divmod(tallies.pairs_seen, max(tallies.size, 1))
    own, total = tallies.by_code(code, np.full(len(code), at), who)
    seen = own.any(axis=0)
    code, first = np.unique(code[seen], return_index=True)
    cells, totals = (np.vstack([counts[:, seen], np.full(int(seen.sum()), at)]).T for counts in (own, total))
    return CountedKey(
        tuple(tallies.names[each] for each in code.tolist()), np.append(first, len(cells)), who[seen], cells,
        totals[first],
    )
