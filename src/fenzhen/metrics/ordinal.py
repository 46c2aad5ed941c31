"""How good answers are where classes have an order: weighted kappa, mean cost, urgent rows found at a fixed load."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def quadratic_weighted_kappa(truth: ArrayLike, predicted: ArrayLike, classes: int) -> float:
    """Return agreement beyond chance, an error counting with the square of its steps; NaN where chance explains all.

    ``truth`` and ``predicted`` are places in the order, from 0. 1 is perfect, 0 what chance gives with the same totals
    (Cohen 1968, Psychological Bulletin 70:213). It is not comparable between tests with other shares of classes.

    >>> quadratic_weighted_kappa([0, 1, 2], [0, 1, 2], 3), quadratic_weighted_kappa([0, 0, 2, 2], [0, 2, 0, 2], 3)
    (1.0, 0.0)
    """
    found = _counts(truth, predicted, classes)
    steps = np.subtract.outer(np.arange(classes), np.arange(classes)) ** 2
    expected = np.outer(found.sum(axis=1), found.sum(axis=0)) / max(found.sum(), 1.0)
    chance = float((steps * expected).sum())
    return 1.0 - float((steps * found).sum()) / chance if chance else float("nan")


def mean_cost(truth: ArrayLike, predicted: ArrayLike, costs: NDArray[np.float64]) -> float:
    """Return the mean of ``costs[true, predicted]``; NaN for no rows.

    >>> mean_cost([0, 1], [1, 1], np.array([[0.0, 3.0], [1.0, 0.0]]))
    1.5
    """
    rows, columns = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    return float(costs[rows, columns].mean()) if rows.size else float("nan")


def recall_at_load(urgent: ArrayLike, scores: ArrayLike, load: float) -> float:
    """Return the share of ``urgent`` rows among the ``load`` with the highest scores; NaN where none is urgent.

    ``load`` is the share of all rows that can be looked at, rounded to whole rows. Of rows with equal scores at the
    edge each counts with the chance to be looked at, so the order of rows plays no part.

    >>> recall_at_load([1, 0, 1, 0], [0.9, 0.8, 0.1, 0.1], 0.25), recall_at_load([1, 0], [0.5, 0.5], 0.5)
    (0.5, 0.5)
    """
    wanted, found = np.asarray(urgent, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if wanted.shape != found.shape or not 0 < load <= 1:
        raise ValueError(f"got {wanted.shape} rows, {found.shape} scores and load={load}, expected equal sizes")
    if not wanted.sum():
        return float("nan")
    looked_at = round(load * wanted.size)
    edge = np.sort(found)[::-1][looked_at - 1] if looked_at else np.inf
    above, at_edge = found > edge, found == edge
    chance = (looked_at - above.sum()) / max(at_edge.sum(), 1)
    return float((wanted[above].sum() + chance * wanted[at_edge].sum()) / wanted.sum())


def _counts(truth: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.float64]:
    rows, columns = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if rows.shape != columns.shape:
        raise ValueError(f"got {rows.shape} labels and {columns.shape} predictions, expected two equal lists")
    return np.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes).astype(np.float64)
