"""The fast linear stage: one-hot fields that tell something, crosses and words give each known candidate a chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from features.routing.candidate_history import HistoryKey
from features.routing.fields import FieldValues
from features.text.ticket_text import KEPT_TICKETS
from fenzhen.errors import ArtefactError
from models.artefact import read_array, read_json

__all__ = ["LEAST_LOG_PROBABILITY", "LinearHead", "Terms", "terms_of_rows", "terms_of_ticket", "word_terms"]

Float64 = NDArray[np.float64]
Objects = NDArray[np.object_]
LEAST_LOG_PROBABILITY = -12.0
"""What a candidate has whom the stage has never seen."""


def terms_of_ticket(values: FieldValues, keys: Sequence[HistoryKey], words: Sequence[str] = ()) -> list[str]:
    """Return the terms of one ticket: a value of each key, and each of its words once.

    >>> terms_of_ticket({"site": "上海"}, [HistoryKey(("site",))], ["卡纸", "卡纸"])
    ['site=上海', 'word=卡纸']
    """
    return [*(f"{key.name}={key.of(values)}" for key in keys), *word_terms(tuple(words))]


@lru_cache(KEPT_TICKETS)
def word_terms(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the terms of words; the next model asks about the same ticket."""
    return tuple(f"word={word}" for word in dict.fromkeys(words))


def terms_of_rows(
    values: Mapping[str, Objects], keys: Sequence[HistoryKey], words: Sequence[Sequence[str]] | None = None,
) -> list[list[str]]:
    """Return the same for many tickets; ``values`` hold an array a field."""
    columns = [[f"{key.name}={value}" for value in key.of_columns(values)] for key in keys]
    rows = [list(row) for row in zip(*columns, strict=True)]
    if words is not None:
        for row, said in zip(rows, words, strict=True):
            row += [f"word={word}" for word in dict.fromkeys(said)]
    return rows


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms that a linear stage knows, each with its row of weights."""

    names: tuple[str, ...]
    index: Mapping[str, int]

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        """Return terms numbered in this order."""
        return cls(tuple(names), {name: row for row, name in enumerate(names)})

    @classmethod
    def learn(cls, rows: Sequence[Sequence[str]], least: int, limit: int) -> Self:
        """Return the terms of at least so many tickets; of more than ``limit`` the most frequent, in their order."""
        counts = pd.Series([name for row in rows for name in row], dtype=object).value_counts(sort=False)
        counts = counts[counts >= least].sort_index()
        return cls.of(sorted(counts.sort_values(ascending=False, kind="stable").index[:limit]))

    def rows(self, terms: Sequence[str]) -> list[int]:
        """Return the rows of a ticket's terms; unknown terms vanish."""
        return [row for row in map(self.index.get, terms) if row is not None]

    def matrix(self, rows: Sequence[Sequence[str]]) -> sp.csr_matrix:
        """Return float64 of shape (tickets, terms): 1 where the ticket has the term; unknown terms vanish."""
        found = [self.rows(row) for row in rows]
        ends = np.cumsum([0, *map(len, found)])
        columns = np.array([column for row in found for column in row], dtype=np.int64)
        return sp.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(self.names)))


@dataclass(frozen=True, eq=False)
class LinearHead:
    """Weights float32 (terms, classes) and intercepts float32 (classes,) of candidates or groups."""

    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def log_probabilities(self, matrix: sp.csr_matrix) -> Float64:
        """Return float64 of shape (tickets, classes), none below ``LEAST_LOG_PROBABILITY``."""
        return _log_softmax(np.asarray(matrix @ self.weights, dtype=np.float64) + self.intercept)

    def of_ticket(self, rows: Sequence[int]) -> Float64:
        """Return the same, float64 (classes,), for one ticket that has the terms of these rows."""
        weights = self.weights.take(np.array(rows, dtype=np.int64), axis=0)
        return _log_softmax(np.add.reduce(weights, axis=0, dtype=np.float64) + self.intercept)

    def at(self, names: Sequence[str], log_probabilities: Float64) -> Float64:
        """Return those of the classes, float64 (classes,), that belong to some names, float64 (names,)."""
        places = np.array([self._places.get(name, -1) for name in names], dtype=np.int64)
        return np.where(places < 0, LEAST_LOG_PROBABILITY, log_probabilities[places])

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.classes)}

    def files(self, prefix: str) -> dict[str, Any]:
        """Return the artefact's files."""
        return {f"{prefix}_classes.json": list(self.classes), f"{prefix}_weights.npy": self.weights,
                f"{prefix}_intercept.npy": self.intercept}

    @classmethod
    def read(cls, folder: Path, prefix: str, terms: int) -> Self:
        """Read what ``files`` gave; ``ArtefactError`` for shapes that do not fit."""
        classes = read_json(folder, f"{prefix}_classes.json")
        if not isinstance(classes, list) or not classes or not all(isinstance(name, str) for name in classes):
            raise ArtefactError(f"{folder / f'{prefix}_classes.json'}: expected a list of names")
        weights = read_array(folder, f"{prefix}_weights.npy", np.float32, (terms, len(classes)))
        return cls(tuple(classes), weights, read_array(folder, f"{prefix}_intercept.npy", np.float32, (len(classes),)))


def _log_softmax(scores: Float64) -> Float64:
    shifted = scores - np.maximum.reduce(scores, axis=-1, keepdims=True)
    found = shifted - np.log(np.add.reduce(np.exp(shifted), axis=-1, keepdims=True))
    kept: Float64 = np.maximum(found, LEAST_LOG_PROBABILITY)
    return kept
