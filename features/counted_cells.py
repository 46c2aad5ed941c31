"""Counts by value and candidate of one key, as they change: a snapshot below, and what was touched since on top."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.candidate_history import HALF_LIVES
from features.history_snapshot import CountedKey
from features.ticket_story import TOUCH, Fact

__all__ = ["CountedCells", "read_cells"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_TOTAL = -1
_FADING = len(HALF_LIVES)
_AT = _FADING + 1
_COUNTS = _FADING + 1
_FADES = np.array([-1 / half_life for half_life in HALF_LIVES])
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

    def at_value(self, value: str) -> tuple[Int64, Float64, Float64] | None:
        """Return the codes of candidates under a value, their cells (candidates, CELL) and those of all; None if none.
        """
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


def read_cells(
    asked: Sequence[tuple[CountedCells, str]], at: float, place: Int64, candidates: int,
) -> tuple[Float64, Float64]:
    """Return the counts under each value asked for: of ``candidates`` (asked, counts, candidates), of all (…, 1).

    ``place`` has an entry a candidate's code, -1 for those who are not asked for. All cells are faded at once: dozens
    of short NumPy calls would take longer than the rest of an answer.
    """
    own, total = np.zeros((len(asked), _COUNTS, candidates)), np.zeros((len(asked), _COUNTS, 1))
    numbers, lengths, places, cells, wholes = [], [], [], [], []
    for number, (counted, value) in enumerate(asked):
        found = counted.at_value(value)
        if found is not None:
            at_place = place[found[0]]
            chosen = at_place >= 0
            places.append(at_place[chosen])
            cells.append(found[1][chosen])
            numbers.append(number)
            lengths.append(len(places[-1]))
            wholes.append(found[2])
    if numbers:
        rows = np.repeat(numbers, lengths)
        own[rows, :, np.concatenate(places)] = _as_of(np.concatenate(cells), at)
        total[numbers, :, 0] = _as_of(np.array(wholes), at)
    return own, total


def _as_of(cells: Float64, at: float) -> Float64:
    """Return counts (n, counts) of cells (n, CELL) at a later moment; one before the cell's own is taken for that."""
    found = cells[:, :_COUNTS].copy()
    age = np.maximum(at - cells[:, _AT], 0.0)
    found[:, :_FADING] *= np.exp2(age[:, None] * _FADES)
    return found
