"""Which tickets carry a usable label, and what it is called today."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.policy import Policy

__all__ = ["LabelColumns", "LabelledRows", "labelled"]

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """The field of the taxonomy, the column of its values and, if there is one, the column of the level below."""

    field: str
    label: str
    second_level: str = ""


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """``positions`` (int64) of the rows kept, their labels and second-level labels (None where missing)."""

    positions: NDArray[np.int64]
    labels: Objects
    second: Objects
    left_out: dict[str, int]


def labelled(tickets: pd.DataFrame, columns: LabelColumns, policy: Policy) -> LabelledRows:
    """Return the rows with text and an active label, under today's names, and how many rows were left out why."""
    raw = tickets[columns.label].astype(object).to_numpy(dtype=object)
    missing = pd.isna(raw) | np.array([str(name).strip() == "" for name in raw], dtype=bool)
    names = {name: policy.current(columns.field, str(name)) for name in set(raw[~missing])}
    labels = np.array([None if gone else names[name] for name, gone in zip(raw, missing, strict=True)], dtype=object)
    closed = {name for name in names.values() if not policy.find(columns.field, name).active}
    inactive = np.array([name in closed for name in labels], dtype=bool)
    silent = ~_has_text(tickets)
    kept = np.flatnonzero(~missing & ~inactive & ~silent)
    reasons = {"no_label": missing, "inactive_label": inactive, "no_text": silent & ~missing & ~inactive}
    left_out = {why: int(rows.sum()) for why, rows in reasons.items() if rows.any()}
    second = _second(tickets.iloc[kept], columns.second_level, labels[kept], policy)
    return LabelledRows(kept, labels[kept], second, left_out)


def _has_text(tickets: pd.DataFrame) -> NDArray[np.bool_]:
    found = np.zeros(len(tickets), dtype=bool)
    for column in ("subject", "body"):
        if column in tickets.columns:
            found |= tickets[column].fillna("").str.strip().ne("").to_numpy(dtype=bool)
    return found


def _second(tickets: pd.DataFrame, column: str, labels: Objects, policy: Policy) -> Objects:
    """Return the labels below ``labels`` under today's names; None where missing, inactive or below another one."""
    second = np.full(len(tickets), None, dtype=object)
    if column and column in tickets.columns:
        values = tickets[column].astype(object)
        for row in np.flatnonzero(values.notna() & values.ne("")):
            value = policy.current(column, str(values.iloc[row]))
            second[row] = value if policy.stands_below(column, value, labels[row]) else None
    return second
