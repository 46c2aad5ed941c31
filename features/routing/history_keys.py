"""Which fields and pairs of them say who solves a ticket: chosen by what tickets alike have in common."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.routing.candidate_history import HistoryKey

__all__ = ["best_crosses", "best_fields", "leave_one_out_share"]

Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
_LEAST_GAIN = 0.005
"""Share of tickets. What gains less gains by chance, such as a customer's region beside the customer."""
_ALWAYS = frozenset({"category", "customer_id", "device_id"})
"""Fields of which it is told when a value was never seen, whatever they say."""


def best_fields(
    values: Mapping[str, Objects], labels: Objects, fields: Sequence[str],
) -> tuple[HistoryKey, ...]:
    """Return those of ``fields`` that tell labels apart better than nothing, and ``_ALWAYS``; in their order.

    A field is worth its ``leave_one_out_share``, which must be half a ticket in a hundred above that of all tickets
    together. The others only give the trees something to learn by heart.
    """
    label = pd.factorize(labels)[0].astype(np.int64)
    least = leave_one_out_share(np.zeros(len(label), dtype=np.int64), label) + _LEAST_GAIN
    return tuple(HistoryKey((field,)) for field in fields if field in _ALWAYS or leave_one_out_share(
        pd.factorize(values[field])[0].astype(np.int64), label) >= least)


def best_crosses(
    values: Mapping[str, Objects], labels: Objects, fields: Sequence[str], limit: int = 8, each: int = 4,
) -> tuple[HistoryKey, ...]:
    """Return at most ``limit`` pairs of ``fields`` that tell labels apart better than either field alone, best first.

    ``values`` and ``labels`` hold a text a ticket. A pair is worth its ``leave_one_out_share``, which must be half a
    ticket in a hundred above either field's: every answer has to read the history of each pair. No field stands in
    more than ``each`` pairs. Equal pairs keep the order of ``fields``.
    """
    codes = {field: pd.factorize(values[field])[0].astype(np.int64) for field in fields}
    label = pd.factorize(labels)[0].astype(np.int64)
    alone = {field: leave_one_out_share(code, label) for field, code in codes.items()}
    worth = {pair: leave_one_out_share(_crossed(codes[pair[0]], codes[pair[1]]), label) for pair in
             combinations(fields, 2)}
    better = [pair for pair in worth if worth[pair] >= max(alone[pair[0]], alone[pair[1]]) + _LEAST_GAIN]
    chosen: list[tuple[str, str]] = []
    for pair in sorted(better, key=lambda pair: -worth[pair]):
        if len(chosen) < limit and all(sum(name in other for other in chosen) < each for name in pair):
            chosen.append(pair)
    return tuple(HistoryKey(pair) for pair in chosen)


def leave_one_out_share(code: Int64, label: Int64) -> float:
    """Return the mean share of a ticket's label among the other tickets with its value, damped by one ticket.

    >>> leave_one_out_share(np.array([0, 0, 1]), np.array([5, 5, 5]))
    0.333...
    """
    if not len(code):
        return 0.0
    _, place, tickets = np.unique(code, return_inverse=True, return_counts=True)
    _, pair, alike = np.unique(_crossed(code, label), return_inverse=True, return_counts=True)
    return float(np.mean((alike[pair] - 1) / tickets[place]))


def _crossed(first: Int64, second: Int64) -> Int64:
    return first * (int(second.max(initial=0)) + 1) + second
