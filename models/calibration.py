"""From scores to probabilities that can be believed: a softmax with one scale and a shift for each class.

"Vector scaling" with a shared slope, between temperature scaling and full vector scaling of Guo and others, "On
calibration of modern neural networks" (2017). Scale and shifts come from rows that the scores were not fitted on.
"""

from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

__all__ = ["Calibrator", "fit_calibrator", "softmax"]

Float64 = NDArray[np.float64]
_PULL = 1.0


@dataclass(frozen=True, eq=False)
class Calibrator:
    """``softmax(scale * scores + shift)``; ``shift`` is float64 of shape (classes,)."""

    scale: float
    shift: Float64

    def probabilities(self, scores: Float64) -> Float64:
        """Return float64 of the scores' shape (rows, classes); every row sums to 1."""
        return softmax(self.scale * scores + self.shift)


def softmax(logits: Float64) -> Float64:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Float64 = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def fit_calibrator(scores: Float64, targets: NDArray[np.int64]) -> Calibrator:
    """Return the calibrator of least log loss on held-out scores (rows, classes) and true class indices.

    Shifts are pulled towards 0, so that a class with few rows moves little.
    """
    rows, classes = scores.shape
    hits = np.zeros((rows, classes))
    hits[np.arange(rows), targets] = 1.0

    def loss(parameters: Float64) -> tuple[float, Float64]:
        scale, shift = np.exp(parameters[0]), parameters[1:]
        probabilities = softmax(scale * scores + shift)
        picked = probabilities[np.arange(rows), targets]
        error = probabilities - hits
        gradient = np.concatenate([[scale * np.sum(error * scores)], error.sum(axis=0) + 2 * _PULL * shift])
        return float(-np.log(np.maximum(picked, 1e-300)).sum() + _PULL * np.sum(shift**2)), gradient

    start = np.concatenate([[np.log(3.0)], np.zeros(classes)])
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-4, 6)] + [(-10, 10)] * classes)
    return Calibrator(float(np.exp(found.x[0])), np.asarray(found.x[1:], dtype=np.float64))
