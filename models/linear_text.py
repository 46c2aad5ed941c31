"""The ticket classifier's arithmetic: known n-grams times weights, without a learning library."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.ngrams import Grams, count_grams
from features.term_matrix import Lead, damped_counts, occurrence_weights
from features.ticket_text import TextBatch
from features.vocabulary import UNKNOWN, Vocabulary

__all__ = ["Contributions", "LinearText"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each known occurrence of an n-gram adds to every class's score, for one text.

    ``starts`` and ``ends`` are half-open positions in the text's characters, int64 of shape (occurrences,);
    ``values`` are float64 of shape (occurrences, classes) and sum to the scores less the intercept.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    values: Float64


@dataclass(frozen=True, eq=False)
class LinearText:
    """Scores of a linear classifier over damped n-gram counts.

    A text's counts are divided by the length of its vector under ``norm_weights`` (inverse document frequency), so
    that long and short tickets compare. ``weights`` are float32 of shape (n-grams, classes), ``norm_weights`` float32
    of shape (n-grams,), ``intercept`` float64 of shape (classes,).
    """

    vocabulary: Vocabulary
    norm_weights: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: Float64
    lead: Lead

    def scores(self, batch: TextBatch) -> Float64:
        """Return float64 of shape (texts, classes); a text without a known n-gram scores the intercept."""
        return self.scores_and_familiarity(batch)[0]

    def scores_and_familiarity(self, batch: TextBatch) -> tuple[Float64, Float64]:
        """Return the scores and, of shape (texts,), the share of a text's letters that the model knows.

        A letter is known if it stands in a known word or is a known ideograph; the share is 0 for another language
        and for a text without letters.
        """
        grams = count_grams(batch)
        columns = self.vocabulary.find(grams.keys)
        return self._scores(batch, grams, columns), known_share(batch, grams, columns != UNKNOWN)

    def _scores(self, batch: TextBatch, grams: Grams, columns: NDArray[np.int32]) -> Float64:
        used, counts = damped_counts(batch, grams, columns, self.lead)
        norms = self.norm_weights[used].astype(np.float64)
        squares = counts.copy()
        squares.data **= 2
        lengths = np.sqrt(squares @ norms**2)
        scores: Float64 = counts @ self.weights[used].astype(np.float64)
        scores /= np.where(lengths > 0, lengths, 1.0)[:, None]
        return scores + self.intercept

    def contributions(self, batch: TextBatch) -> Contributions:
        """Return the parts of the scores of a batch of one text, an n-gram's value shared among its occurrences."""
        grams = count_grams(batch)
        columns = self.vocabulary.find(grams.keys)
        known = columns != UNKNOWN
        columns, shares = columns[known], occurrence_weights(grams, batch, self.lead)[known]
        terms, index = np.unique(columns, return_inverse=True)
        totals = np.bincount(index, weights=shares, minlength=len(terms))
        damped = 1.0 + np.log(totals)
        length = np.sqrt(np.sum((damped * self.norm_weights[terms]) ** 2)) or 1.0
        values = (shares * (damped / totals)[index] / length)[:, None] * self.weights[columns]
        return Contributions(grams.starts[known], grams.ends[known], values)


def known_share(batch: TextBatch, grams: Grams, known: NDArray[np.bool_]) -> Float64:
    """Return the share of each text's letters within known words or known ideographs, see ``LinearText``."""
    words, pairs, characters = np.cumsum(grams.sizes)[:3]
    change = np.zeros(len(batch.codes) + 1, dtype=np.int64)
    in_words = np.flatnonzero(known[:words])
    np.add.at(change, grams.starts[in_words], 1)
    np.add.at(change, grams.ends[in_words], -1)
    recognised = np.cumsum(change)[:-1] > 0
    single = grams.starts[pairs:characters][known[pairs:characters]]
    recognised[single[_is_ideograph(batch.codes[single])]] = True
    letters = _is_letter(batch.codes)
    owners = np.repeat(np.arange(len(batch)), np.diff(batch.text_starts))
    totals = np.bincount(owners[letters], minlength=len(batch))
    return np.bincount(owners[letters & recognised], minlength=len(batch)) / np.maximum(totals, 1)


def _is_ideograph(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return ((codes >= 0x3400) & (codes <= 0x9FFF)) | ((codes >= 0x20000) & (codes <= 0x3FFFF))


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    distinct, index = np.unique(codes, return_inverse=True)
    letters = np.fromiter((chr(code).isalpha() for code in distinct), dtype=bool, count=len(distinct))
    return letters[index]
