"""Two samples of a column as counts over the same bins: values, or ranges of numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["MISSING", "OTHER", "Bins", "bins_of"]

LEAST_EXPECTED = 5
"""Rows that either sample should have of a bin by chance, as chi-squared tests ask (Cochran 1954)."""
MISSING, OTHER = "missing 缺失", "other 其他"


@dataclass(frozen=True, eq=False)
class Bins:
    """Counts of both windows over the same bins, int64 of shape (2, bins); the last may hold what is rare."""

    names: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def rows(self) -> tuple[int, int]:
        """How many rows either window has."""
        first, second = self.counts.sum(axis=1).tolist()
        return first, second


def bins_of(reference: pd.Series, recent: pd.Series) -> Bins:
    """Return the counts of values, or of ranges of numbers between deciles of the reference.

    What chance would give either window fewer than ``LEAST_EXPECTED`` rows of is pooled as ``OTHER``.

    >>> found = bins_of(pd.Series(["web"] * 20 + ["fax"]), pd.Series(["web"] * 12 + ["app"] * 9))
    >>> found.names, found.counts.tolist()
    (('web', 'other 其他'), [[20, 1], [12, 9]])
    """
    if pd.api.types.is_numeric_dtype(reference) and pd.api.types.is_numeric_dtype(recent):
        values = ranges_of(*(each.to_numpy(dtype=np.float64, na_value=np.nan) for each in (reference, recent)))
    else:
        values = _texts(reference), _texts(recent)
    counted = pd.concat([pd.Series(each, dtype=object).value_counts() for each in values], axis=1).fillna(0)
    counted = counted.astype(np.int64).sort_index()
    rows = counted.sum()
    enough = counted.sum(axis=1) * rows.min() >= LEAST_EXPECTED * rows.sum()
    kept, rest = counted[enough], counted[~enough]
    names = tuple(str(name) for name in kept.index)
    counts = kept.to_numpy(dtype=np.int64).T
    if len(rest):
        names, counts = (*names, OTHER), np.column_stack([counts, rest.sum().to_numpy(dtype=np.int64)])
    return Bins(names, counts)


def ranges_of(reference: NDArray[np.float64], recent: NDArray[np.float64]) -> tuple[NDArray[np.object_], ...]:
    """Return the range of each number in both samples, by deciles of the reference (fewer for few rows).

    A number that many rows of the reference share is a range of its own, so that it is told from those below it.

    >>> ranges_of(np.array([0.0] * 8 + [1, 2]), np.array([0.0, -1, 2, np.nan]))[1].tolist()
    ['2: = 0', '1: < 0', '3: > 0', 'missing 缺失']
    """
    known = reference[~np.isnan(reference)]
    parts = int(np.clip(min(len(known), len(recent)) // LEAST_EXPECTED, 2, 10))
    edges = np.unique(np.quantile(known, np.arange(1, parts) / parts)) if len(known) else np.zeros(1)
    heavy = np.array([(known == edge).sum() * 2 * parts >= len(known) for edge in edges], dtype=bool)
    names = _range_names(edges, heavy)
    found = []
    for values in (reference, recent):
        below, upto = np.searchsorted(edges, values), np.searchsorted(edges, values, side="right")
        on_heavy = (upto > below) & np.append(heavy, False)[below]
        found.append(np.where(np.isnan(values), MISSING, names[2 * below + on_heavy]).astype(object))
    return tuple(found)


def _range_names(edges: NDArray[np.float64], heavy: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the names of what lies below each edge, on it, and above the last, numbered in order."""
    names = []
    for edge, alone in zip(edges, heavy, strict=True):
        names += [f"{'<' if alone else '≤'} {edge:.4g}", f"= {edge:.4g}"]
    width = len(str(len(names) + 1))
    return np.array([f"{place:0{width}}: {name}" for place, name in enumerate([*names, f"> {edges[-1]:.4g}"], 1)],
                    dtype=object)


def _texts(values: pd.Series) -> NDArray[np.object_]:
    known = values.astype(object).where(values.notna(), "").astype(str)
    found: NDArray[np.object_] = known.where(known != "", MISSING).to_numpy(dtype=object)
    return found
