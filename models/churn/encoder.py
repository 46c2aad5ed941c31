"""Customers' rows as a matrix: numbers as they are, categories as a column for each frequent value, expected orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.customer_history import COLUMNS
from models.churn.buy_till_you_die import WEEK, BuyTillYouDie, fit_buy_till_you_die
from models.churn.columns import EXPECTED, LONG_AGO, NEVER, SHARE, SILENT, meaning_of

__all__ = ["ChurnEncoder", "CustomerRows", "expected_orders"]

Float64 = NDArray[np.float64]
LEAST_IN_CATEGORY = 30
MOST_CATEGORIES = 30
ENOUGH_TO_EXPECT = 50
"""Customers with two orders from which on their rates are estimated."""


@dataclass(frozen=True, eq=False)
class CustomerRows:
    """A row a customer and moment: ``history`` (``COLUMNS``), ``categories`` (text or None), ``numbers`` (float64).

    ``numbers`` begin with ``SHARE``, how much of the horizon is asked about.
    """

    history: pd.DataFrame
    categories: pd.DataFrame
    numbers: pd.DataFrame

    def __len__(self) -> int:
        return len(self.history)

    def take(self, rows: NDArray[Any]) -> "CustomerRows":
        """Return the rows at these positions."""
        return CustomerRows(self.history.iloc[rows], self.categories.iloc[rows], self.numbers.iloc[rows])

    def asked(self, share: float) -> "CustomerRows":
        """Return the rows asked about a part of the horizon."""
        numbers = self.numbers.drop(columns=SHARE, errors="ignore").copy()
        numbers.insert(0, SHARE, np.full(len(numbers), share))
        return CustomerRows(self.history, self.categories, numbers)

    @classmethod
    def joined(cls, parts: Sequence["CustomerRows"]) -> Self:
        """Return the rows of all parts, one after another."""
        return cls(*(pd.concat([getattr(part, name) for part in parts], ignore_index=True)
                     for name in ("history", "categories", "numbers")))


@dataclass(frozen=True, eq=False)
class ChurnEncoder:
    """``columns`` of the history, ``numbers``, ``levels`` of categories, and how orders come (None: too few)."""

    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    orders: BuyTillYouDie | None
    horizon_days: int

    @property
    def names(self) -> tuple[str, ...]:
        """The matrix's columns in order."""
        expected = (EXPECTED, SILENT) if self.orders else ()
        one_hot = (f"{name}={level}" for name, levels in self.levels.items() for level in levels)
        return (*self.columns, *expected, *self.numbers, *one_hot)

    @property
    def meanings(self) -> tuple[str, ...]:
        """The groups of meaning that occur, in order of their first column."""
        return tuple(dict.fromkeys(meaning_of(name) for name in self.names))

    @property
    def group(self) -> list[int]:
        """The position in ``meanings`` of each column."""
        place = {meaning: index for index, meaning in enumerate(self.meanings)}
        return [place[meaning_of(name)] for name in self.names]

    def matrix(self, rows: CustomerRows) -> Float64:
        """Return float64 of shape (rows, names); what a row lacks is NaN, an unknown category 0 everywhere."""
        ages = {name: LONG_AGO for name in NEVER if name in self.columns}
        parts = [rows.history[list(self.columns)].fillna(ages).to_numpy(dtype=np.float64)]
        if self.orders:
            share = rows.numbers[SHARE].to_numpy(dtype=np.float64)
            expected, silent = expected_orders(self.orders, rows.history, self.horizon_days * share)
            odds = np.log(np.clip(silent, 1e-4, 1 - 1e-4) / np.clip(1 - silent, 1e-4, 1))
            parts += [expected[:, None], odds[:, None]]
        parts.append(rows.numbers[list(self.numbers)].to_numpy(dtype=np.float64))
        for name, levels in self.levels.items():
            values = rows.categories[name].to_numpy(dtype=object)
            parts += [(values == level).astype(np.float64)[:, None] for level in levels]
        return np.concatenate(parts, axis=1)

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"columns": self.columns, "numbers": self.numbers, "levels": list(self.levels.items()),
                "orders": None if self.orders is None else self.orders.facts(), "horizon_days": self.horizon_days}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return what ``facts`` said."""
        orders = facts["orders"]
        return cls(tuple(facts["columns"]), tuple(facts["numbers"]),
                   {name: tuple(levels) for name, levels in facts["levels"]},
                   None if orders is None else BuyTillYouDie.from_facts(orders), int(facts["horizon_days"]))

    @classmethod
    def of(cls, rows: CustomerRows, newest: NDArray[np.bool_], horizon_days: int) -> Self:
        """Return the encoder for training rows: columns that vary, categories that are frequent.

        How orders come is learnt from the ``newest`` rows, one a customer.
        """
        varying = tuple(name for name in COLUMNS if _varies(rows.history[name]))
        numbers = tuple(name for name in rows.numbers.columns if _varies(rows.numbers[name]))
        levels = {name: found for name in rows.categories.columns if (found := _levels(rows.categories[name]))}
        return cls(varying, numbers, levels, _order_model(rows.history[newest]), horizon_days)


def expected_orders(model: BuyTillYouDie, history: pd.DataFrame, horizon_days: Float64) -> tuple[Float64, Float64]:
    """Return the orders expected within each row's horizon and the probability of none; NaN for who never ordered."""
    seen = _order_counts(history)
    ordered = seen[0] >= 0
    counts = [each[ordered] for each in (*seen, horizon_days / WEEK)]
    expected, silent = np.full(len(history), np.nan), np.full(len(history), np.nan)
    expected[ordered], silent[ordered] = model.expected(*counts), model.silent(*counts)
    return expected, silent


def _order_counts(history: pd.DataFrame) -> tuple[Float64, Float64, Float64]:
    """Return repeat orders, weeks from the first order to the last, and to now."""
    first, last = (history[name].to_numpy(dtype=np.float64) / WEEK for name in ("days_since_first", "days_since_last"))
    return history["orders_all"].to_numpy(dtype=np.float64) - 1, first - last, first


def _order_model(history: pd.DataFrame) -> BuyTillYouDie | None:
    repeats, last, age = _order_counts(history)
    ordered = repeats >= 0
    if (repeats >= 1).sum() < ENOUGH_TO_EXPECT:
        return None
    return fit_buy_till_you_die(repeats[ordered], last[ordered], age[ordered])


def _varies(values: pd.Series) -> bool:
    return values.nunique(dropna=False) > 1


def _levels(values: pd.Series) -> tuple[str, ...]:
    counts = values.value_counts()
    frequent = sorted(str(level) for level in counts[counts >= LEAST_IN_CATEGORY].index[:MOST_CATEGORIES])
    return tuple(frequent) if values.nunique(dropna=False) > 1 else ()
