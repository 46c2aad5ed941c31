"""Facts of entities before a moment, coded as arrays: counts, sums, medians and ages by entity, all vectorised."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["EntityFacts", "ages", "codes_of", "distinct", "ranked_within", "ratio"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
DAY = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True, eq=False)
class EntityFacts:
    """Facts in the order of entity and time: ``code`` is the entity's position, from 0 to ``entities`` - 1.

    ``age`` is days before the moment, above 0; a window of 30 days holds ages up to 30 (the moment's own instant is
    outside, the one 30 days before it inside). ``rows`` are the facts' positions in the frame they came from.
    """

    code: Ints
    age: Float64
    rows: Ints
    entities: int

    @classmethod
    def of(cls, entity: pd.Series, at: pd.Series, entities: pd.Index, as_of: pd.Timestamp,
           mask: Mask | None = None) -> "EntityFacts":
        """Take the rows of known entities that lie before ``as_of`` (where ``mask`` is true); the others are dropped.

        >>> at = pd.to_datetime(["2026-01-01", "2026-01-03", "2026-01-02"], utc=True).to_series()
        >>> facts = EntityFacts.of(pd.Series(["a", "a", "b"]), at, pd.Index(["a", "b", "c"]),
        ...                        pd.Timestamp("2026-01-03", tz="UTC"))
        >>> facts.code.tolist(), facts.age.tolist(), facts.count().tolist(), facts.youngest().tolist()
        ([0, 1], [2.0, 1.0], [1.0, 1.0, 0.0], [2.0, 1.0, nan])
        """
        return cls.coded(codes_of(entity, entities), ages(at, as_of), len(entities), mask)

    @classmethod
    def coded(cls, code: Ints, age: Float64, entities: int, mask: Mask | None = None) -> "EntityFacts":
        """Take rows whose code is not negative and whose age is above 0 (NaN is not)."""
        kept = np.flatnonzero((code >= 0) & (age > 0) & (True if mask is None else mask))
        rows = kept[ranked_within(code[kept], -age[kept])]
        return cls(code[rows], age[rows], rows, entities)

    def where(self, mask: Mask) -> "EntityFacts":
        """Return the facts (in this order) where ``mask`` is true."""
        return EntityFacts(self.code[mask], self.age[mask], self.rows[mask], self.entities)

    def within(self, days: float | None) -> Mask:
        """Return which facts lie in the window; None: all."""
        return np.ones(self.age.size, dtype=bool) if days is None else self.age <= days

    def count(self, days: float | None = None) -> Float64:
        """Return how many facts each entity has in the window."""
        return np.bincount(self.code[self.within(days)], minlength=self.entities).astype(np.float64)

    def total(self, values: Float64, days: float | None = None) -> Float64:
        """Return each entity's sum of ``values`` (in the facts' order; NaN counts as 0) in the window."""
        rows = self.within(days) & ~np.isnan(values)
        found: Float64 = np.bincount(self.code[rows], values[rows], self.entities).astype(np.float64)
        return found

    def mean(self, values: Float64, days: float | None = None) -> Float64:
        """Return each entity's mean of the values that are there, NaN without any."""
        rows = self.within(days) & ~np.isnan(values)
        counted = np.bincount(self.code[rows], minlength=self.entities)
        return ratio(np.bincount(self.code[rows], values[rows], self.entities), counted)

    def median(self, values: Float64, days: float | None = None) -> Float64:
        """Return each entity's median (the mean of the middle two) of the values that are there, NaN without any."""
        rows = self.within(days) & ~np.isnan(values)
        code, present = self.code[rows], values[rows]
        ranked = present[ranked_within(code, present)]
        counted = np.bincount(code, minlength=self.entities)
        start, found = np.cumsum(counted) - counted, np.full(self.entities, np.nan)
        has = counted > 0
        low, high = start[has] + (counted[has] - 1) // 2, start[has] + counted[has] // 2
        found[has] = (ranked[low] + ranked[high]) / 2
        return found

    def youngest(self) -> Float64:
        """Return the age in days of each entity's newest fact, NaN without any."""
        return self._picked(np.append(np.diff(self.code) != 0, True), self.age)

    def oldest(self) -> Float64:
        """Return the age in days of each entity's first fact, NaN without any."""
        return self._picked(np.append(True, np.diff(self.code) != 0)[:self.code.size], self.age)

    def last(self, values: Float64) -> Float64:
        """Return the value of each entity's newest fact, NaN without any."""
        return self._picked(np.append(np.diff(self.code) != 0, True), values)

    def _picked(self, mask: Mask, values: Float64) -> Float64:
        found = np.full(self.entities, np.nan)
        mask = mask[:self.code.size]
        found[self.code[mask]] = values[mask]
        return found


def codes_of(entity: pd.Series, entities: pd.Index) -> Ints:
    """Return the position of each row's entity in ``entities``, -1 for what is not among them.

    >>> codes_of(pd.Series(["b", None, "x"]), pd.Index(["a", "b"])).tolist()
    [1, -1, -1]
    """
    local, names = pd.factorize(entity)
    place = np.append(entities.get_indexer(pd.Index(names)), -1).astype(np.int64)
    found: Ints = place[local]
    return found


def ranked_within(code: Ints, values: Float64) -> Ints:
    """Return positions in the order of code, then value, equal ones as they come; two plain sorts beat one of pairs.

    >>> ranked_within(np.array([1, 0, 1]), np.array([2.0, 5.0, 1.0])).tolist()
    [1, 2, 0]
    """
    by_value = np.argsort(values, kind="stable")
    place = np.sort(code[by_value] * values.size + np.arange(values.size))
    found: Ints = by_value[place % max(values.size, 1)]
    return found


def distinct(code: Ints, label: Ints, entities: int) -> Float64:
    """Return how many different labels (those below 0 aside) each entity has.

    >>> distinct(np.array([0, 0, 1]), np.array([3, 3, -1]), 2).tolist()
    [1.0, 0.0]
    """
    width = int(label.max(initial=0)) + 1
    pairs = np.sort(code[label >= 0] * width + label[label >= 0])
    first = np.flatnonzero(np.diff(pairs, prepend=-1))
    return np.bincount(pairs[first] // width, minlength=entities).astype(np.float64)


def ages(at: pd.Series, as_of: pd.Timestamp) -> Float64:
    """Return days from each time to ``as_of`` (negative: after it), NaN where there is no time."""
    moments: NDArray[Any] = at.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    moment = as_of.tz_convert("UTC").tz_localize(None).to_datetime64().astype("datetime64[us]")
    passed = (moment - moments).astype(np.int64) / DAY
    return np.where(np.isnat(moments), np.nan, passed)


def ratio(above: Any, below: Any) -> Float64:
    """Return the quotient as float64, NaN where the divisor is 0.

    >>> ratio([1.0, 1.0], [2.0, 0.0]).tolist()
    [0.5, nan]
    """
    divisor = np.asarray(below, dtype=np.float64)
    found: Float64 = np.divide(np.asarray(above, dtype=np.float64), divisor, out=np.full(divisor.shape, np.nan),
                               where=divisor != 0)
    return found
