"""Fit on older snapshots, judge on the newest: model, baselines and champion on rows that none was fitted on.

The regimes, by how far apart the first and the last date to learn at lie:

``time``             two horizons or more: the last date is the test; validation (calibration) and training dates lie
                     earlier, with a horizon between each, so that no window of an older part reaches into a newer one
``time_and_entity``  one horizon or more: the last date is the test; the older dates are split by customer
``entity``           less, or no time at all: every customer is judged at the last date by a fit on other customers
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.churn.columns import EXPECTED
from models.churn.encoder import CustomerRows
from models.churn.fit import fit_weights
from models.churn.scorer import ChurnWeights
from models.churn.spec import ChurnSpec
from models.probability_calibration import fit_smooth_calibration
from training.churn.snapshots import Snapshots
from training.folds import group_folds

Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
FOLDS = 5
VALIDATION_SPAN = 0.5
"""Horizons over which the dates of the validation part lie."""
STRONG = ("logistic", "buy_till_you_die")


@dataclass(frozen=True, eq=False)
class ChurnSplit:
    """Masks over the snapshots' rows, and the regime; in ``entity`` train and validation are out of fold."""

    regime: str
    train: Mask
    validation: Mask
    test: Mask
    gap: pd.Timedelta


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """The test rows' positions, calibrated probabilities, and the baselines' scores."""

    positions: NDArray[np.int64]
    probability: Float64
    baselines: dict[str, Float64]


def split_of(found: Snapshots, seed: int) -> ChurnSplit:
    """Return the split of the widest regime that the dates allow."""
    dates, horizon, last = found.dates, found.horizon, found.judged_place
    newest = found.whole & (found.place == last)
    older = found.ended_by(dates[last])
    if found.timeless or not (older & found.whole).any():
        return ChurnSplit("entity", newest, newest, newest, pd.Timedelta(0))
    validation = _validation(found, older & found.whole)
    train = found.ended_by(dates[int(found.place[validation].min())])
    if all(part.any() and 0 < found.outcome[part].mean() < 1 for part in (train & found.whole, validation)):
        return ChurnSplit("time", train, validation, newest, horizon)
    fold = group_folds(found.entity, found.outcome, FOLDS, seed)
    return ChurnSplit("time_and_entity", older & (fold != 0), older & found.whole & (fold == 0), newest, horizon)


def _validation(found: Snapshots, older: Mask) -> Mask:
    """The newest of the older dates, over half a horizon, but not so many that none is left to learn from."""
    dates, latest = found.dates, int(found.place[older].max())
    spare = max((dates[latest] - dates[0]) - found.horizon, pd.Timedelta(0))
    start = dates[latest] - min(spare, VALIDATION_SPAN * found.horizon)
    recent = np.array([date >= start for date in dates])
    chosen: Mask = older & recent[found.place]
    return chosen


def judge_rows(spec: ChurnSpec, found: Snapshots, parts: ChurnSplit, seed: int,
               advance: Callable[[], None]) -> JudgedRows:
    """Answer the test rows by a model and baselines that know neither them nor what they overlap."""
    if parts.regime == "entity":
        return _out_of_fold_judged(spec, found, parts, seed, advance)
    fitted, test = found.take(parts.train), found.take(parts.test)
    weights = fit_weights(fitted.rows, fitted.outcome, fitted.newest, spec.settings.horizon_days, seed,
                          advance=advance)
    held = found.take(parts.validation)
    calibration = fit_smooth_calibration(weights.scores(held.rows), held.outcome)
    return JudgedRows(np.flatnonzero(parts.test), calibration.probabilities(weights.scores(test.rows)),
                      baseline_scores(weights, test.rows))


def baseline_scores(weights: ChurnWeights, rows: CustomerRows) -> dict[str, Float64]:
    """Return scores (higher is riskier) of recency alone, of buy-till-you-die, of logistic regression.

    Where nothing has a time, there is neither of the first two, and chance stands for them.
    """
    encoder = weights.encoder
    matrix = encoder.matrix(rows)
    found: dict[str, Float64] = {}
    if "days_since_last" in encoder.columns:
        found["recency"] = _filled(rows.history["days_since_last"].to_numpy(dtype=np.float64))
    if encoder.orders:
        found["buy_till_you_die"] = _filled(-matrix[:, encoder.names.index(EXPECTED)])
    if not found:
        found["base_rate"] = np.zeros(len(rows))
    return {**found, "logistic": weights.linear.scores(matrix)}


def out_of_fold_scores(spec: ChurnSpec, found: Snapshots, seed: int, advance: Callable[[], None],
                       wanted: Mask | None = None) -> tuple[Float64, dict[str, Float64], NDArray[np.int64]]:
    """Return each row's score and baselines by a fit on other customers, and its fold; NaN if not ``wanted`` (default:
    where the outcome covers the whole horizon).
    """
    fold = group_folds(found.entity, found.outcome, FOLDS, seed)
    scores = np.full(len(found), np.nan)
    baselines: dict[str, Float64] = {}
    for each in range(int(fold.max()) + 1):
        fitted = found.take(fold != each)
        held = np.flatnonzero((fold == each) & (found.whole if wanted is None else wanted))
        weights = fit_weights(fitted.rows, fitted.outcome, fitted.newest, spec.settings.horizon_days, seed, forests=1)
        rows = found.rows.take(held)
        scores[held] = weights.scores(rows)
        for name, score in baseline_scores(weights, rows).items():
            baselines.setdefault(name, np.full(len(found), np.nan))[held] = score
        advance()
    return scores, baselines, fold


def _out_of_fold_judged(spec: ChurnSpec, found: Snapshots, parts: ChurnSplit, seed: int,
                        advance: Callable[[], None]) -> JudgedRows:
    """Each fold's scores are calibrated on those of the other folds."""
    scores, baselines, fold = out_of_fold_scores(spec, found, seed, advance, parts.test)
    judged = np.flatnonzero(parts.test & ~np.isnan(scores))
    probability = np.full(len(found), np.nan)
    for each in range(int(fold.max()) + 1):
        held, others = judged[fold[judged] == each], judged[fold[judged] != each]
        calibration = fit_smooth_calibration(scores[others], found.outcome[others])
        probability[held] = calibration.probabilities(scores[held])
    return JudgedRows(judged, probability[judged], {name: score[judged] for name, score in baselines.items()})


def _filled(values: Float64) -> Float64:
    """Who has no such number is taken as riskier than all who have."""
    return np.where(np.isnan(values), np.nanmax(values, initial=0) + 1, values)
