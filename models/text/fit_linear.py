"""Learning a :class:`~models.text.linear_text.LinearText`: one linear support vector machine a class.

Counts are scaled to unit length under inverse document frequency and then stretched by how unevenly an n-gram is spread
over the classes (one plus the drop in entropy; Largeron and others, "Entropy based feature selection for text
categorization", 2011), so that rows with telling n-grams are longer. The stretch folds into the weights.
"""

import threading
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from features.text.term_matrix import Lead, learn_terms
from features.text.ticket_text import TextBatch
from models.text.linear_text import Float64, LinearText

__all__ = ["LinearSettings", "fit_linear", "inverse_frequency"]

_SMOOTHING = 0.01
_MOST_WEIGHTS = 60_000_000  # n-grams times classes: 240 MB in the artefact
_solving = threading.Lock()
"""liblinear draws from one series of random numbers a process: fits at once would disturb each other's."""


@dataclass(frozen=True)
class LinearSettings:
    """How n-grams are chosen and how firmly weights are held back (``strength`` is LinearSVC's C).

    ``minimum_texts``: in how many texts an n-gram must stand, by kind in the order of ``features.text.ngrams.KINDS``;
    ``limit``: the most n-grams that are kept.
    """

    strength: float = 0.5
    minimum_texts: tuple[int, ...] = (1, 2, 1, 1, 3, 2)
    limit: int = 600_000
    lead: Lead = field(default_factory=Lead)


def fit_linear(
    batch: TextBatch, targets: NDArray[np.int64], classes: int, settings: LinearSettings, seed: int,
) -> LinearText:
    """Return the classifier of ``targets`` (int64 in ``range(classes)``, one a text); every class occurs.

    The same input and seed give the same weights.
    """
    limit = min(settings.limit, _MOST_WEIGHTS // classes)
    vocabulary, counts = learn_terms(batch, minimum_texts=settings.minimum_texts, limit=limit, lead=settings.lead)
    present = (counts > 0).astype(np.float64)
    norms = inverse_frequency(present)
    stretch = class_focus(present, targets, classes)
    scaled = _unit_length(counts @ sp.diags(norms)) @ sp.diags(stretch)
    weights, intercept = _one_against_rest(scaled.tocsr(), targets, classes, settings.strength, seed)
    folded = weights * (norms * stretch)[:, None]
    return LinearText(vocabulary, norms.astype(np.float32), folded.astype(np.float32), intercept, settings.lead)


def inverse_frequency(present: sp.csr_matrix) -> Float64:
    """Return smoothed inverse document frequencies, as scikit-learn's ``TfidfTransformer`` defines them."""
    texts = np.asarray(present.sum(axis=0)).ravel()
    frequencies: Float64 = np.log((1 + present.shape[0]) / (1 + texts)) + 1
    return frequencies


def class_focus(present: sp.csr_matrix, targets: NDArray[np.int64], classes: int) -> Float64:
    """Return one plus the drop from the largest possible entropy of an n-gram's spread over classes.

    1 where it stands in all classes alike, up to 1 + log(classes) where it stands in one alone; classes count alike,
    however many texts they have.
    """
    sizes = np.bincount(targets, minlength=classes)
    members = sp.csr_matrix((np.ones(len(targets)), (targets, np.arange(len(targets)))), shape=(classes, len(targets)))
    rates = (members @ present).toarray().T / np.maximum(sizes, 1) * sizes[sizes > 0].mean() + _SMOOTHING
    shares = rates / rates.sum(axis=1, keepdims=True)
    focus: Float64 = 1 + np.log(classes) + (shares * np.log(shares)).sum(axis=1)
    return focus


def _unit_length(matrix: sp.csr_matrix) -> sp.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.diags(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix


def _one_against_rest(
    matrix: sp.csr_matrix, targets: NDArray[np.int64], classes: int, strength: float, seed: int,
) -> tuple[Float64, Float64]:
    """Return weights (n-grams, classes) and intercepts; of two classes, one mirrors the other."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=strength, tol=1e-2, random_state=seed, max_iter=300)
    with _solving:
        machine.fit(matrix, targets)
    weights, intercept = machine.coef_.T, machine.intercept_
    if classes == 2:
        return np.hstack([-weights, weights]), np.array([-intercept[0], intercept[0]])
    return weights, intercept
