"""How often each known n-gram stands in each text, damped, as one sparse matrix."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from features.text.ngrams import Grams, UInt64, count_grams
from features.text.ticket_text import KEPT_TICKETS, TextBatch
from features.text.vocabulary import UNKNOWN, Vocabulary

__all__ = ["Lead", "TextTerms", "damped_counts", "learn_terms", "occurrence_weights", "text_terms"]


@dataclass(frozen=True)
class Lead:
    """The opening of a ticket says most of what it is about: n-grams that begin there count ``weight`` times."""

    characters: int = 24
    weight: float = 1.0


def learn_terms(
    batch: TextBatch, *, minimum_texts: tuple[int, ...], limit: int, lead: Lead,
) -> tuple[Vocabulary, sp.csr_matrix]:
    """Return the n-grams that stand in at least so many texts (by kind, see ``KINDS``), and their damped counts.

    The counts are float64 of shape (texts, n-grams): 1 + log of the weighted number of occurrences, 0 for none. Of
    more than ``limit`` the most frequent stay. Keys are in ascending order, so the same texts in another order give
    the same vocabulary.
    """
    grams = count_grams(batch)
    codes, keys = pd.factorize(grams.keys)
    kinds = np.zeros(len(keys), dtype=np.int64)
    kinds[codes] = np.repeat(np.arange(len(grams.sizes)), grams.sizes)
    weights = occurrence_weights(grams, batch, lead)
    counts = sp.coo_matrix((weights, (grams.texts, codes)), shape=(len(batch), len(keys))).tocsr()
    frequencies = np.bincount(counts.indices, minlength=len(keys))
    kept = np.flatnonzero(frequencies >= np.asarray(minimum_texts)[kinds])
    if len(kept) > limit:
        kept = kept[np.lexsort((keys[kept], -frequencies[kept]))[:limit]]
    kept = kept[np.argsort(keys[kept])]
    counts = counts[:, kept]
    counts.sort_indices()
    counts.data = 1.0 + np.log(counts.data)
    return Vocabulary(keys[kept]), counts


def damped_counts(
    batch: TextBatch,
    grams: Grams,
    columns: NDArray[np.int32],
    lead: Lead,
) -> tuple[NDArray[np.int64], sp.csr_matrix]:
    """Return which n-grams occur, ascending, and their damped counts (texts, occurring n-grams).

    ``columns`` are the n-grams' indices in the vocabulary. Only what occurs is kept, so that a single ticket never
    touches a whole vocabulary.
    """
    known = np.flatnonzero(columns != UNKNOWN)
    weights = occurrence_weights(grams, batch, lead)[known]
    used, index = _distinct(columns[known].astype(np.int64))
    cells, occurrences = _distinct(grams.texts[known] * len(used) + index)
    counts = 1.0 + np.log(np.bincount(occurrences, weights=weights, minlength=len(cells)))
    row_starts = np.searchsorted(cells, np.arange(len(batch) + 1) * len(used))
    places = cells % max(len(used), 1)
    return used, sp.csr_matrix((counts, places, row_starts), shape=(len(batch), len(used)))


@dataclass(frozen=True, slots=True, eq=False)
class TextTerms:
    """The distinct n-grams of one text: their ``keys``, ascending, and damped ``counts``, float64 of the same shape.

    ``places`` are int64 of shape (occurrences,): where each of ``count_grams`` stands among them.
    """

    keys: UInt64
    counts: NDArray[np.float64]
    places: NDArray[np.int64]


@lru_cache(KEPT_TICKETS)
def text_terms(batch: TextBatch, lead: Lead) -> TextTerms:
    """Return the n-grams of a batch of one text, whether a model knows them or not.

    They are sorted once for all models that ask, and counted once for those of the same lead (see ``KEPT_TICKETS``);
    ascending keys are found in a vocabulary without jumping about in it.
    """
    grams, (keys, places) = count_grams(batch), _sorted(batch)
    totals = np.bincount(places, weights=occurrence_weights(grams, batch, lead), minlength=len(keys))
    counts = 1.0 + np.log(totals)
    counts.setflags(write=False)
    return TextTerms(keys, counts, places)


@lru_cache(KEPT_TICKETS)
def _sorted(batch: TextBatch) -> tuple[UInt64, NDArray[np.int64]]:
    keys, places = np.unique(count_grams(batch).keys, return_inverse=True)
    keys.setflags(write=False)
    places.setflags(write=False)
    return keys, places


def occurrence_weights(grams: Grams, batch: TextBatch, lead: Lead) -> NDArray[np.float64]:
    """Return what each occurrence counts: ``lead.weight`` within the opening of its text, else 1."""
    opening = grams.starts - batch.text_starts[grams.texts] < lead.characters
    return np.where(opening, lead.weight, 1.0)


_SPARSE = 8
"""So many times more numbers than are there cost as much in a table as those that are there cost in sorting."""


def _distinct(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct numbers, ascending, and each one's place among them; all are from 0.

    What ``np.unique`` gives; where the numbers lie close together a table finds it many times faster than sorting.

    >>> [found.tolist() for found in _distinct(np.array([7, 2, 7, 3]))]
    [[2, 3, 7], [2, 0, 2, 1]]
    """
    span = int(numbers.max(initial=-1)) + 1
    if span > _SPARSE * len(numbers):
        return np.unique(numbers, return_inverse=True)
    there = np.zeros(span, dtype=bool)
    there[numbers] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[numbers]
