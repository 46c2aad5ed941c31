"""How well a risk ranks and what a list of limited length catches: AUC, average precision, lift and recall at capacity.

Everything works on outcomes 0 or 1 (1: it happened) and scores of which higher means riskier. Equal scores share
their ranks, so that no measure depends on the order of the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics.bootstrap import Interval, resamples

__all__ = ["MEASURES", "CalibrationRow", "Ranking", "average_precision", "calibration_by_quantile", "lift_at",
           "paired_risk_bootstrap", "precision_at", "recall_at", "risk_bootstrap", "roc_auc"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Outcomes in falling order of the score, cut where the score changes; weights may be changed cheaply.

    ``order`` are row positions, ``starts`` the first place in it of each distinct score, ``outcome`` float64 in rows'
    order.
    """

    outcome: Float64
    order: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, outcome: ArrayLike, score: ArrayLike) -> Self:
        """Sort once; ``ValueError`` for outcomes that are not 0 or 1, for NaN scores and for unequal lengths."""
        happened, scores = np.asarray(outcome, dtype=np.float64), np.asarray(score, dtype=np.float64)
        if happened.shape != scores.shape or happened.ndim != 1:
            raise ValueError(f"got outcomes and scores of shapes {happened.shape}, {scores.shape}, expected one a row")
        if not np.isin(happened, (0.0, 1.0)).all() or np.isnan(scores).any():
            raise ValueError("got outcomes other than 0 and 1 or missing scores, expected both for every row")
        order = np.argsort(-scores, kind="stable")
        starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf) != 0)
        return cls(happened, order, starts)

    def steps(self, weights: Float64 | None = None) -> tuple[Float64, Float64]:
        """Return the cumulated weight of all rows and of those that happened, at the end of each distinct score."""
        if not self.order.size:
            return np.zeros(0), np.zeros(0)
        drawn = np.ones(self.order.size) if weights is None else weights[self.order]
        happened = drawn * self.outcome[self.order]
        rows, hits = np.add.reduceat(drawn, self.starts), np.add.reduceat(happened, self.starts)
        return np.cumsum(rows), np.cumsum(hits)

    def auc(self, weights: Float64 | None = None) -> float:
        """Return the chance that a row that happened ranks above one that did not; NaN without both."""
        rows, hits = self.steps(weights)
        if not rows.size or not 0 < hits[-1] < rows[-1]:
            return float("nan")
        misses = rows - hits
        return float(np.trapezoid(np.r_[0, hits], np.r_[0, misses]) / hits[-1] / misses[-1])

    def average_precision(self, weights: Float64 | None = None) -> float:
        """Return the mean precision at each row that happened, without interpolation; NaN without any."""
        rows, hits = self.steps(weights)
        if not rows.size or not hits[-1]:
            return float("nan")
        precision = np.divide(hits, rows, out=np.zeros_like(hits), where=rows > 0)
        gained = np.diff(hits, prepend=0.0) * precision  # no BLAS: its threads wait for each other on busy cores
        return float(gained.sum() / hits[-1])

    def caught(self, capacity: float, weights: Float64 | None = None) -> float:
        """Return the expected weight of what happened among the ``capacity`` riskiest, equal scores drawn by lot."""
        rows, hits = self.steps(weights)
        return float(np.interp(capacity, np.r_[0, rows], np.r_[0, hits]))

    def lift(self, share: float, weights: Float64 | None = None) -> float:
        """Return how many times the base rate the riskiest ``share`` of rows has; NaN if nothing happened."""
        rows, hits = self.steps(weights)
        if not rows.size or not hits[-1]:
            return float("nan")
        return float(np.interp(share * rows[-1], np.r_[0, rows], np.r_[0, hits]) / (share * hits[-1]))


Measure = Callable[[Ranking, Float64 | None], float]
MEASURES: dict[str, Measure] = {
    "roc_auc": Ranking.auc,
    "average_precision": Ranking.average_precision,
    "lift_at_10": lambda ranking, weights: ranking.lift(0.1, weights),
}
"""What the bootstraps below can measure."""


def roc_auc(outcome: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the ROC curve; 0.5 says nothing was learnt, NaN that only one outcome occurs.

    >>> roc_auc([0, 1, 1, 0], [0.1, 0.9, 0.4, 0.4])
    0.875
    """
    return Ranking.of(outcome, score).auc()


def average_precision(outcome: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the precision-recall curve by steps; for a constant score it is the base rate.

    >>> average_precision([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    0.5
    """
    return Ranking.of(outcome, score).average_precision()


def lift_at(outcome: ArrayLike, score: ArrayLike, share: float) -> float:
    """Return the rate among the riskiest ``share`` of rows over the rate of all; 1 is no better than chance.

    >>> lift_at([1, 0, 0, 0], [0.9, 0.1, 0.2, 0.3], 0.25)
    4.0
    """
    if not 0 < share <= 1:
        raise ValueError(f"got share={share}, expected more than 0 and at most 1")
    return Ranking.of(outcome, score).lift(share)


def precision_at(outcome: ArrayLike, score: ArrayLike, capacity: int) -> float:
    """Return the share that happened among the ``capacity`` riskiest rows (all, if there are fewer); NaN for no rows.

    >>> precision_at([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.1], 2)
    0.5
    """
    ranking = Ranking.of(outcome, score)
    listed = min(capacity, ranking.order.size)
    return ranking.caught(listed) / listed if listed > 0 else float("nan")


def recall_at(outcome: ArrayLike, score: ArrayLike, capacity: int, value: ArrayLike | None = None) -> float:
    """Return the share of all that happened (of its ``value``) that the ``capacity`` riskiest rows hold.

    Missing and negative values count as 0; NaN if nothing, or nothing of value, happened.

    >>> recall_at([1, 1, 0], [0.9, 0.2, 0.3], 1, value=[300.0, 100.0, 50.0])
    0.75
    """
    ranking = Ranking.of(outcome, score)
    listed = min(capacity, ranking.order.size)
    if listed == 0:
        return float("nan")
    values = np.ones(ranking.order.size) if value is None else np.asarray(value, dtype=np.float64)
    lost = np.where(values > 0, values, 0.0) * ranking.outcome
    by_rank = np.add.reduceat(lost[ranking.order], ranking.starts)
    rows = ranking.steps()[0]
    caught = np.interp(listed, np.r_[0, rows], np.r_[0, np.cumsum(by_rank)])
    return float(caught / lost.sum()) if lost.sum() else float("nan")


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """Rows of neighbouring risk: how many, the lowest and highest probability, their mean, and the share that happened.
    """

    low: float
    high: float
    count: int
    probability: float
    happened: float


def calibration_by_quantile(outcome: ArrayLike, probability: ArrayLike, bins: int = 10) -> list[CalibrationRow]:
    """Return about equally many rows in each of at most ``bins`` rows of a table, lowest risk first.

    Rare events fill one bin of equal width; equal counts show where their probabilities lie. Equal probabilities stay
    together.

    >>> [(row.count, row.happened) for row in calibration_by_quantile([0, 0, 1, 0], [0.1, 0.1, 0.7, 0.7], bins=2)]
    [(2, 0.0), (2, 0.5)]
    """
    if bins < 1:
        raise ValueError(f"got bins={bins}, expected a positive whole number")
    happened, chance = np.asarray(outcome, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    if happened.shape != chance.shape or happened.ndim != 1:
        raise ValueError(f"got {happened.shape} outcomes and {chance.shape} probabilities, expected one a row")
    if not chance.size:
        return []
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, bins + 1), method="inverted_cdf")[1:-1])
    index = np.searchsorted(edges, chance, side="left")
    members = [np.flatnonzero(index == each) for each in np.unique(index)]
    return [CalibrationRow(float(chance[rows].min()), float(chance[rows].max()), rows.size, float(chance[rows].mean()),
                           float(happened[rows].mean())) for rows in members]


def risk_bootstrap(outcome: ArrayLike, score: ArrayLike, entities: ArrayLike | None, *, measure: str = "roc_auc",
                   rounds: int = 1000, seed: int = 0) -> Interval:
    """Return a measure of ``MEASURES`` with its 95 % interval over resampled ``entities`` (None: rows).

    >>> risk_bootstrap([0, 1], [0.1, 0.9], ["a", "a"], rounds=3)
    Interval(estimate=1.0, low=1.0, high=1.0)
    """
    ranking, measured = Ranking.of(outcome, score), _measure(measure)
    return _interval(lambda weights: measured(ranking, weights), entities, ranking.order.size, rounds, seed)


def paired_risk_bootstrap(outcome: ArrayLike, score_a: ArrayLike, score_b: ArrayLike, entities: ArrayLike | None, *,
                          measure: str = "roc_auc", rounds: int = 1000, seed: int = 0) -> Interval:
    """Return the measure of a minus that of b on the same rows, with its 95 % interval over resampled ``entities``.

    An interval above 0 says that a ranks better on entities drawn like these.

    >>> paired_risk_bootstrap([0, 1, 1], [0.1, 0.5, 0.9], [0.3, 0.2, 0.5], None, rounds=50).estimate
    0.5
    """
    first, second, measured = Ranking.of(outcome, score_a), Ranking.of(outcome, score_b), _measure(measure)
    return _interval(lambda weights: measured(first, weights) - measured(second, weights), entities, first.order.size,
                     rounds, seed)


def _measure(name: str) -> Measure:
    if name not in MEASURES:
        raise ValueError(f"got measure={name!r}, expected one of {', '.join(MEASURES)}")
    return MEASURES[name]


def _interval(statistic: Callable[[Float64 | None], float], entities: ArrayLike | None, rows: int, rounds: int,
              seed: int) -> Interval:
    """Resamples in which the measure does not exist (nothing happened) are left out."""
    if rows == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    estimate = statistic(None)
    values = np.array([statistic(weights) for weights in resamples(entities, rows, rounds, seed)])
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.025, 0.975]) if values.size else (estimate, estimate)
    return Interval(estimate, float(low), float(high))
