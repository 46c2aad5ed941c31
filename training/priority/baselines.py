"""What a priority model must beat: the majority, a back-off table, and a linear model on fields and their crosses."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.priority.history_keys import best_pairs
from features.priority.tokens import TokenRows, hashed
from models.priority.fit import fit_thresholds
from models.priority.ordinal import class_probabilities
from models.priority.rows import PriorityRows

__all__ = ["PriorityBaseline", "priority_baselines"]

Float64 = NDArray[np.float64]
_LEAST_ALIKE = 5
_STRENGTH = 0.3


class PriorityBaseline(Protocol):
    """Fitted on older tickets, it gives probabilities of newer ones, float64 (tickets, classes)."""

    @property
    def name(self) -> str:
        """How reports call it."""

    def probabilities(self, older: PriorityRows, newer: PriorityRows) -> Float64:
        """Learn from tickets whose levels are known and answer others."""


def priority_baselines(classes: int, names: tuple[str, ...]) -> tuple[PriorityBaseline, ...]:
    """Return the baselines, weakest first; ``names`` are the fields of tickets.

    >>> [baseline.name for baseline in priority_baselines(4, ("site",))]
    ['majority', 'back_off', 'linear']
    """
    return Majority(classes), BackOff(classes, names), LinearCrosses(classes, names)


@dataclass(frozen=True)
class Majority:
    """The classes' shares, whatever the ticket."""

    classes: int
    name: str = "majority"

    def probabilities(self, older: PriorityRows, newer: PriorityRows) -> Float64:
        """Return the same shares for every ticket."""
        return np.tile(_shares(older.levels, self.classes), (len(newer), 1))


@dataclass(frozen=True)
class BackOff:
    """The shares among tickets alike in the best pair of fields, else in its first field, else among all."""

    classes: int
    names: tuple[str, ...]
    name: str = "back_off"

    def probabilities(self, older: PriorityRows, newer: PriorityRows) -> Float64:
        """Return damped shares of the closest table with at least ``_LEAST_ALIKE`` tickets alike."""
        found = np.tile(_shares(older.levels, self.classes), (len(newer), 1))
        pairs = best_pairs(older.values, older.levels, self.classes, self.names, limit=1)
        for key in [(pairs[0][0],), pairs[0]] if pairs else []:
            ours, theirs = (_joined(rows, key) for rows in (older, newer))
            codes, unique = pd.factorize(ours)
            counts = np.zeros((len(unique), self.classes))
            np.add.at(counts, (codes, older.levels), 1.0)
            place = pd.Index(unique).get_indexer(pd.Index(theirs))
            enough = np.flatnonzero((place >= 0) & (counts[place].sum(axis=1) >= _LEAST_ALIKE))
            damped = counts[place[enough]] + found[enough]
            found[enough] = damped / damped.sum(axis=1, keepdims=True)
        return found


@dataclass(frozen=True)
class LinearCrosses:
    """Logistic regressions on one-hot fields and all their pairs, without any history."""

    classes: int
    names: tuple[str, ...]
    name: str = "linear"

    def probabilities(self, older: PriorityRows, newer: PriorityRows) -> Float64:
        """Fit and answer."""
        keys = self._tokens(older).vocabulary(2)
        fitted, asked = (self._tokens(rows).matrix(keys) for rows in (older, newer))
        weights, intercept = fit_thresholds(fitted, older.levels, self.classes, _STRENGTH)
        return class_probabilities(1 / (1 + np.exp(-(asked @ weights + intercept))))

    def _tokens(self, rows: PriorityRows) -> TokenRows:
        keys = [(name,) for name in rows.values] + [
            (first, second) for place, first in enumerate(self.names) for second in self.names[place + 1:]]
        size = len(rows)
        parts = []
        for key in keys:
            codes, unique = pd.factorize(_joined(rows, key))
            hashes = np.array([hashed(f"{'*'.join(key)}={value}") for value in unique], dtype=np.uint64)
            parts.append(hashes[codes])
        return TokenRows(np.tile(np.arange(size), len(keys)), np.concatenate(parts), size)


def _shares(levels: NDArray[np.int64], classes: int) -> Float64:
    counts = np.bincount(levels, minlength=classes) + 1.0
    found: Float64 = counts / counts.sum()
    return found


def _joined(rows: PriorityRows, key: tuple[str, ...]) -> NDArray[np.object_]:
    joined = rows.values[key[0]]
    for name in key[1:]:
        joined = joined + "\x1f" + rows.values[name]
    return joined
