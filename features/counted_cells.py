"""Counts by value and candidate of one key, as they change: a snapshot below, and what was touched since on top."""

import numpy as np
from numpy.typing import NDArray

from features.candidate_history import HALF_LIVES
from features.history_snapshot import CountedKey
from features.ticket_story import TOUCH, Fact

__all__ = ["CountedCells"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_TOTAL = -1
_FADING = len(HALF_LIVES)
_AT = _FADING + 1
_RESIDUE = 1e-9
"""Less than this, of what is taken back, is rounding and not a count."""


class CountedCells:
    """A value's cells are copied from the snapshot when something first changes there."""

    def __init__(self, below: CountedKey) -> None:
        self._below = below
        self._changed: dict[str, dict[int, list[float]]] = {}

    def has(self, value: str) -> bool:
        """Return whether anything was ever counted under a value."""
        return value in self._changed or value in self._below.index

    def add(self, value: str, code: int, fact: Fact, sign: float) -> None:
        """Count a fact of a candidate, or take it back (``sign`` -1)."""
        cells = self._changed.get(value)
        if cells is None:
            cells = self._changed[value] = self._copied(value)
        for who in (code, _TOTAL):
            cell = cells.setdefault(who, [0.0] * _FADING + [0.0, fact.at])
            if fact.kind == TOUCH:
                _fade_to(cell, max(cell[_AT], fact.at))
                for row, half_life in enumerate(HALF_LIVES):
                    weight = 2.0 ** ((fact.at - cell[_AT]) / half_life)
                    left = cell[row] + sign * weight
                    cell[row] = left if left > _RESIDUE * weight else 0.0
            else:
                cell[_FADING] += sign

    def read(self, value: str, at: float, place: Int64, own: Float64, total: Float64) -> None:
        """Write the counts of the candidates with a ``place`` into ``own`` (counts, places), all into ``total``.

        ``place`` has an entry a candidate's code, -1 for those who are not asked for; ``total`` is (counts, 1).
        """
        found = self._cells(value)
        if found is None:
            return
        who, cells, all_of_them = found
        places = place[who]
        asked = places >= 0
        own[:, places[asked]] = _as_of(cells[asked].T, at)
        total[:, 0] = _as_of(all_of_them, at)

    def _cells(self, value: str) -> tuple[Int64, Float64, Float64] | None:
        changed = self._changed.get(value)
        if changed is None:
            return self._below.of(value)
        who, cells = np.fromiter(changed, np.int64, len(changed)), np.array(list(changed.values()))
        return who[who != _TOTAL], cells[who != _TOTAL], np.array(changed[_TOTAL])

    def _copied(self, value: str) -> dict[int, list[float]]:
        found = self._below.of(value)
        if found is None:
            return {}
        who, cells, total = found
        return {**dict(zip(who.tolist(), cells.tolist(), strict=True)), _TOTAL: total.tolist()}


def _fade_to(cell: list[float], at: float) -> None:
    for row, half_life in enumerate(HALF_LIVES):
        cell[row] *= 2.0 ** ((cell[_AT] - at) / half_life)
    cell[_AT] = at


def _as_of(cells: Float64, at: float) -> Float64:
    """Return counts (counts, …) of cells (CELL, …) at a later moment; one before the cell's own is taken for that."""
    age = np.maximum(at - cells[_AT], 0.0)
    return np.stack([*(cells[row] * np.exp2(-age / half_life) for row, half_life in enumerate(HALF_LIVES)),
                     cells[_FADING]])
