"""The ticket classifier's arithmetic: known n-grams times weights, without a learning library."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from features.text.ngrams import Grams, count_grams
from features.text.term_matrix import Lead, TextTerms, damped_counts, occurrence_weights, text_terms
from features.text.ticket_text import TextBatch
from features.text.vocabulary import UNKNOWN, Vocabulary
from models.artefact import read_array
from models.text.familiarity import familiarity

__all__ = ["Contributions", "Float64", "LinearText"]

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
        if len(batch) == 1:
            return self._scores_of_one(*self._terms(batch))
        grams = count_grams(batch)
        return self._scores(batch, grams, self.vocabulary.find(grams.keys))

    def scores_and_familiarity(self, batch: TextBatch) -> tuple[Float64, Float64]:
        """Return the scores and, of shape (texts,), how much of each text is known, see ``models.text.familiarity``."""
        grams = count_grams(batch)
        if len(batch) == 1:
            terms, columns = self._terms(batch)
            known = (columns != UNKNOWN)[terms.places]
            return self._scores_of_one(terms, columns), familiarity(batch, grams, known)
        columns = self.vocabulary.find(grams.keys)
        return self._scores(batch, grams, columns), familiarity(batch, grams, columns != UNKNOWN)

    def _terms(self, batch: TextBatch) -> tuple[TextTerms, NDArray[np.int32]]:
        """Return the n-grams of a batch of one text and their columns."""
        terms = text_terms(batch, self.lead)
        return terms, self.vocabulary.find(terms.keys)

    def _scores(self, batch: TextBatch, grams: Grams, columns: NDArray[np.int32]) -> Float64:
        used, counts = damped_counts(batch, grams, columns, self.lead)
        norms = self.norm_weights[used].astype(np.float64)
        rows = np.repeat(np.arange(len(batch)), np.diff(counts.indptr))
        lengths = np.sqrt(np.bincount(rows, weights=(counts.data * norms[counts.indices]) ** 2, minlength=len(batch)))
        scores: Float64 = counts @ self.weights[used].astype(np.float64)
        scores /= np.where(lengths > 0, lengths, 1.0)[:, None]
        return scores + self.intercept

    def _scores_of_one(self, terms: TextTerms, columns: NDArray[np.int32]) -> Float64:
        """Return what ``_scores`` would; without a matrix it takes half the time, and every model asks this."""
        known = (columns != UNKNOWN).nonzero()[0]
        used, counts = columns[known], terms.counts[known]
        weighted = counts * self.norm_weights[used]
        scores = (counts[:, None] * self.weights[used]).sum(axis=0)
        length = np.sqrt(np.dot(weighted, weighted)) or 1.0
        found: Float64 = (scores / length + self.intercept)[None]
        return found

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

    def files(self, prefix: str = "") -> dict[str, NDArray[Any]]:
        """Return the artefact's files of these weights, their names beginning with ``prefix``."""
        return {
            f"{prefix}keys.npy": self.vocabulary.keys, f"{prefix}norm_weights.npy": self.norm_weights,
            f"{prefix}weights.npy": self.weights, f"{prefix}intercept.npy": self.intercept,
        }

    @classmethod
    def read(cls, folder: Path, prefix: str, classes: int, lead: Lead) -> Self:
        """Return what ``files`` wrote, mapped into memory; ``ArtefactError`` for arrays of another kind or shape."""
        keys = read_array(folder, f"{prefix}keys.npy", np.uint64, (None,))
        norms = read_array(folder, f"{prefix}norm_weights.npy", np.float32, (len(keys),))
        weights = read_array(folder, f"{prefix}weights.npy", np.float32, (len(keys), classes))
        intercept = read_array(folder, f"{prefix}intercept.npy", np.float64, (classes,))
        return cls(Vocabulary(keys), norms, weights, intercept, lead)
