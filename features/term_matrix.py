"""How often each known n-gram stands in each text, damped, as one sparse matrix."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from features.ngrams import Grams, count_grams
from features.ticket_text import TextBatch
from features.vocabulary import UNKNOWN, Vocabulary

__all__ = ["Lead", "build_vocabulary", "damped_counts", "occurrence_weights", "term_matrix"]


@dataclass(frozen=True)
class Lead:
    """The opening of a ticket says most of what it is about: n-grams that begin there count ``weight`` times."""

    characters: int = 24
    weight: float = 1.0


def build_vocabulary(batch: TextBatch, *, minimum_texts: tuple[int, ...], limit: int) -> Vocabulary:
    """Return the n-grams that stand in at least so many texts (by kind, see ``KINDS``), the most frequent ``limit``.

    Keys are in ascending order, so the same texts in another order give the same vocabulary.
    """
    grams = count_grams(batch)
    kept: list[NDArray[np.uint64]] = []
    frequencies: list[NDArray[np.int64]] = []
    bounds = np.cumsum([0, *grams.sizes])
    for first, last, minimum in zip(bounds[:-1], bounds[1:], minimum_texts, strict=True):
        keys, texts = _text_frequencies(grams.keys[first:last], grams.texts[first:last])
        kept.append(keys[texts >= minimum])
        frequencies.append(texts[texts >= minimum])
    keys, texts = np.concatenate(kept), np.concatenate(frequencies)
    if len(keys) > limit:
        keys = keys[np.lexsort((keys, -texts))[:limit]]
    return Vocabulary(np.sort(keys))


def term_matrix(batch: TextBatch, vocabulary: Vocabulary, lead: Lead) -> sp.csr_matrix:
    """Return float64 of shape (texts, n-grams): 1 + log of the weighted number of occurrences, 0 for none."""
    grams = count_grams(batch)
    used, counts = damped_counts(batch, grams, vocabulary.find(grams.keys), lead)
    wide = sp.csr_matrix((counts.data, used[counts.indices], counts.indptr), shape=(len(batch), len(vocabulary)))
    wide.has_sorted_indices = True
    return wide


def damped_counts(
    batch: TextBatch,
    grams: Grams,
    columns: NDArray[np.int32],
    lead: Lead,
) -> tuple[NDArray[np.int64], sp.csr_matrix]:
    """Return which n-grams occur, ascending, and their damped counts (texts, occurring n-grams), as in ``term_matrix``.

    ``columns`` are the n-grams' indices in the vocabulary. Only what occurs is kept, so that a single ticket never
    touches a whole vocabulary.
    """
    known = columns != UNKNOWN
    used, index = np.unique(columns[known], return_inverse=True)
    weights = occurrence_weights(grams, batch, lead)[known]
    shape = (len(batch), len(used))
    matrix = sp.coo_matrix((weights, (grams.texts[known], index)), shape=shape).tocsr()
    matrix.sort_indices()
    matrix.data = 1.0 + np.log(matrix.data)
    return used, matrix


def occurrence_weights(grams: Grams, batch: TextBatch, lead: Lead) -> NDArray[np.float64]:
    """Return what each occurrence counts: ``lead.weight`` within the opening of its text, else 1."""
    opening = grams.starts - batch.text_starts[grams.texts] < lead.characters
    return np.where(opening, lead.weight, 1.0)


def _text_frequencies(
    keys: NDArray[np.uint64], texts: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct keys and in how many texts each stands."""
    distinct, index = np.unique(keys, return_inverse=True)
    pairs = np.unique(index * (texts.max(initial=0) + 1) + texts)
    return distinct, np.bincount(pairs // (texts.max(initial=0) + 1), minlength=len(distinct))
