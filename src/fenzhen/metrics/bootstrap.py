"""How far a number could move with other entities: bootstrap intervals that resample whole groups, never rows.

Rows of one entity (a customer, a device, a group of near-identical texts) rise and fall together; resampling rows
would pretend that they were independent and give intervals that are too narrow (Field & Welsh 2007, JRSS B 69:369).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics.agreement import macro_f1_of

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate on the rows as they are, and the 2.5 % and 97.5 % quantiles over resampled groups."""

    estimate: float
    low: float
    high: float


def bootstrap(truth: ArrayLike, predicted: ArrayLike, groups: ArrayLike | None, *, measure: str = "accuracy",
              rounds: int = 1000, seed: int = 0) -> Interval:
    """Return ``measure`` ("accuracy" or "macro_f1") with its 95 % interval over resampled ``groups``.

    ``groups`` is one label of any kind per row; None makes every row its own group. With a single group the interval
    has no width: it is not a sign of certainty but of having nothing to resample.

    >>> bootstrap([0, 0, 1, 1], [0, 0, 1, 0], groups=[1, 1, 1, 1])
    Interval(estimate=0.75, low=0.75, high=0.75)
    """
    if measure not in ("accuracy", "macro_f1"):
        raise ValueError(f"got measure={measure!r}, expected 'accuracy' or 'macro_f1'")
    codes, classes = _codes(truth, predicted)
    if measure == "accuracy":
        hits = (codes[0] == codes[1]).astype(np.float64)
        return _interval(lambda weights: _mean(hits, weights), groups, hits.size, rounds, seed)
    return _interval(_weighted_macro_f1(codes[0], codes[1], classes), groups, codes[0].size, rounds, seed)


def paired_bootstrap(score_a: ArrayLike, score_b: ArrayLike, groups: ArrayLike | None, rounds: int = 1000,
                     seed: int = 0) -> Interval:
    """Return mean(score_a) - mean(score_b) with its 95 % interval; both scored on the same rows (hits: accuracy).

    An interval above 0 says that a beats b on entities drawn like these; one that holds 0 does not say they are equal.

    >>> paired_bootstrap([1, 1, 0], [1, 1, 0], groups=None)
    Interval(estimate=0.0, low=0.0, high=0.0)
    """
    first, second = np.asarray(score_a, dtype=np.float64), np.asarray(score_b, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"got scores of shapes {first.shape} and {second.shape}, expected one row each")
    return _interval(lambda weights: _mean(first - second, weights), groups, first.size, rounds, seed)


def paired_bootstrap_macro_f1(truth: ArrayLike, predicted_a: ArrayLike, predicted_b: ArrayLike,
                              groups: ArrayLike | None, rounds: int = 1000, seed: int = 0) -> Interval:
    """Return macro-F1 of a minus macro-F1 of b with its 95 % interval; see :func:`paired_bootstrap`.

    >>> paired_bootstrap_macro_f1(["a", "b"], ["a", "b"], ["a", "a"], groups=["x", "x"]).estimate
    0.666...
    """
    codes, classes = _codes(truth, predicted_a, predicted_b)
    of_a = _weighted_macro_f1(codes[0], codes[1], classes)
    of_b = _weighted_macro_f1(codes[0], codes[2], classes)
    return _interval(lambda weights: of_a(weights) - of_b(weights), groups, codes[0].size, rounds, seed)


def _interval(statistic: Callable[[Weights], float], groups: ArrayLike | None, rows: int, rounds: int,
              seed: int) -> Interval:
    if rows == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    estimate = statistic(np.ones(rows))
    values = np.array([statistic(weights) for weights in resamples(groups, rows, rounds, seed)])
    low, high = np.quantile(values, [0.025, 0.975]) if rounds else (estimate, estimate)
    return Interval(estimate, float(low), float(high))


def resamples(groups: ArrayLike | None, rows: int, rounds: int, seed: int) -> Iterator[Weights]:
    """Yield per round how often each row is drawn when as many groups as there are get drawn with replacement."""
    member = np.arange(rows) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if member.size != rows:
        raise ValueError(f"got {member.size} groups for {rows} rows, expected one each")
    count = int(member.max()) + 1
    random = np.random.default_rng(seed)
    for _ in range(rounds):
        yield np.bincount(random.integers(0, count, count), minlength=count)[member].astype(np.float64)


def _mean(values: NDArray[np.float64], weights: Weights) -> float:
    return float(values @ weights / weights.sum())


def _weighted_macro_f1(truth: NDArray[Any], predicted: NDArray[Any], classes: int) -> Callable[[Weights], float]:
    cells = truth * classes + predicted

    def score(weights: Weights) -> float:
        confusion = np.bincount(cells, weights=weights, minlength=classes * classes)
        return macro_f1_of(confusion.reshape(classes, classes))

    return score


def _codes(*labels: ArrayLike) -> tuple[list[NDArray[Any]], int]:
    columns = [np.asarray(column) for column in labels]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError(f"got labels of shapes {[column.shape for column in columns]}, expected equally long lists")
    values, codes = np.unique(np.concatenate(columns), return_inverse=True)
    return np.split(codes, len(columns)) if values.size else [np.empty(0, np.int64)] * len(columns), values.size
