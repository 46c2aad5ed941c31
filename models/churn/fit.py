"""Fitting the churn model: shallow, randomised trees and a logistic regression on the same matrix, blended.

Few customers, overlapping snapshots and a history that is longer when scoring than when learning make a single sharp
model unsteady. Thresholds drawn by lot and strong shrinkage keep the trees smooth; the linear part only has columns
that mean the same after a short history as after a long one. On dates before the tests of the ready workspaces the
blend ranked as well as the better of the two at each date.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.churn.columns import LINEAR, SHARE
from models.churn.encoder import ChurnEncoder, CustomerRows
from models.churn.levels import level_limits
from models.churn.linear_odds import LinearOdds, fit_linear_odds
from models.churn.scorer import ChurnScorer, ChurnWeights, Forest
from models.probability_calibration import fit_smooth_calibration
from models.trees import TreeSettings, fit_trees

__all__ = ["FORESTS", "fit_linear", "fit_weights", "golden_rows", "scorer_of"]

Float64 = NDArray[np.float64]
FORESTS = 2
STRENGTH = 0.03
TREES = TreeSettings(rounds=200, learning_rate=0.02, leaves=7, minimum_rows=100, row_share=0.7, feature_share=0.4,
                     l2=20.0, extra=True)
GOLDEN = 12


def fit_weights(rows: CustomerRows, outcome: Float64, newest: NDArray[np.bool_], horizon_days: int, seed: int, *,
                forests: int = FORESTS, advance: Callable[[], None] = lambda: None) -> ChurnWeights:
    """Return the blend fitted on all rows; ``newest`` marks the rows of the latest snapshot.

    Where rows cover different parts of the horizon, each part has forests of its own (their mean is taken, a shift
    is the calibration's business); the linear part learns from all of them at once, with the part as a column.
    """
    encoder = ChurnEncoder.of(rows, newest, horizon_days)
    matrix, shares = encoder.matrix(rows), rows.numbers[SHARE].to_numpy(dtype=np.float64)
    grown = []
    for share in sorted(set(shares.tolist()), reverse=True):
        own = shares == share
        settings = replace(TREES, minimum_rows=max(min(TREES.minimum_rows, int(own.sum()) // 20), 5))
        for place in range(forests):
            grown.append(Forest(share, fit_trees(matrix[own], outcome[own], encoder.names, settings, seed + place)))
            advance()
    return ChurnWeights(encoder, tuple(grown), fit_linear(encoder, matrix, outcome))


def fit_linear(encoder: ChurnEncoder, matrix: Float64, outcome: Float64) -> LinearOdds:
    """Return the linear part: the columns that do not depend on how long history is, numbers and categories."""
    history = set(encoder.columns) - set(LINEAR)
    columns = [place for place, name in enumerate(encoder.names) if name not in history]
    return fit_linear_odds(matrix, outcome, columns, STRENGTH)


def scorer_of(weights: ChurnWeights, scores: Float64, outcome: Float64, row_weights: Float64, capacity_share: float,
              facts: dict[str, Any]) -> ChurnScorer:
    """Return the scorer calibrated on held-out scores, with level limits for the given share of rows."""
    calibration = fit_smooth_calibration(scores, outcome, weights=row_weights)
    limits = level_limits(calibration.probabilities(scores), capacity_share)
    return ChurnScorer(facts, weights, calibration, limits)


def golden_rows(rows: CustomerRows, seed: int) -> CustomerRows:
    """Return made-up rows: each column's values are drawn on their own, so that no row is a customer."""
    random = np.random.default_rng(seed)

    def mixed(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({name: frame[name].to_numpy()[random.integers(0, len(frame), GOLDEN)]
                             for name in frame.columns}, index=pd.RangeIndex(GOLDEN))

    return CustomerRows(mixed(rows.history), mixed(rows.categories), mixed(rows.numbers))
