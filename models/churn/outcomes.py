"""Who left: the outcome of each customer in the window that begins at a moment, by the label that the business uses."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.customer_tickets import complains
from fenzhen.tables import absent_columns
from models.churn.settings import ChurnSettings

__all__ = ["TIMES", "churn_outcomes", "cohort_of", "has_time", "observed_until"]

Float64 = NDArray[np.float64]
TIMES = {"interactions": "at", "tickets": "created_at", "returns": "at", "device_events": "at"}
ONE = pd.Timedelta(1, unit="us")


def has_time(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether any fact or customer carries a time; without one there is one row a customer and no window."""
    times = {"customers": "since", **TIMES}
    return any(tables[name][column].notna().any() for name, column in times.items())


def observed_until(tables: Mapping[str, pd.DataFrame]) -> pd.Timestamp:
    """Return the moment just after the newest fact: what comes later has not been recorded yet.

    The end of customers counts too, since a table of contracts may have no other facts.
    """
    times = [tables[name][column].max() for name, column in {**TIMES, "customers": "churned_at"}.items()]
    known = [time for time in times if not pd.isna(time)]
    latest = max(known) if known else tables["customers"]["since"].max()
    return pd.Timestamp(latest) + ONE


def churn_outcomes(tables: Mapping[str, pd.DataFrame], customers: pd.Index, as_of: pd.Timestamp,
                   settings: ChurnSettings, share: float = 1.0) -> Float64:
    """Return 1 for customers who left (fell silent, complained) in [as_of, as_of + horizon), else 0, float64.

    ``share`` shortens the horizon to a part of it.

    ``tables`` reach beyond ``as_of``. A contract ends at ``churned_at``, or when ``renewal_at`` passes and the table
    shows no later one; with customers' ``churned`` flag instead of times, that is the outcome.
    """
    until = as_of + share * pd.Timedelta(days=settings.horizon_days)
    if settings.label == "contract":
        return _contract(tables["customers"], customers, as_of, until)
    if settings.label == "complaint":
        return customers.isin(_complained(tables, as_of, until, settings)).astype(np.float64)
    return 1 - customers.isin(_active(tables["interactions"], as_of, until, settings)).astype(np.float64)


def cohort_of(history: pd.DataFrame, tiers: pd.Series, tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp,
              settings: ChurnSettings) -> NDArray[np.bool_]:
    """Return which rows of ``history`` (as of ``as_of``) are in the cohort: those asked for who have not left yet."""
    asked = settings.members
    known = np.fmax(*(history[name].to_numpy(dtype=np.float64) for name in ("customer_days", "days_since_first")))
    orders = history["orders_all"].to_numpy(dtype=np.float64)
    found = (orders >= asked.least_orders) & (np.nan_to_num(known) >= asked.least_days)
    if asked.tiers:
        found &= np.asarray(tiers.isin(list(asked.tiers)), dtype=bool)
    gone = tables["customers"]
    left = gone.loc[gone["churned_at"] < as_of, "customer_id"]
    return np.asarray(found & ~history.index.isin(left), dtype=bool)


def _contract(table: pd.DataFrame, customers: pd.Index, as_of: pd.Timestamp, until: pd.Timestamp) -> Float64:
    if "churned" not in absent_columns(table) and table["churned"].notna().any():
        gone = table["churned"].fillna(False).astype(bool)
    else:
        ended = (table["churned_at"] >= as_of) & (table["churned_at"] < until)
        lapsed = (table["renewal_at"] >= as_of) & (table["renewal_at"] < until) & table["churned_at"].isna()
        gone = ended | lapsed
    return customers.isin(table.loc[gone, "customer_id"]).astype(np.float64)


def _active(interactions: pd.DataFrame, as_of: pd.Timestamp, until: pd.Timestamp, settings: ChurnSettings) -> pd.Series:
    rows = (interactions["at"] >= as_of) & (interactions["at"] < until)
    if settings.kinds:
        rows &= interactions["kind"].isin(settings.kinds)
    found: pd.Series = interactions.loc[rows, "customer_id"]
    return found


def _complained(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, until: pd.Timestamp,
                settings: ChurnSettings) -> pd.Series:
    tickets, interactions, words = tables["tickets"], tables["interactions"], settings.words
    filed = complains(tickets, words) & (tickets["created_at"] >= as_of) & (tickets["created_at"] < until)
    said = (interactions["kind"].isin(words.complaint) & (interactions["at"] >= as_of) & (interactions["at"] < until))
    found: pd.Series = pd.concat([tickets.loc[filed, "customer_id"], interactions.loc[said, "customer_id"]])
    return found
