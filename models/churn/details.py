"""What people see of a scored cohort beside the risk: reasons, protective factors, who it is, what is at stake."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.entity_facts import codes_of
from models.churn.encoder import CustomerRows
from models.churn.meanings import ACTIONS, meaning_in_words
from models.churn.reasons import Evidence, Meaning, explained
from models.churn.scorer import ChurnScorer
from models.churn.settings import ChurnSettings

__all__ = ["ChurnDetails", "value_of"]

Float64 = NDArray[np.float64]
_ATTRIBUTES = ("name", "customer_tier", "region", "owner", "currency", "renewal_at")
_CHUNK = 5_000
LEAST_PEERS = 30


@dataclass(frozen=True, eq=False)
class ChurnDetails:
    """Details of a cohort's rows, in order, made in chunks when they are asked for.

    ``customers`` is the customers' table as known at the moment. Peers are the cohort's customers of the same tier, or
    the whole cohort where a tier has fewer than 30; their number is the median, for counts the mean.
    """

    scorer: ChurnScorer
    rows: CustomerRows
    customers: pd.DataFrame
    settings: ChurnSettings

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), _CHUNK):
            yield from self(start, min(start + _CHUNK, len(self)))

    def __call__(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Return the details of the rows from ``start`` to ``stop`` (exclusive)."""
        at = np.arange(start, stop)
        rows, found = self.rows.take(at), {**ACTIONS, **self.settings.actions}
        weight = self.scorer.contributions(rows)
        evidence = Evidence(weight, self._values(rows, "value"), self._values(rows, "own"), self._peers[self._peer[at]],
                            self._labels(rows))
        told = explained(self._meanings, evidence, found)
        attributes, worth, known = self._attributes(rows), value_of(rows), self._known(rows)
        return [{**words, "attributes": who, "value_at_risk": None if np.isnan(value) else round(float(value), 2),
                 "currency": who.pop("currency", None), "too_little_history": not enough}
                for words, who, value, enough in zip(told, attributes, worth, known, strict=True)]

    @cached_property
    def _meanings(self) -> list[Meaning]:
        return [meaning_in_words(code) for code in self.scorer.weights.encoder.meanings]

    def _values(self, rows: CustomerRows, which: str) -> Float64:
        """Return the told column of each meaning (NaN for a category), shape (rows, meanings)."""
        found = np.full((len(rows), len(self._meanings)), np.nan)
        for place, meaning in enumerate(self._meanings):
            name = getattr(meaning, which)
            frame = rows.history if name in rows.history.columns else rows.numbers
            if name in frame.columns:
                found[:, place] = frame[name].to_numpy(dtype=np.float64)
        return found

    def _labels(self, rows: CustomerRows) -> NDArray[np.object_]:
        found = np.full((len(rows), len(self._meanings)), None, dtype=object)
        for place, meaning in enumerate(self._meanings):
            if meaning.value in rows.categories.columns:
                found[:, place] = rows.categories[meaning.value].to_numpy(dtype=object)
        return found

    @cached_property
    def _peer(self) -> NDArray[np.int64]:
        """The peer group of each row: 0 for the whole cohort, else its tier."""
        code, _ = pd.factorize(self.rows.categories["customer_tier"].to_numpy(dtype=object))
        few = np.bincount(code[code >= 0], minlength=int(code.max(initial=-1)) + 1) < LEAST_PEERS
        return np.where((code < 0) | np.append(few, True)[code], 0, code + 1).astype(np.int64)

    @cached_property
    def _peers(self) -> Float64:
        """What is usual in each peer group, shape (groups, meanings)."""
        values = pd.DataFrame(self._values(self.rows, "value"))
        counts = [place for place, meaning in enumerate(self._meanings) if meaning.rule == "present"]
        groups = [np.ones(len(self), dtype=bool), *(self._peer == code for code in range(1, int(self._peer.max()) + 1))]
        found = np.full((len(groups), len(self._meanings)), np.nan)
        for place, members in enumerate(groups):
            if members.any():
                found[place] = values[members].median().to_numpy()
                found[place, counts] = values.loc[members, counts].mean().to_numpy()
        return found

    def _attributes(self, rows: CustomerRows) -> list[dict[str, Any]]:
        own = codes_of(pd.Series(rows.history.index), pd.Index(self.customers["customer_id"]))
        chosen = self.customers.take(own)
        columns = {name: _plain(chosen[name]) for name in _ATTRIBUTES}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def _known(self, rows: CustomerRows) -> NDArray[np.bool_]:
        """Whether there is enough history: known for long enough, or nothing has a time anyway."""
        days = np.fmax(*(rows.history[name].to_numpy(dtype=np.float64) for name in ("customer_days",
                                                                                  "days_since_first")))
        found: NDArray[np.bool_] = np.isnan(days) | (days >= self.settings.history_days)
        return found


def value_of(rows: CustomerRows) -> Float64:
    """Return what a customer is worth a year: the annual value, else what was spent so far, brought to a year.

    Who is known for less than 90 days counts as known for 90; NaN where neither is known.
    """
    history = {name: rows.history[name].to_numpy(dtype=np.float64)
               for name in ("annual_value", "value_sum_all", "days_since_first")}
    spent = history["value_sum_all"] / np.fmax(history["days_since_first"], 90) * 365
    known = ~np.isnan(history["days_since_first"]) & (history["value_sum_all"] > 0)
    return np.where(np.isnan(history["annual_value"]), np.where(known, spent, np.nan), history["annual_value"])


def _plain(column: pd.Series) -> list[Any]:
    """Return values that JSON can say: texts, ISO 8601 times, None."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [None if pd.isna(moment) else moment.isoformat() for moment in column]
    return [None if pd.isna(value) else value for value in column.tolist()]


