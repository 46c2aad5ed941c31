"""Ordered classes: probabilities from thresholds of urgency, and answers that do not drown the rare classes.

A threshold's probability says how likely a ticket is at least so urgent (Frank and Hall, "A simple approach to ordinal
classification", 2001). Always answering the likeliest class never finds one that is rare, so scores are divided by a
power of the classes' shares ("logit adjustment", Menon and others 2021); the power is chosen on held-out rows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fenzhen.metrics import macro_f1

__all__ = ["best_temper", "class_probabilities", "default_costs", "temper_weights", "tempered"]

Float64 = NDArray[np.float64]
_TEMPERS = tuple(round(0.05 * step, 2) for step in range(21))
_LEAST = 1e-7


def class_probabilities(thresholds: Float64) -> Float64:
    """Return float64 (rows, classes) from (rows, classes - 1) chances of being at least so urgent, made to ascend.

    >>> class_probabilities(np.array([[0.2, 0.5], [0.6, 0.4]])).round(3).tolist()
    [[0.2, 0.3, 0.5], [0.6, 0.0, 0.4]]
    """
    edges = np.ones((thresholds.shape[0], thresholds.shape[1] + 2))
    edges[:, 0] = 0.0
    np.maximum.accumulate(thresholds, axis=1, out=edges[:, 1:-1])
    found = np.maximum(edges[:, 1:] - edges[:, :-1], _LEAST)
    shares: Float64 = found / found.sum(axis=1, keepdims=True)
    return shares


def tempered(probabilities: Float64, shares: Float64, temper: float) -> Float64:
    """Return scores that sum to 1: ``probabilities`` over ``shares ** temper``; the best one is the answer.

    >>> tempered(np.array([[0.1, 0.9]]), np.array([0.01, 0.99]), 0.5).round(2).tolist()
    [[0.53, 0.47]]
    """
    scores = probabilities * temper_weights(shares, temper)
    found: Float64 = scores / scores.sum(axis=1, keepdims=True)
    return found


def temper_weights(shares: Float64, temper: float) -> Float64:
    """Return what ``tempered`` multiplies each class by, float64 (classes,)."""
    weights: Float64 = np.maximum(shares, _LEAST) ** -temper
    return weights


def best_temper(probabilities: Float64, targets: NDArray[np.int64], shares: Float64) -> float:
    """Return the temper from 0 to 1 with the best macro-F1, averaged with its neighbours so that luck counts less."""
    found = [macro_f1(targets, tempered(probabilities, shares, temper).argmax(axis=1)) for temper in _TEMPERS]
    padded = np.pad(np.array(found), 2, mode="edge")
    smooth = np.convolve(padded, np.full(5, 0.2), mode="valid")
    return _TEMPERS[int(smooth.argmax())]


def default_costs(classes: Sequence[str]) -> Float64:
    """Return costs (true class, answer): steps between them, twice as much for an answer that is not urgent enough.

    >>> default_costs(["高", "中", "低"]).tolist()
    [[0.0, 2.0, 4.0], [1.0, 0.0, 2.0], [2.0, 1.0, 0.0]]
    """
    steps = np.subtract.outer(np.arange(len(classes)), np.arange(len(classes)))
    costs: Float64 = np.where(steps > 0, steps, -2 * steps).astype(np.float64)
    return costs
