"""Scores of several horizons as the store keeps them: the first one in full, the others told in its details."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from training.family import Scored

__all__ = ["of_first_horizon"]


def of_first_horizon(frame: pd.DataFrame, details: Any) -> Scored:
    """Return the rows of the frame's first horizon.

    The details of an entity's first row then hold ``horizons``: component, horizon_days and probability of the others.
    A frame of one horizon is returned as it is.

    >>> frame = pd.DataFrame({"device_id": ["D1", "D1"], "horizon_days": [7, 30], "component": ["any", "any"],
    ...                       "probability": [0.2, 0.5]})
    >>> found = of_first_horizon(frame, [{"part": "fan"}, {}])
    >>> len(found.frame), list(found.details)
    (1, [{'part': 'fan', 'horizons': [{'component': 'any', 'horizon_days': 30, 'probability': 0.5}]}])
    """
    kept = frame["horizon_days"] == frame["horizon_days"].iloc[0] if len(frame) else pd.Series([], dtype=bool)
    if kept.all():
        return Scored(frame, details)
    told = _told(Scored(frame, details), [bool(each) for each in kept], _others(frame[~kept]))
    return Scored(frame[kept].reset_index(drop=True), told)


def _others(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entity, component, days, chance in zip(rows.iloc[:, 0], rows["component"], rows["horizon_days"],
                                               rows["probability"], strict=True):
        told = {"component": str(component), "horizon_days": int(days), "probability": float(chance)}
        found.setdefault(str(entity), []).append(told)
    return found


def _told(scored: Scored, kept: Sequence[bool], others: Mapping[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    waiting = dict(others)
    for entity, keep, details in zip(scored.frame.iloc[:, 0], kept, scored.details, strict=True):
        if keep:
            mine = waiting.pop(str(entity), None)
            yield details if mine is None else {**details, "horizons": mine}
