"""Rankings of many tickets as the columns that the command line promises."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.routing.confidence import ANYBODY
from models.thresholds import Thresholds

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
DIGITS = 6


def answer_columns(
    entity: str, ids: Objects, who: Int64, probabilities: Float64, candidates: Sequence[str], thresholds: Thresholds,
    top_k: int,
) -> pd.DataFrame:
    """Return id, prediction (empty when abstaining), confidence, decision, rank_1 … and confidence_1 … a ticket.

    ``who`` are candidates' codes (tickets, candidates), -1 for nobody; equal probabilities keep their order there.
    """
    rounded = np.round(np.where(who >= 0, probabilities, -1.0), DIGITS)
    order = np.argsort(-rounded, axis=1, kind="stable")[:, :top_k]
    names = np.array([*candidates, ""], dtype=object)[np.take_along_axis(who, order, axis=1)]
    chances = np.where(names == "", np.nan, np.take_along_axis(rounded, order, axis=1))
    names, chances = (_widened(each, top_k, nothing) for each, nothing in ((names, ""), (chances, np.nan)))
    decisions = decisions_of(names[:, 0], chances[:, 0], thresholds)
    columns: dict[str, Any] = {
        entity: ids, "prediction": np.where(decisions == "abstain", "", names[:, 0]), "confidence": chances[:, 0],
        "decision": decisions,
        **{f"rank_{place + 1}": names[:, place] for place in range(top_k)},
        **{f"confidence_{place + 1}": chances[:, place] for place in range(top_k)},
    }
    return pd.DataFrame(columns)


def decisions_of(values: Objects, confidence: Float64, thresholds: Thresholds) -> Objects:
    """Return ``auto``, ``suggest`` or ``abstain`` of first-ranked values by their own thresholds, else everybody's."""
    limits = {value: _limits(thresholds.get(value, thresholds[ANYBODY])) for value in set(values.tolist())}
    found = ["abstain"] * len(values)
    for row, (value, sure) in enumerate(zip(values.tolist(), confidence.tolist(), strict=True)):
        suggest, auto = limits[value]
        found[row] = "auto" if sure >= auto else "suggest" if sure >= suggest else "abstain"
    return np.array(found, dtype=object)


def _limits(of: Mapping[str, float | None]) -> tuple[float, float]:
    suggest, auto = (np.inf if (limit := of[name]) is None else limit for name in ("suggest", "auto"))
    return suggest, auto


def _widened(cells: NDArray[Any], width: int, nothing: Any) -> NDArray[Any]:
    return np.pad(cells, ((0, 0), (0, width - cells.shape[1])), constant_values=nothing)


def rank_metrics(place: Int64) -> dict[str, float]:
    """Return top-1, top-3 and mean reciprocal rank of the right candidates' places, -1 where not found.

    >>> rank_metrics(np.array([0, 1, -1]))
    {'top_1': 0.333..., 'top_3': 0.666..., 'mrr': 0.5}
    """
    if not len(place):
        return {}
    found = place >= 0
    return {"top_1": float(np.mean(place == 0)), "top_3": float(np.mean(found & (place < 3))),
            "mrr": float(np.mean(np.where(found, 1 / (np.maximum(place, 0) + 1), 0.0)))}
