"""From ranking scores to the probability that a candidate is the one, with room for nobody of those looked at.

``p(c) = exp(scale * score(c)) / (sum over candidates of exp(scale * score) + exp(nobody))``. Both numbers come from
tickets that the scores were not fitted on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, Self

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError
from models.thresholds import TargetPrecision, learn_thresholds

__all__ = ["ANYBODY", "RankConfidence", "fit_rank_confidence", "rank_thresholds"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
ANYBODY = "*"
"""Key of the thresholds of candidates without their own."""
_LEAST_ROWS = 20
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RankConfidence:
    """``scale`` of scores and the score of ``nobody``."""

    scale: float = 1.0
    nobody: float = 0.0

    def probabilities(self, scores: Float64) -> Float64:
        """Return probabilities of scores (…, candidates); -inf has none. Each row sums to less than 1."""
        scaled = self.scale * scores
        top = np.maximum(scaled.max(axis=-1, keepdims=True, initial=-np.inf), self.nobody)
        powers = np.exp(scaled - top)
        found: Float64 = powers / (powers.sum(axis=-1, keepdims=True) + np.exp(self.nobody - top))
        return found

    def of_ticket(self, scores: Sequence[float]) -> list[float]:
        """Return the same for one ticket's few candidates: plain Python takes a tenth of NumPy's time here."""
        scaled = [self.scale * score for score in scores]
        top = max((*scaled, self.nobody))
        powers = [exp(each - top) for each in scaled]
        total = sum(powers) + exp(self.nobody - top)
        return [power / total for power in powers]

    def facts(self) -> dict[str, float]:
        """Return what JSON can say of it."""
        return {"scale": self.scale, "nobody": self.nobody}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return what ``facts`` said; ``ArtefactError`` for anything but two finite numbers, the scale positive."""
        found = cls(float(facts["scale"]), float(facts["nobody"]))
        if not (np.isfinite([found.scale, found.nobody]).all() and found.scale > 0):
            raise ArtefactError(f"got the confidence {dict(facts)}, expected a positive scale and a finite number")
        return found


def fit_rank_confidence(scores: Float64, place: Int64) -> RankConfidence:
    """Return the confidence under which the first ``_SHOWN`` of each ticket are right as often as it says.

    ``place`` is the right candidate's column of ``scores``, -1 for nobody. Of least binary log loss over those shown,
    not over all candidates: what matters is the confidence that people see. Both numbers are pulled a little towards
    1 and 0, so that few tickets without a mistake do not make it certain.
    """
    if not len(scores):
        return RankConfidence()
    first = np.argsort(-scores, axis=1, kind="stable")[:, :_SHOWN]
    right = (first == place[:, None]) & (place >= 0)[:, None]

    def loss(parameters: Float64) -> float:
        confidence = RankConfidence(float(np.exp(parameters[0])), float(parameters[1]))
        found = np.take_along_axis(confidence.probabilities(scores), first, axis=1)
        chance = np.clip(np.where(right, found, 1 - found), 1e-9, 1.0)
        return float(-np.log(chance).sum() + parameters[0] ** 2 + (parameters[1] / 5) ** 2)

    found = scipy.optimize.minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4})
    return RankConfidence(float(np.exp(found.x[0])), float(found.x[1]))


def rank_thresholds(
    values: NDArray[np.object_], confidence: Float64, correct: NDArray[np.bool_], precision: TargetPrecision,
) -> dict[str, dict[str, float | None]]:
    """Return thresholds of the first-ranked ``values``: for ``ANYBODY``, and for who came first often enough."""
    everybody = learn_thresholds(confidence[:, None], np.where(correct, 0, -1), [ANYBODY], precision)
    names, codes, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    found: dict[str, dict[str, float | None]] = {}
    for code in np.flatnonzero(counts >= _LEAST_ROWS).tolist():
        mine = codes == code
        one = learn_thresholds(confidence[mine][:, None], np.where(correct[mine], 0, -1), [str(names[code])], precision)
        found |= one
    return {**everybody, **found}
