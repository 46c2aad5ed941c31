"""A complete run in memory: any filter, any order, any page of a million rows in a few milliseconds.

A page is cut from an order of all rows that never changes, so a cursor is a place in that order: nobody is shown twice
and nobody is left out, whatever the filter.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fenzhen.store import CHANGES, LEVELS, StoredRun
from fenzhen.store.risk_columns import NO_MOMENT, Labels, RiskColumns
from serving.accounts.search_text import SearchText, search_text

__all__ = ["SORTS", "Condition", "Found", "RiskIndex"]

Mask = npt.NDArray[np.bool_]
Order = npt.NDArray[np.int32]
SORTS = ("probability", "value_at_risk", "renewal_at", "changed_at")
"""What may be sorted by; with a minus before it, the largest first. What has no value comes last either way."""
SLAB = 65_536
MOST_REMEMBERED = 32
MOST_SEARCHES = 8


@dataclass(frozen=True, slots=True)
class Condition:
    """Which accounts are wanted; None or empty means any. Moments are seconds since 1970.

    A text matches in a name or id, in any case; ``entities`` are the only ones wanted, ``without`` those that are not.
    """

    owner: Collection[str] = ()
    customer_tier: Collection[str] = ()
    region: Collection[str] = ()
    risk_level: Collection[str] = ()
    change: Collection[str] = ()
    renewal_from: float | None = None
    renewal_until: float | None = None
    changed_since: float | None = None
    text: str = ""
    entities: Collection[str] | None = None
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page: rows in order, how many match in all, and the place after which the next page begins, if there is one."""

    rows: npt.NDArray[np.int32]
    total: int
    next_place: int | None


@dataclass(frozen=True)
class RiskIndex:
    """The rows of ``run``; ``columns`` is None for a run without rows."""

    run: StoredRun
    columns: RiskColumns | None
    _orders: dict[str, Order] = field(default_factory=dict)
    _searched: dict[str, Mask] = field(default_factory=dict)
    _asked: dict[frozenset[str], npt.NDArray[np.int64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return 0 if self.columns is None else len(self.columns)

    def page(self, condition: Condition, sort: str, after: int | None, limit: int) -> Found:
        """Return at most ``limit`` matching rows after a place in the order ``sort``."""
        mask = self.mask(condition)
        total = int(mask.sum())
        if not total:
            return Found(np.empty(0, np.int32), 0, None)
        order = self.order(sort)
        places = np.fromiter(_matching(order, mask, -1 if after is None else after, limit + 1), np.int64)
        more = len(places) > limit
        return Found(order[places[:limit]], total, int(places[limit - 1]) if more else None)

    def mask(self, condition: Condition) -> Mask:
        """Return which rows match."""
        mask = np.ones(len(self), np.bool_)
        for wanted in self._conditions(condition):
            mask &= wanted
        return mask

    def order(self, sort: str) -> Order:
        """Return the rows in an order, made at its first use; equal ones stay as they were written."""
        if sort not in self._orders:
            values = self._values(sort.removeprefix("-"))
            self._orders[sort] = np.argsort(-values if sort.startswith("-") else values, kind="stable").astype(np.int32)
        return self._orders[sort]

    def entities(self, rows: npt.NDArray[np.int32]) -> list[str]:
        """Return the ids of rows."""
        return [] if self.columns is None else self.columns.entity.take(_arrow(rows)).to_pylist()

    def names(self, rows: npt.NDArray[np.int32]) -> list[str | None]:
        """Return the names of rows."""
        return [] if self.columns is None else self.columns.name.take(_arrow(rows)).to_pylist()

    def counts(self, mask: Mask, name: str) -> dict[str, int]:
        """Return how many matching rows have each value of ``risk_level``, ``change`` or a label."""
        if self.columns is None:
            return {}
        values, codes = self._coded(name)
        found = np.bincount(codes[mask & (codes >= 0)], minlength=len(values))
        return {value: int(count) for value, count in zip(values, found, strict=True)}

    def at_stake(self, mask: Mask) -> tuple[float, str | None]:
        """Return the value at risk of the matching rows of high risk, and its currency: that of most of them."""
        if self.columns is None:
            return 0.0, None
        high = mask & (self.columns.level == LEVELS.index("high"))
        counts = self.counts(high, "currency")
        currency = max(counts, key=lambda each: counts[each]) if counts else None
        if currency is not None:
            high &= self.columns.labels["currency"].codes == self.columns.labels["currency"].values.index(currency)
        return float(np.nansum(self.columns.value_at_risk[high])), currency

    def values(self, name: str, owner: str | None = None) -> list[str]:
        """Return the values of a label that some account has, in order; only an owner's accounts, if one is given."""
        mask = self.mask(Condition(owner=() if owner is None else (owner,)))
        return sorted(value for value, count in self.counts(mask, name).items() if count)

    def _conditions(self, wanted: Condition) -> Iterator[Mask]:
        columns = self.columns
        if columns is None:
            return
        for name in ("owner", "customer_tier", "region", "risk_level", "change"):
            if names := getattr(wanted, name):
                yield _is_one_of(*self._coded(name), names)
        if wanted.renewal_from is not None:
            yield columns.renewal_at >= wanted.renewal_from
        if wanted.renewal_until is not None:
            yield (columns.renewal_at < wanted.renewal_until) & (columns.renewal_at != NO_MOMENT)
        if wanted.changed_since is not None:
            yield columns.changed_at >= wanted.changed_since
        if wanted.entities is not None:
            yield self._are(frozenset(wanted.entities))
        if wanted.without:
            yield ~self._are(frozenset(wanted.without))
        if wanted.text:
            yield self._holding(wanted.text)

    @cached_property
    def _texts(self) -> SearchText:
        assert self.columns is not None
        return search_text(self.columns.name, self.columns.entity)

    def _holding(self, text: str) -> Mask:
        """Return which rows hold a text; the last few searches are remembered, for their next pages."""
        found = self._searched.get(text)
        if found is None:
            found = self._texts.matching(text)
            if len(self._searched) >= MOST_SEARCHES:
                self._searched.clear()
            self._searched[text] = found
        return found

    def _are(self, entities: frozenset[str]) -> Mask:
        """Return which rows are those of some entities; the last few questions are remembered."""
        rows = self._asked.get(entities)
        if rows is None:
            rows = np.flatnonzero(_is_in(self.columns.entity, entities))  # type: ignore[union-attr]
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.clear()
            self._asked[entities] = rows
        mask = np.zeros(len(self), np.bool_)
        mask[rows] = True
        return mask

    def _coded(self, name: str) -> tuple[Any, npt.NDArray[Any]]:
        assert self.columns is not None
        if name == "risk_level":
            return LEVELS, self.columns.level
        if name == "change":
            return CHANGES, self.columns.change
        found: Labels = self.columns.labels[name]
        return found.values, found.codes

    def _values(self, name: str) -> npt.NDArray[np.float64]:
        found: npt.NDArray[Any] = getattr(self.columns, name)
        if found.dtype == np.int64:
            return np.where(found == NO_MOMENT, np.nan, found)
        return found.astype(np.float64)


def _matching(order: Order, mask: Mask, after: int, limit: int) -> Iterator[int]:
    """Yield up to ``limit`` places after ``after`` whose rows match; looks no further than needed."""
    for start in range(after + 1, len(order), SLAB):
        for place in np.flatnonzero(mask[order[start:start + SLAB]]):
            yield start + int(place)
            limit -= 1
            if not limit:
                return


def _is_one_of(values: Any, codes: npt.NDArray[Any], names: Collection[str]) -> Mask:
    """Return which rows have one of some labels; the table's last place stands for no label."""
    table = np.zeros(len(values) + 1, np.bool_)
    wanted = set(names)
    table[:len(values)] = [value in wanted for value in values]
    found: Mask = table[codes]
    return found


def _is_in(column: Any, names: Collection[str]) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as pc

    found: Mask = pc.is_in(column, value_set=pa.array(list(names), pa.string())).to_numpy(zero_copy_only=False)
    return found


def _arrow(rows: npt.NDArray[np.int32]) -> Any:
    import pyarrow as pa

    return pa.array(rows)
