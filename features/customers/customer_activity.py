"""What a customer does: recency, frequency, value, trend and regularity against the customer's own baseline.

An *order* is a moment at which a customer has interactions of the kinds that count (lines of one invoice share their
moment); its value is their sum. The source of recency, frequency and value: Fader, Hardie & Lee 2005.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.entity_facts import EntityFacts, distinct, ratio

__all__ = ["ACTIVITY", "customer_activity", "orders_of"]

Float64 = NDArray[np.float64]
WINDOWS = (30, 90, 180)
DECAYS = (15, 60)
ACTIVITY = (
    "days_since_last", "days_since_first", "orders_all", *(f"orders_{days}d" for days in WINDOWS),
    *(f"orders_decayed_{days}d" for days in DECAYS), "orders_position_all", "orders_ratio_90d", "gap_mean_all",
    "gap_median_all", "gap_max_all", "gap_last", "gap_variation_all", "lateness_ratio", "lateness_of_longest",
    "value_sum_all", "value_mean_all", "value_last", "value_sum_90d", "value_ratio_90d", "lines_mean_all",
    "products_all", "kinds_all",
)
"""Windows end at the moment; ``all`` is the whole history. Ages and gaps are days, values the source's currency."""


def customer_activity(interactions: pd.DataFrame, customers: pd.Index, as_of: pd.Timestamp,
                      kinds: Collection[str] = ()) -> dict[str, Float64]:
    """Return the columns ``ACTIVITY``, float64 of shape (customers,), for interactions of ``kinds`` (none: all).

    Interactions at or after ``as_of`` are ignored. Without an order counts and sums are 0 and the rest NaN; gaps need
    two orders, their variation (standard deviation over mean) three. ``lateness_ratio`` is the days since the last
    order over the mean gap: above 1 the customer is later than usual. ``orders_position_all`` is where in the time
    since the first order the orders lie on average, from 0 (all long ago) to 1 (all just now). ``*_ratio_90d``
    compare the last 90 days with what was usual before: orders a day, value an order.
    """
    counted = _counted(interactions, kinds)
    facts = EntityFacts.of(interactions["customer_id"], interactions["at"], customers, as_of, counted)
    orders, value, lines = orders_of(facts, interactions["value"].to_numpy(dtype=np.float64))
    found = _frequency(orders) | _gaps(orders) | _values(orders, value)
    found["lines_mean_all"] = orders.mean(lines)
    for name, column in (("products_all", "product"), ("kinds_all", "kind")):
        label = pd.factorize(interactions[column])[0][facts.rows].astype(np.int64)
        found[name] = distinct(facts.code, label, facts.entities)
    return {name: found[name] for name in ACTIVITY}


def orders_of(facts: EntityFacts, value: Float64) -> tuple[EntityFacts, Float64, Float64]:
    """Return one fact for each distinct moment of an entity, its summed value (NaN if none is known) and its lines."""
    if not facts.code.size:
        return facts, np.zeros(0), np.zeros(0)
    starts = np.flatnonzero((np.diff(facts.code, prepend=-1) != 0) | (np.diff(facts.age, prepend=np.inf) != 0))
    orders = EntityFacts(facts.code[starts], facts.age[starts], facts.rows[starts], facts.entities)
    values = value[facts.rows]
    known = np.add.reduceat((~np.isnan(values)).astype(np.int64), starts)
    total = np.add.reduceat(np.nan_to_num(values), starts)
    lines = np.diff(np.append(starts, facts.code.size)).astype(np.float64)
    return orders, np.where(known > 0, total, np.nan), lines


def _counted(interactions: pd.DataFrame, kinds: Collection[str]) -> NDArray[np.bool_] | None:
    return interactions["kind"].isin(list(kinds)).to_numpy(dtype=bool) if kinds else None


def _frequency(orders: EntityFacts) -> dict[str, Float64]:
    count, first = orders.count(), orders.oldest()
    found = {"days_since_last": orders.youngest(), "days_since_first": first, "orders_all": count}
    found |= {f"orders_{days}d": orders.count(days) for days in WINDOWS}
    found |= {f"orders_decayed_{days}d": orders.total(np.exp(-orders.age / days)) for days in DECAYS}
    found["orders_position_all"] = 1 - ratio(orders.mean(orders.age), first)
    recent = orders.count(90)
    found["orders_ratio_90d"] = np.where(first > 90, ratio(recent * (first - 90), (count - recent) * 90), np.nan)
    return found


def _gaps(orders: EntityFacts) -> dict[str, Float64]:
    """The first order of an entity ends no gap."""
    follows = np.diff(orders.code, prepend=-1) == 0
    gaps = np.where(follows, -np.diff(orders.age, prepend=np.inf), np.nan)
    mean, count = orders.mean(gaps), np.maximum(orders.count() - 1, 0)
    spread = np.sqrt(np.maximum(orders.mean(gaps**2) - mean**2, 0))
    longest = np.full(orders.entities, np.nan)
    ends = follows.nonzero()[0]
    np.fmax.at(longest, orders.code[ends], gaps[ends])
    silence = orders.youngest()
    return {
        "gap_mean_all": mean, "gap_median_all": orders.median(gaps), "gap_max_all": longest,
        "gap_last": orders.last(gaps), "gap_variation_all": np.where(count >= 2, ratio(spread, mean), np.nan),
        "lateness_ratio": ratio(silence, mean), "lateness_of_longest": ratio(silence, longest),
    }


def _values(orders: EntityFacts, value: Float64) -> dict[str, Float64]:
    recent = orders.within(90)
    before = orders.where(~recent).mean(value[~recent])
    return {
        "value_sum_all": orders.total(value), "value_mean_all": orders.mean(value), "value_last": orders.last(value),
        "value_sum_90d": orders.total(value, 90), "value_ratio_90d": ratio(orders.mean(value, 90), before),
    }
