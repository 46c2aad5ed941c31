"""A replayed policy beside what really happened: moves, waiting by priority, and how evenly the work was spread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.routing.replay import Replayed
from training.routing.replay_past import PastTickets

__all__ = ["compared", "gini"]

Float64 = NDArray[np.float64]
WAIT_SHARES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class _Course:
    """One entry a ticket of the period: who got it at last (-1: nobody), hours until then, and its moves."""

    person: NDArray[np.int64]
    waited: Float64
    moves: NDArray[np.int64]


def compared(past: PastTickets, replayed: Replayed, people: int, priorities: Sequence[str]) -> pd.DataFrame:
    """Return a row a measure: ``measure``, ``priority`` ("" for all), ``really``, ``policy`` and their ``difference``.

    ``past`` holds the tickets of the period alone. Waiting counts until somebody who fits a ticket has it; tickets that
    nobody got have no end of it and are counted apart.
    """
    real = _Course(past.person, past.settled - past.created, past.moves)
    policy = _Course(replayed.person, replayed.settled - past.created, replayed.moves)
    rows = [("tickets", "", float(len(past)), float(len(past)))]
    rows += _pairs("", _totals(real, people), _totals(policy, people))
    for name in ("", *priorities):
        mine = np.ones(len(past), dtype=bool) if not name else past.priority == name
        if name:
            rows += _pairs(name, _right(real, mine), _right(policy, mine))
        rows += _pairs(name, _waiting(real, mine), _waiting(policy, mine))
    frame = pd.DataFrame(rows, columns=["measure", "priority", "really", "policy"])
    return frame.assign(difference=frame["policy"] - frame["really"])


def gini(counts: Float64) -> float:
    """Return the Gini coefficient: 0 where everybody has the same, towards 1 where one has all.

    >>> gini(np.array([5.0, 5.0, 5.0])), round(gini(np.array([0.0, 0.0, 9.0])), 3)
    (0.0, 0.667)
    """
    if not counts.sum():
        return 0.0
    ranks = np.arange(1, len(counts) + 1)
    return float(2 * (ranks * np.sort(counts)).sum() / (len(counts) * counts.sum()) - (len(counts) + 1) / len(counts))


def _totals(course: _Course, people: int) -> dict[str, float]:
    worked = course.person >= 0
    counts = np.bincount(course.person[worked], minlength=people).astype(np.float64)
    shown = counts[counts > 0]
    return {
        "reassignments": float(course.moves.sum()),
        **_right(course, np.ones(len(worked), dtype=bool)),
        "left without anybody": float((~worked).sum()),
        "people with tickets": float(len(shown)),
        "busiest person's share": float(counts.max(initial=0.0) / max(counts.sum(), 1.0)),
        "uneven load (Gini)": gini(shown),
    }


def _right(course: _Course, mine: NDArray[np.bool_]) -> dict[str, float]:
    right = mine & (course.person >= 0) & (course.moves == 0)
    return {"right at first, share": float(right.sum() / max(mine.sum(), 1))}


def _waiting(course: _Course, mine: NDArray[np.bool_]) -> dict[str, float]:
    hours = course.waited[mine & (course.person >= 0) & ~np.isnan(course.waited)]
    return {f"hours waited, {name}": float(np.quantile(hours, share)) if len(hours) else float("nan")
            for name, share in WAIT_SHARES.items()}


def _pairs(priority: str, real: dict[str, float], policy: dict[str, float]) -> list[tuple[str, str, float, float]]:
    return [(name, priority, real[name], policy[name]) for name in real]
