"""How good a model is on rows that it was not fitted on: the numbers that report, screen and MLflow show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics import (
    ClassScore,
    Interval,
    bootstrap,
    confusion_matrix,
    coverage_at_precision,
    expected_calibration_error,
    paired_bootstrap_macro_f1,
    per_class_table,
    risk_coverage,
    top_k_accuracy,
)
from training.evaluation.second_level import SecondLevelScore

PRECISIONS = (0.90, 0.95, 0.99)
Thresholds = Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True)
class BaselineScore:
    """A baseline on the same rows; ``advantage`` is the model's macro-F1 minus the baseline's."""

    name: str
    accuracy: float
    macro_f1: float
    advantage: Interval


@dataclass(frozen=True, slots=True)
class DecisionShare:
    """Rows that the thresholds would send one way, and the share of them that is right (NaN without rows)."""

    decision: str
    rows: int
    share: float
    precision: float


@dataclass(frozen=True)
class Evaluation:
    """The rows as judged and what came out; arrays have one entry per row, in the order given."""

    classes: tuple[str, ...]
    labels: NDArray[Any]
    predicted: NDArray[Any]
    probabilities: NDArray[np.float64]
    groups: NDArray[Any] | None
    accuracy: Interval
    macro_f1: Interval
    top_3_accuracy: float
    sureness: NDArray[np.float64]
    ece: float
    risk_area: float
    coverage: dict[float, float]
    per_class: list[ClassScore]
    confusion: NDArray[np.int64]
    decisions: list[DecisionShare]
    baselines: list[BaselineScore]
    unknown_labels: int
    absent_classes: tuple[str, ...]
    second_level: SecondLevelScore | None = None

    @property
    def warnings(self) -> list[str]:
        """What makes the numbers weaker than they look, a sentence each."""
        unknown = f"{self.unknown_labels} rows have a label outside the {len(self.classes)} classes: always wrong"
        absent = f"no row to judge on for {', '.join(self.absent_classes)}"
        return [unknown] * bool(self.unknown_labels) + [absent] * bool(self.absent_classes)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """How sure the model is of the predicted class."""
        return self.sureness

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether the predicted class is the label."""
        hits: NDArray[np.bool_] = self.predicted == self.labels
        return hits

    def metrics(self) -> dict[str, float]:
        """Flat numbers for MLflow, without NaN."""
        numbers = {
            "rows": float(self.labels.size), "accuracy": self.accuracy.estimate, "accuracy_low": self.accuracy.low,
            "accuracy_high": self.accuracy.high, "macro_f1": self.macro_f1.estimate, "macro_f1_low": self.macro_f1.low,
            "macro_f1_high": self.macro_f1.high, "top_3_accuracy": self.top_3_accuracy, "ece": self.ece,
            "risk_area": self.risk_area,
        }
        numbers |= {f"coverage_at_{precision:.0%}".rstrip("%"): share for precision, share in self.coverage.items()}
        for row in self.decisions:
            numbers |= {f"{row.decision}_share": row.share, f"{row.decision}_precision": row.precision}
        for baseline in self.baselines:
            numbers |= {f"{baseline.name}_accuracy": baseline.accuracy, f"{baseline.name}_macro_f1": baseline.macro_f1}
        numbers |= self.second_level.metrics() if self.second_level else {}
        return {name: float(number) for name, number in numbers.items() if np.isfinite(number)}


def evaluate(labels: ArrayLike, probabilities: ArrayLike, classes: Sequence[str], groups: ArrayLike | None = None, *,
             thresholds: Thresholds | None = None, baselines: Mapping[str, ArrayLike] | None = None,
             rounds: int = 1000, seed: int = 0, confidence: ArrayLike | None = None) -> Evaluation:
    """Return the :class:`Evaluation` of ``probabilities`` (rows, classes) against ``labels``.

    ``groups`` are resampled for the intervals; ``thresholds`` is ``{class: {"auto": …, "suggest": …}}`` (None: never);
    ``baselines`` maps a name to probabilities of the same shape; ``confidence`` is how sure the model is of its
    answers, where ``probabilities`` are scores that decide and not what is believed. A label outside ``classes`` is a
    miss and is warned of. Raises ``ValueError`` for wrong shapes or no rows.

    >>> found = evaluate(["纸", "墨"], [[0.9, 0.1], [0.6, 0.4]], ["纸", "墨"], rounds=10)
    >>> found.accuracy.estimate, found.predicted.tolist(), found.metrics()["coverage_at_90"]
    (0.5, ['纸', '纸'], 0.5)
    """
    truth = np.asarray(labels, dtype=object)
    scores = np.asarray(probabilities, dtype=np.float64)
    if not truth.size or scores.shape != (truth.size, len(classes)):
        raise ValueError(f"got probabilities of shape {scores.shape}, expected {(truth.size, len(classes))} and a row")
    predicted = np.asarray(classes, dtype=object)[scores.argmax(axis=1)]
    believed = scores.max(axis=1) if confidence is None else np.asarray(confidence, dtype=np.float64)
    sureness, correct = np.clip(believed, 0.0, 1.0), predicted == truth
    sampled = None if groups is None else np.asarray(groups)
    return Evaluation(
        classes=tuple(classes), labels=truth, predicted=predicted, probabilities=scores, groups=sampled,
        accuracy=bootstrap(truth, predicted, sampled, measure="accuracy", rounds=rounds, seed=seed),
        macro_f1=bootstrap(truth, predicted, sampled, measure="macro_f1", rounds=rounds, seed=seed),
        top_3_accuracy=top_k_accuracy(truth, scores, classes, 3),
        sureness=sureness, ece=expected_calibration_error(sureness, correct),
        risk_area=risk_coverage(sureness, correct).area,
        coverage={precision: coverage_at_precision(sureness, correct, precision) for precision in PRECISIONS},
        per_class=per_class_table(truth, predicted, classes),
        confusion=confusion_matrix(truth, predicted, classes),
        decisions=_decisions(predicted, sureness, correct, thresholds),
        baselines=[_baseline(name, np.asarray(theirs), classes, truth, predicted, sampled, rounds, seed)
                   for name, theirs in (baselines or {}).items()],
        unknown_labels=int((~np.isin(truth, np.asarray(classes, dtype=object))).sum()),
        absent_classes=tuple(value for value in classes if not (truth == value).any()),
    )


def decide_by_thresholds(predicted: NDArray[Any], confidence: NDArray[np.float64],
                         thresholds: Thresholds) -> NDArray[Any]:
    """Return "auto", "suggest" or "abstain" per row; a confidence equal to a threshold reaches it.

    >>> decide_by_thresholds(np.array(["纸", "纸"]), np.array([0.9, 0.2]), {"纸": {"auto": 0.9, "suggest": 0.5}})
    array(['auto', 'abstain'], dtype=object)
    """
    auto = np.array([_limit(thresholds, value, "auto") for value in predicted])
    suggest = np.array([_limit(thresholds, value, "suggest") for value in predicted])
    weaker = np.where(confidence >= suggest, "suggest", "abstain")
    return np.where(confidence >= auto, "auto", weaker).astype(object)


def _limit(thresholds: Thresholds, value: Any, level: str) -> float:
    limit = thresholds.get(str(value), {}).get(level)
    return np.inf if limit is None else limit


def _decisions(predicted: NDArray[Any], confidence: NDArray[np.float64], correct: NDArray[np.bool_],
               thresholds: Thresholds | None) -> list[DecisionShare]:
    if thresholds is None:
        return []
    decided = decide_by_thresholds(predicted, confidence, thresholds)
    return [DecisionShare(decision, int(rows.sum()), float(rows.mean()),
                          float(correct[rows].mean()) if rows.any() else float("nan"))
            for decision in ("auto", "suggest", "abstain") for rows in [decided == decision]]


def _baseline(name: str, probabilities: NDArray[Any], classes: Sequence[str], truth: NDArray[Any],
              predicted: NDArray[Any], groups: NDArray[Any] | None, rounds: int, seed: int) -> BaselineScore:
    if probabilities.shape != (truth.size, len(classes)):
        raise ValueError(f"got {name} of shape {probabilities.shape}, expected {(truth.size, len(classes))}")
    theirs = np.asarray(classes, dtype=object)[probabilities.argmax(axis=1)]
    advantage = paired_bootstrap_macro_f1(truth, predicted, theirs, groups, rounds, seed)
    accuracy = bootstrap(truth, theirs, groups, measure="accuracy", rounds=0).estimate
    macro_f1 = bootstrap(truth, theirs, groups, measure="macro_f1", rounds=0).estimate
    return BaselineScore(name, accuracy, macro_f1, advantage)
