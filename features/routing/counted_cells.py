"""Counts by value and candidate of one key, as they change: a snapshot below, and what was touched since on top."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.routing.candidate_history import HALF_LIVES
from features.routing.history_snapshot import CELL, CountedKey
from features.routing.ticket_story import TOUCH, Fact

__all__ = ["CountedCells", "read_cells"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Cells = tuple[Int64, Float64]
"""Codes of candidates and their cells (candidates, CELL); that of all of them stands under ``_TOTAL``."""
_TOTAL = -1
"""The code under which the cell of all candidates stands."""
_FADING = len(HALF_LIVES)
_SOLVED, _AT = CELL.index("solved"), CELL.index("at")
_COUNTS = _AT
"""So many counts a cell begins with: the fading ones, then the solved tickets."""
_FADES = np.array([-1 / half_life for half_life in HALF_LIVES])
_MOST_KEPT = 1_000
"""Values of a key whose cells are kept at hand; one more, and all are let go."""
_RESIDUE = 1e-9
"""Less than this, of what is taken back, is rounding and not a count."""


class CountedCells:
    """The cells of one key; a value's are copied from the snapshot when something first changes there."""

    def __init__(self, below: CountedKey) -> None:
        self._below = below
        self._changed: dict[str, dict[int, list[float]]] = {}
        self._arrays: dict[str, Cells] = {}

    def has(self, value: str) -> bool:
        """Return whether anything was ever counted under a value."""
        return value in self._changed or value in self._below.index

    def add(self, value: str, code: int, fact: Fact, sign: float) -> None:
        """Count a fact of a candidate, or take it back (``sign`` -1)."""
        cells = self._changed.get(value)
        if cells is None:
            cells = self._changed[value] = self._copied(value)
        for who in (code, _TOTAL):
            cell = cells.setdefault(who, [*[0.0] * _COUNTS, fact.at])
            if fact.kind == TOUCH:
                _fade_to(cell, max(cell[_AT], fact.at))
                for row, half_life in enumerate(HALF_LIVES):
                    weight = 2.0 ** ((fact.at - cell[_AT]) / half_life)
                    left = cell[row] + sign * weight
                    cell[row] = left if left > _RESIDUE * weight else 0.0
            else:
                cell[_SOLVED] += sign
        self._arrays.pop(value, None)

    def at_value(self, value: str) -> Cells | None:
        """Return what is counted under a value, None if nothing is.

        What was asked for is kept until an event changes it: most tickets ask for the same few values of most keys.
        """
        found = self._arrays.get(value)
        if found is None:
            changed = self._changed.get(value)
            found = self._below_at(value) if changed is None else _as_arrays(changed)
            if found is not None:
                if len(self._arrays) >= _MOST_KEPT:
                    self._arrays.clear()
                self._arrays[value] = found
        return found

    def _below_at(self, value: str) -> Cells | None:
        found = self._below.of(value)
        if found is None:
            return None
        who, cells, total = found
        return np.append(who, _TOTAL), np.concatenate((cells, total))

    def _copied(self, value: str) -> dict[int, list[float]]:
        found = self._below.of(value)
        if found is None:
            return {}
        who, cells, total = found
        return {**dict(zip(who.tolist(), cells.tolist(), strict=True)), _TOTAL: total[0].tolist()}


def _as_arrays(changed: dict[int, list[float]]) -> Cells:
    return np.fromiter(changed, np.int64, len(changed)), np.array(list(changed.values()))


def _fade_to(cell: list[float], at: float) -> None:
    for row, half_life in enumerate(HALF_LIVES):
        cell[row] *= 2.0 ** ((cell[_AT] - at) / half_life)
    cell[_AT] = at


def read_cells(
    asked: Sequence[tuple[CountedCells, str]], at: float, place: Int64, candidates: int,
) -> tuple[Float64, Float64]:
    """Return the counts under each value asked for: of ``candidates`` (asked, counts, candidates), of all (…, 1).

    ``place`` has an entry a candidate's code, -1 for those who are not asked for, and at its end ``candidates``, where
    all together go. All cells are looked through and faded at once: dozens of short NumPy calls would take longer than
    the rest of an answer.
    """
    counts = np.zeros((len(asked), _COUNTS, candidates + 1))
    found = [(number, cells) for number, (counted, value) in enumerate(asked)
             if (cells := counted.at_value(value)) is not None]
    if found:
        who = [codes for _, (codes, _) in found]
        places = place[np.concatenate(who)]
        chosen = (places >= 0).nonzero()[0]
        rows = np.repeat([number for number, _ in found], [len(codes) for codes in who])[chosen]
        counts[rows, :, places[chosen]] = _as_of(np.concatenate([cells for _, (_, cells) in found])[chosen], at)
    return counts[:, :, :candidates], counts[:, :, candidates:]


def _as_of(cells: Float64, at: float) -> Float64:
    """Return counts (n, counts) of cells (n, CELL) at a later moment; one before the cell's own is taken for that."""
    found = cells[:, :_COUNTS].copy()
    age = np.maximum(at - cells[:, _AT:], 0.0)
    found[:, :_FADING] *= np.exp2(age * _FADES)
    return found
