"""How good a risk is on rows that it was not fitted on: ranking, lists of limited length, calibration, baselines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics import (
    CalibrationRow,
    Interval,
    calibration_by_quantile,
    expected_calibration_error,
    lift_at,
    paired_risk_bootstrap,
    precision_at,
    recall_at,
    risk_bootstrap,
)

ROUNDS = 500


@dataclass(frozen=True, slots=True)
class RiskBaseline:
    """A baseline on the same rows; ``advantage`` is the model's measure minus the baseline's."""

    name: str
    roc_auc: float
    average_precision: float
    lift_at_10: float
    advantage: Interval


@dataclass(frozen=True, slots=True)
class RiskLevelRow:
    """Rows of one level: how many, the mean probability and the share that happened."""

    level: str
    rows: int
    probability: float
    happened: float


@dataclass(frozen=True)
class RiskEvaluation:
    """The rows as judged and what came out; arrays have an entry a row, in the order given.

    ``capacity`` is how many rows people can look after; ``recall_of_value`` the share of the lost value among them,
    NaN without values. ``measure`` is what the gate and ``advantage`` compare.
    """

    outcome: NDArray[np.float64]
    probability: NDArray[np.float64]
    entities: NDArray[Any] | None
    measure: str
    capacity: int
    roc_auc: Interval
    average_precision: Interval
    lift_at_10: Interval
    precision_at_capacity: float
    recall_at_capacity: float
    recall_of_value: float
    ece: float
    calibration: list[CalibrationRow]
    levels: list[RiskLevelRow]
    baselines: list[RiskBaseline]
    scores: Mapping[str, NDArray[np.float64]] = field(repr=False)
    """The baselines' scores by name, for the gate and the plots."""

    @property
    def base_rate(self) -> float:
        """The share that happened."""
        return float(self.outcome.mean())

    def metrics(self) -> dict[str, float]:
        """Flat numbers for MLflow, without NaN."""
        numbers: dict[str, float] = {"rows": float(self.outcome.size), "base_rate": self.base_rate}
        for name in ("roc_auc", "average_precision", "lift_at_10"):
            found: Interval = getattr(self, name)
            numbers |= {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
        numbers |= {name: getattr(self, name) for name in ("precision_at_capacity", "recall_at_capacity",
                                                           "recall_of_value", "ece")}
        for row in self.levels:
            numbers |= {f"{row.level}_rows": float(row.rows), f"{row.level}_happened": row.happened}
        for baseline in self.baselines:
            numbers |= {f"{baseline.name}_{each}": getattr(baseline, each)
                        for each in ("roc_auc", "average_precision", "lift_at_10")}
        return {name: float(number) for name, number in numbers.items() if np.isfinite(number)}


def evaluate_risk(outcome: ArrayLike, probability: ArrayLike, entities: ArrayLike | None = None, *, capacity: int,
                  baselines: Mapping[str, ArrayLike] | None = None, levels: ArrayLike | None = None,
                  value: ArrayLike | None = None, measure: str = "roc_auc", rounds: int = ROUNDS,
                  seed: int = 0) -> RiskEvaluation:
    """Return the :class:`RiskEvaluation` of ``probability`` against ``outcome`` (0 or 1; 1: it happened).

    ``entities`` are resampled for the intervals. ``baselines`` maps names to scores (higher is riskier, no probability
    needed); ``levels`` is a risk level per row, ``value`` what is lost with it. Raises ``ValueError`` for no rows or
    unequal lengths.

    >>> found = evaluate_risk([0, 1, 0, 1], [0.2, 0.9, 0.4, 0.6], capacity=1, baselines={"flat": [0, 0, 0, 0]})
    >>> found.roc_auc.estimate, found.precision_at_capacity, found.baselines[0].advantage.estimate
    (1.0, 1.0, 0.5)
    """
    happened, chance = np.asarray(outcome, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    if not happened.size or happened.shape != chance.shape:
        raise ValueError(f"got {happened.shape} outcomes and {chance.shape} probabilities, expected one a row")
    sampled = None if entities is None else np.asarray(entities)
    scores = {name: np.asarray(score, dtype=np.float64) for name, score in (baselines or {}).items()}
    measured = {name: risk_bootstrap(happened, chance, sampled, measure=name, rounds=rounds, seed=seed)
                for name in ("roc_auc", "average_precision", "lift_at_10")}
    return RiskEvaluation(
        outcome=happened, probability=chance, entities=sampled, measure=measure, capacity=capacity, **measured,
        precision_at_capacity=precision_at(happened, chance, capacity),
        recall_at_capacity=recall_at(happened, chance, capacity),
        recall_of_value=float("nan") if value is None else recall_at(happened, chance, capacity, value),
        ece=expected_calibration_error(chance, happened), calibration=calibration_by_quantile(happened, chance),
        levels=level_rows(happened, chance, levels),
        baselines=[_baseline(name, score, happened, chance, sampled, measure, rounds, seed)
                   for name, score in scores.items()],
        scores=scores,
    )


def level_rows(outcome: NDArray[np.float64], probability: NDArray[np.float64],
               levels: ArrayLike | None) -> list[RiskLevelRow]:
    """Return a row for each risk level, by falling mean probability; [] without levels.

    >>> level_rows(np.array([1.0, 0.0]), np.array([0.9, 0.1]), ["high", "low"])[0]
    RiskLevelRow(level='high', rows=1, probability=0.9, happened=1.0)
    """
    if levels is None:
        return []
    level = np.asarray(levels, dtype=object)
    members = [(str(each), level == each) for each in dict.fromkeys(level.tolist())]
    found = [RiskLevelRow(each, int(rows.sum()), float(probability[rows].mean()), float(outcome[rows].mean()))
             for each, rows in members]
    return sorted(found, key=lambda row: -row.probability)


def _baseline(name: str, score: NDArray[np.float64], outcome: NDArray[np.float64], probability: NDArray[np.float64],
              entities: NDArray[Any] | None, measure: str, rounds: int, seed: int) -> RiskBaseline:
    alone = {each: risk_bootstrap(outcome, score, entities, measure=each, rounds=0).estimate
             for each in ("roc_auc", "average_precision")}
    advantage = paired_risk_bootstrap(outcome, probability, score, entities, measure=measure, rounds=rounds, seed=seed)
    return RiskBaseline(name, **alone, lift_at_10=lift_at(outcome, score, 0.1), advantage=advantage)
