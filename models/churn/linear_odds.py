"""A logistic regression as numbers: signed logarithms, standardised, weighed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError

__all__ = ["LinearOdds", "fit_linear_odds"]

Float64 = NDArray[np.float64]
_FAR = 4.0
"""Standard deviations beyond which a value counts no further."""


@dataclass(frozen=True, eq=False)
class LinearOdds:
    """Log odds of ``columns`` (positions in the matrix): ``intercept`` + weights of (log value - mean) / deviation.

    The logarithm is of 1 + size, with the sign kept; a missing value counts as the mean.
    """

    columns: NDArray[np.int64]
    mean: Float64
    deviation: Float64
    weights: Float64
    intercept: float

    def scores(self, matrix: Float64) -> Float64:
        """Return log odds, float64 of shape (rows,)."""
        found: Float64 = self.intercept + self.terms(matrix).sum(axis=1)
        return found

    def terms(self, matrix: Float64) -> Float64:
        """Return what each column adds to ``intercept``, float64 of shape (rows, columns)."""
        found: Float64 = _standardised(matrix[:, self.columns], self.mean, self.deviation) * self.weights
        return found

    def contributions(self, matrix: Float64, group: Sequence[int], groups: int) -> Float64:
        """Return the terms summed by the group of their column, float64 of shape (rows, groups)."""
        member = np.zeros((self.columns.size, groups))
        member[np.arange(self.columns.size), np.asarray(group)[self.columns]] = 1.0
        found: Float64 = self.terms(matrix) @ member
        return found

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"columns": self.columns.tolist(), "mean": self.mean.tolist(), "deviation": self.deviation.tolist(),
                "weights": self.weights.tolist(), "intercept": self.intercept}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], width: int) -> Self:
        """Return what ``facts`` said for a matrix of ``width`` columns; ``ArtefactError`` for what does not fit."""
        columns = np.asarray(facts["columns"], dtype=np.int64)
        mean, deviation, weights = (np.asarray(facts[name], dtype=np.float64)
                                    for name in ("mean", "deviation", "weights"))
        intercept = float(facts["intercept"])
        fits = mean.shape == deviation.shape == weights.shape == columns.shape
        numbers = np.concatenate([mean, deviation, weights, [intercept]]) if fits else np.array([np.nan])
        if not (np.isfinite(numbers).all() and (deviation > 0).all() and ((columns >= 0) & (columns < width)).all()):
            raise ArtefactError(f"got linear weights that do not fit a matrix of {width} columns")
        return cls(columns, mean, deviation, weights, intercept)


def fit_linear_odds(matrix: Float64, outcome: Float64, columns: Sequence[int], strength: float,
                    weights: Float64 | None = None) -> LinearOdds:
    """Return the regression on the given columns (constant ones are left out); ``strength`` is scikit-learn's C."""
    from sklearn.linear_model import LogisticRegression

    logs = _log(matrix[:, list(columns)])
    known = ~np.isnan(logs)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, logs, 0).sum(axis=0) / count
    deviation = np.sqrt((np.where(known, logs - mean, 0) ** 2).sum(axis=0) / count)
    kept = np.flatnonzero(deviation > 1e-9)
    chosen = np.asarray(columns, dtype=np.int64)[kept]
    if not kept.size:
        share = (outcome.sum() + 0.5) / (outcome.size + 1)
        return LinearOdds(chosen, mean[kept], deviation[kept], np.zeros(0), float(np.log(share / (1 - share))))
    standardised = _standardised(matrix[:, chosen], mean[kept], deviation[kept])
    model = LogisticRegression(C=strength, max_iter=1000).fit(standardised, outcome, sample_weight=weights)
    return LinearOdds(chosen, mean[kept], deviation[kept], model.coef_[0].astype(np.float64),
                      float(model.intercept_[0]))


def _log(values: Float64) -> Float64:
    found: Float64 = np.sign(values) * np.log1p(np.abs(values))
    return found


def _standardised(values: Float64, mean: Float64, deviation: Float64) -> Float64:
    return np.clip(np.nan_to_num((_log(values) - mean) / deviation, nan=0.0), -_FAR, _FAR)
