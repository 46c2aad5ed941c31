"""Does a confidence of 0.9 mean right nine times in ten: reliability table and expected calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows with ``low`` < confidence ≤ ``high``: how many, their mean confidence and the share that was right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over bins of equal width, weighted by rows; NaN for no rows.

    Bin i holds i/bins < confidence ≤ (i+1)/bins; 0 belongs to the first (Guo et al. 2017, arXiv:1706.04599, 15 bins).
    It is not a measure of quality (a model that always says the base rate has 0), nor comparable between different
    numbers of bins, and for few rows it is biased upwards.

    >>> round(expected_calibration_error([0.9] * 10, [1] * 9 + [0]), 9)
    0.0
    >>> expected_calibration_error([1.0, 1.0], [1, 0])
    0.5
    """
    table = reliability_table(confidence, correct, bins)
    rows = sum(row.count for row in table)
    return sum(row.count * abs(row.confidence - row.accuracy) for row in table) / rows if rows else float("nan")


def reliability_table(confidence: ArrayLike, correct: ArrayLike, bins: int = 15) -> list[ReliabilityBin]:
    """Return the non-empty bins of :func:`expected_calibration_error`, lowest first.

    >>> reliability_table([0.5, 0.55, 1.0], [1, 0, 1], bins=2)[0]
    ReliabilityBin(low=0.0, high=0.5, count=1, confidence=0.5, accuracy=1.0)
    """
    confidences, hits = checked(confidence, correct)
    if bins < 1:
        raise ValueError(f"got bins={bins}, expected a positive whole number")
    index = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    confidence_sum = np.bincount(index, weights=confidences, minlength=bins)
    hit_sum = np.bincount(index, weights=hits, minlength=bins)
    return [ReliabilityBin(i / bins, (i + 1) / bins, int(count[i]), float(confidence_sum[i] / count[i]),
                           float(hit_sum[i] / count[i])) for i in np.flatnonzero(count).tolist()]


def checked(confidence: ArrayLike, correct: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as float64 of one length; raises ``ValueError`` for confidences that are not in [0, 1]."""
    confidences, hits = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if confidences.shape != hits.shape or confidences.ndim != 1:
        raise ValueError(f"got {confidences.shape} confidences and {hits.shape} outcomes, expected two equal lists")
    if confidences.size and not (confidences.min() >= 0 and confidences.max() <= 1 + 1e-6):
        raise ValueError(f"got confidences from {confidences.min()} to {confidences.max()}, expected 0 to 1")
    return confidences, hits
