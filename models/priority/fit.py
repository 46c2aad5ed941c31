"""Learning a priority model: a logistic regression for each threshold of urgency over sparse tokens and words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from features.priority.history_keys import best_fields, best_pairs
from features.priority.space import PrioritySpace
from features.priority.tokens import TokenRows
from features.text.segment import Segmenter
from features.text.term_matrix import Lead, learn_terms
from features.text.ticket_text import TextBatch, text_batch
from models.priority.model import PriorityModel
from models.priority.rows import PriorityRows
from models.text.fit_linear import LinearSettings, inverse_frequency
from models.text.linear_text import LinearText

__all__ = ["FittedPriority", "PriorityFitting", "fit_thresholds", "token_rows"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_LEAST_TICKETS = 2  # with a token, to be kept
_TOLERANCE = 1e-2
_LEAST_TEXTS = (5, 5, 5, 5, 8, 5)  # with an n-gram, by kind; rarer ones would double the vocabulary for nothing
_WORD_LENGTH = 12.0  # a ticket's words together weigh as this many tokens


def token_rows(rows: PriorityRows, space: PrioritySpace) -> TokenRows:
    """Return the tokens of tickets, each with its history as of its creation."""
    counts = rows.past.counts(rows.values, rows.at, space.keys, len(space.order))
    return space.tokens.of_rows(rows.values, counts)


def fit_thresholds(matrix: sp.csr_matrix, levels: Int64, classes: int, strength: float) -> tuple[Float64, Float64]:
    """Return weights (columns, classes - 1) and intercepts of "at least so urgent"; deterministic.

    Where all or none of the tickets are so urgent, only the intercept speaks, as if one more ticket of each had been
    seen.
    """
    from sklearn.linear_model import LogisticRegression

    weights, intercept = np.zeros((matrix.shape[1], classes - 1)), np.zeros(classes - 1)
    for threshold in range(classes - 1):
        urgent = levels <= threshold
        if 0 < urgent.sum() < len(urgent):
            machine = LogisticRegression(C=strength, solver="liblinear", tol=_TOLERANCE, max_iter=300)
            machine.fit(matrix, urgent)
            weights[:, threshold], intercept[threshold] = machine.coef_[0], machine.intercept_[0]
        else:
            share = (urgent.sum() + 1) / (len(urgent) + 2)
            intercept[threshold] = np.log(share / (1 - share))
    return weights, intercept


@dataclass(frozen=True)
class PriorityFitting:
    """How a model is learnt from rows whose level is known."""

    label: str
    order: tuple[str, ...]
    segmenter: Segmenter

    def prepared(self, rows: PriorityRows) -> "FittedPriority":
        """Choose the keys that get a history, read the rows and learn their vocabulary; every level is known."""
        alone = best_fields(rows.values, rows.levels, len(self.order), rows.fields.names)
        pairs = best_pairs(rows.values, rows.levels, len(self.order), rows.fields.all_names)
        space = PrioritySpace.of(rows.fields, (*alone, *pairs), self.label, self.order)
        tokens = token_rows(rows, space)
        keys = tokens.vocabulary(_LEAST_TICKETS)
        words = _Words.of(self.batch(rows)) if rows.has_text else None
        blocks = [tokens.matrix(keys), *([words.matrix] if words else [])]
        return FittedPriority(self, space, keys, sp.hstack(blocks).tocsr(), rows.levels, words)

    def batch(self, rows: PriorityRows) -> TextBatch:
        """Return the words of tickets."""
        return text_batch(rows.subjects, rows.bodies, self.segmenter, segmented=rows.segmented)

    def logits(self, model: PriorityModel, rows: PriorityRows) -> Float64:
        """Return the thresholds' logits of many tickets, float64 (tickets, thresholds)."""
        tokens = token_rows(rows, model.space).matrix(model.keys)
        found: Float64 = tokens @ model.weights.astype(np.float64) + model.intercept
        return found + model.word_logits(self.batch(rows)) if model.words is not None else found


@dataclass(frozen=True, eq=False)
class FittedPriority:
    """Rows that are ready to be fitted, with any strength."""

    fitting: PriorityFitting
    space: PrioritySpace
    keys: NDArray[np.uint64]
    matrix: sp.csr_matrix
    levels: Int64
    words: "_Words | None"

    def fit(self, strength: float) -> PriorityModel:
        """Return the model of that strength."""
        classes, size = len(self.space.order), len(self.keys)
        weights, intercept = fit_thresholds(self.matrix, self.levels, classes, strength)
        words = self.words.linear(weights[size:]) if self.words else None
        return PriorityModel(self.space, self.keys, weights[:size].astype(np.float32), intercept, words)


@dataclass(frozen=True, eq=False)
class _Words:
    """Words of fitted tickets: scaled to a common length under inverse document frequency."""

    vocabulary: Any
    norms: Float64
    matrix: sp.csr_matrix
    lead: Lead

    @classmethod
    def of(cls, batch: TextBatch) -> "_Words":
        settings = LinearSettings(minimum_texts=_LEAST_TEXTS)
        vocabulary, counts = learn_terms(batch, minimum_texts=settings.minimum_texts, limit=settings.limit,
                                         lead=settings.lead)
        norms = inverse_frequency((counts > 0).astype(np.float64))
        scaled = counts @ sp.diags(norms)
        lengths = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
        unit = sp.diags(_WORD_LENGTH / np.where(lengths > 0, lengths, 1.0)) @ scaled
        return cls(vocabulary, norms, unit.tocsr(), settings.lead)

    def linear(self, weights: Float64) -> LinearText:
        folded = weights * (self.norms * _WORD_LENGTH)[:, None]
        return LinearText(self.vocabulary, self.norms.astype(np.float32), folded.astype(np.float32),
                          np.zeros(weights.shape[1]), self.lead)
