"""From scores to probabilities that can be believed: a softmax with one scale and a shift for each class.

"Vector scaling" with a shared slope, between temperature scaling and full vector scaling of Guo and others, "On
calibration of modern neural networks" (2017). Scale and shifts come from rows that the scores were not fitted on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError

__all__ = ["Calibrator", "fit_calibrator", "softmax"]

Float64 = NDArray[np.float64]
_PULL = 1.0  # weight of the squared shifts beside the log loss, which is a sum over rows


@dataclass(frozen=True, eq=False)
class Calibrator:
    """``softmax(scale * scores + shift)``; ``shift`` is float64 of shape (classes,)."""

    scale: float
    shift: Float64

    def probabilities(self, scores: Float64) -> Float64:
        """Return float64 of the scores' shape (rows, classes); every row sums to 1."""
        return softmax(self.scale * scores + self.shift)

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"scale": self.scale, "shift": self.shift.tolist()}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], classes: int) -> Self:
        """Return what ``facts`` said; ``ArtefactError`` for anything but finite numbers, one shift a class."""
        scale, shift = float(facts["scale"]), np.asarray(facts["shift"], dtype=np.float64)
        if not np.isfinite(scale) or shift.shape != (classes,) or not np.isfinite(shift).all():
            raise ArtefactError(f"got the calibration {scale}, {shift}, expected a finite scale and {classes} shifts")
        return cls(scale, shift)


def softmax(logits: Float64) -> Float64:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Float64 = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def fit_calibrator(scores: Float64, targets: NDArray[np.int64]) -> Calibrator:
    """Return the calibrator of least log loss on held-out scores (rows, classes) and true class indices.

    Shifts are pulled towards 0, so that a class with few rows moves little. As if two more rows had been seen, of
    which one had been any class (after Platt 1999), so that few rows without a mistake do not make it certain.
    """
    rows, classes = scores.shape
    shares = np.full((rows, classes), 1 / (rows + 2) / classes)
    shares[np.arange(rows), targets] += (rows + 1) / (rows + 2)
    start = np.concatenate([[np.log(3.0)], np.zeros(classes)])
    found = scipy.optimize.minimize(
        calibration_loss, start, (scores, shares), jac=True, method="L-BFGS-B",
        bounds=[(-4, 6)] + [(-10, 10)] * classes,
    )
    return Calibrator(float(np.exp(found.x[0])), np.asarray(found.x[1:], dtype=np.float64))


def calibration_loss(parameters: Float64, scores: Float64, shares: Float64) -> tuple[float, Float64]:
    """Return the pulled cross entropy of log scale and shifts, and its gradient; ``shares`` are the rows' classes."""
    scale, shift = np.exp(parameters[0]), parameters[1:]
    logits = scale * scores + shift
    error = softmax(logits) - shares
    gradient = np.concatenate([[scale * np.sum(error * scores)], error.sum(axis=0) + 2 * _PULL * shift])
    totals = scipy.special.logsumexp(logits, axis=1)
    return float(totals.sum() - np.sum(shares * logits) + _PULL * np.sum(shift**2)), gradient
