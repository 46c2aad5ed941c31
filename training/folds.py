"""Rows dealt to folds for out-of-fold scores, whole groups together."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fenzhen.errors import TrainingRefused

Ints = NDArray[np.int64]


def group_folds(groups: ArrayLike | None, labels: ArrayLike, k: int = 5, seed: int = 0) -> Ints:
    """Return an int64 fold per row, whole groups in one fold, classes spread evenly, for out-of-fold scores.

    There are ``k`` folds, or as many as groups if those are fewer. A class whose rows all lie in one group cannot be
    held out and learnt at once: such groups get -1, which means always fitted on and never scored out of fold. So
    the rows outside any fold hold every class. Raises ``TrainingRefused`` for one class or fewer than two groups.

    >>> group_folds(["a", "a", "b", "c", "d", "e"], ["纸", "纸", "纸", "墨", "墨", "屏"], k=2).tolist()
    [1, 1, 0, 0, 1, -1]
    """
    rows = len(np.asarray(labels))
    classes, units = class_codes(labels, rows), unit_codes(groups, rows)
    groups_found = int(units.max()) + 1
    folds = min(k, groups_found)
    if folds < 2:
        raise TrainingRefused(f"got {groups_found} group(s) of text for {k} folds, expected at least two of both")
    stratum, size = strata(units, classes)
    order = np.random.default_rng(seed).permutation(stratum.size)
    order = order[np.lexsort((-size[order], stratum[order]))]
    fold_of_unit = np.empty(stratum.size, dtype=np.int64)
    fold_of_unit[order] = np.arange(stratum.size) % folds
    for label in range(int(classes.max()) + 1):
        members = np.unique(units[classes == label])
        if np.unique(fold_of_unit[members]).size == 1 and fold_of_unit[members[0]] >= 0:
            fold_of_unit[members[:1] if members.size > 1 else members] = -1
    return fold_of_unit[units]


def strata(units: Ints, classes: Ints) -> tuple[Ints, Ints]:
    """Return per unit its rarest class (so that rare ones get spread) and its rows."""
    frequency = np.bincount(classes)
    order = np.lexsort((classes, frequency[classes], units))
    first = np.append(True, np.diff(units[order]) != 0)
    return classes[order][first], np.bincount(units)


def class_codes(labels: ArrayLike | None, rows: int) -> Ints:
    """Return each label's code, 0 for all without labels; raises ``TrainingRefused`` for one class."""
    if labels is None:
        return np.zeros(rows, dtype=np.int64)
    values, codes = np.unique(np.asarray(labels), return_inverse=True)
    if values.size < 2:
        raise TrainingRefused(f"got one class, {str(values[0]) if values.size else 'none'!r}, in {rows} rows, "
                              "expected at least two")
    return codes.astype(np.int64)


def unit_codes(values: ArrayLike | None, rows: int) -> Ints:
    """Return each row's entity or group as a code counted from 0; a missing one is an entity of its own.

    >>> unit_codes(["a", None, "a", None], 4)
    array([0, 1, 0, 2])
    """
    if values is None:
        return np.arange(rows)
    codes = pd.factorize(pd.Series(np.asarray(values), dtype=object))[0].astype(np.int64)
    missing = codes < 0
    codes[missing] = codes.max(initial=-1) + 1 + np.arange(missing.sum())
    return pd.factorize(codes)[0].astype(np.int64)
