"""From which confidence a class may be applied by itself or suggested, so that precision is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fenzhen.metrics import wilson_lower

__all__ = ["TargetPrecision", "Thresholds", "learn_thresholds"]

Thresholds = Mapping[str, Mapping[str, float | None]]
"""Class -> ``auto`` and ``suggest``: the confidence from which the decision is taken, None for never."""

_MINIMUM_ROWS = 20
_CERTAINTY = 1.2816  # one-sided 90 %


@dataclass(frozen=True, slots=True)
class TargetPrecision:
    """Precision that each decision must keep among the rows decided so, from 0 to 1."""

    auto: float = 0.95
    suggest: float = 0.70


def learn_thresholds(
    probabilities: NDArray[np.float64], targets: NDArray[np.int64], classes: Sequence[str], precision: TargetPrecision,
    answers: NDArray[np.int64] | None = None,
) -> dict[str, dict[str, float | None]]:
    """Return thresholds from held-out rows: ``probabilities`` of shape (rows, classes), true class indices.

    A threshold is the lowest confidence, cut to six decimals, from which on the lower bound of the precision (Wilson,
    one-sided 90 %) keeps the target. A class that is predicted in fewer than 20 rows is never applied by itself and is
    suggested from the threshold of all classes together. ``answers`` are class indices, where not the likeliest
    class is answered.
    """
    best = probabilities.argmax(axis=1) if answers is None else answers
    confidence = probabilities[np.arange(len(best)), best]
    correct = best == targets
    pooled = _lowest(confidence, correct, precision.suggest)
    thresholds: dict[str, dict[str, float | None]] = {}
    for index, name in enumerate(classes):
        mine = best == index
        enough = int(mine.sum()) >= _MINIMUM_ROWS
        auto = _lowest(confidence[mine], correct[mine], precision.auto) if enough else None
        suggest = _lowest(confidence[mine], correct[mine], precision.suggest) if enough else pooled
        thresholds[name] = {"auto": auto, "suggest": suggest if auto is None or suggest is None else min(suggest, auto)}
    return thresholds


def _lowest(confidence: NDArray[np.float64], correct: NDArray[np.bool_], target: float) -> float | None:
    confidence = np.floor(confidence * 1e6) / 1e6  # so that rows on the threshold are counted as they will be decided
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(correct[order])
    bounds = np.array([wilson_lower(int(hit), count, _CERTAINTY) for count, hit in enumerate(hits, start=1)])
    last_of_ties = np.append(confidence[order][1:] < confidence[order][:-1], True)[: len(order)]
    kept = np.flatnonzero((bounds >= target) & last_of_ties)
    return float(confidence[order][kept[-1]]) if len(kept) else None
