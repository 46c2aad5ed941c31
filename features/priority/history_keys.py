"""Which fields and pairs of them are worth a history: those in which tickets alike share their urgency."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.priority.counts import IDENTITIES, Key

__all__ = ["best_fields", "best_pairs"]

Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
_DAMPING = 10.0
_LEAST_GAIN = 1e-4  # nats a ticket, summed over thresholds
_LEAST_ALONE = 2e-3  # likewise; a field that gains less gains by chance
_CONSTANT = 0.98  # share of tickets with the same value, from which on a field is in no pair


def best_fields(
    values: Mapping[str, Objects], level: Int64, levels: int, fields: Sequence[str],
) -> tuple[Key, ...]:
    """Return those of ``fields`` that say something of ``level``, and all identities: repeats are counted by them.

    A field says what its damped leave-one-out shares save in log loss over the share of all tickets. Every answer has
    to read the history of each key, and of a field that says nothing it only tells how busy the desk was.
    """
    nothing = leave_one_out_loss(np.zeros(len(level), dtype=np.int64), level, levels)
    return tuple((name,) for name in fields if name in IDENTITIES or nothing - leave_one_out_loss(
        pd.factorize(values[name])[0].astype(np.int64), level, levels) >= _LEAST_ALONE)


def best_pairs(
    values: Mapping[str, Objects], level: Int64, levels: int, fields: Sequence[str], limit: int = 7, each: int = 4,
) -> tuple[Key, ...]:
    """Return at most ``limit`` pairs of ``fields`` that say more of ``level`` than either field, the best one first.

    A pair is worth what its damped leave-one-out shares save in log loss over the better of its fields, for each
    urgency threshold; no field stands in more than ``each`` pairs, nor one that is nearly always the same.
    """
    fields = [name for name in fields if pd.Series(values[name]).value_counts(normalize=True).iloc[0] < _CONSTANT]
    codes = {name: pd.factorize(values[name])[0].astype(np.int64) for name in fields}
    alone = {name: leave_one_out_loss(code, level, levels) for name, code in codes.items()}
    gain = {}
    for first, second in combinations(fields, 2):
        crossed = pd.factorize(codes[first] * (codes[second].max(initial=0) + 1) + codes[second])[0].astype(np.int64)
        gain[first, second] = min(alone[first], alone[second]) - leave_one_out_loss(crossed, level, levels)
    chosen: list[Key] = []
    for pair in sorted(gain, key=lambda pair: -gain[pair]):
        room = all(sum(name in other for other in chosen) < each for name in pair)
        if len(chosen) < limit and gain[pair] > _LEAST_GAIN and room:
            chosen.append(pair)
    return tuple(chosen)


def leave_one_out_loss(code: Int64, level: Int64, levels: int) -> float:
    """Return the log loss a ticket of damped shares among the other tickets of its code, summed over thresholds.

    >>> same = leave_one_out_loss(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), 2)
    >>> mixed = leave_one_out_loss(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), 2)
    >>> same < mixed
    True
    """
    if not len(code):
        return 0.0
    total = np.bincount(code)[code] - 1
    loss = 0.0
    for threshold in range(levels - 1):
        urgent = (level <= threshold).astype(np.float64)
        prior = (urgent.sum() + 0.5) / (len(urgent) + 1)
        others = np.bincount(code, weights=urgent)[code] - urgent
        share = np.clip((others + _DAMPING * prior) / (total + _DAMPING), 1e-9, 1 - 1e-9)
        loss -= float(np.mean(urgent * np.log(share) + (1 - urgent) * np.log(1 - share)))
    return loss
