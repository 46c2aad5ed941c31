"""The history of customers as a row each: what they do, what they went through, what binds them."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from features.customers.customer_activity import ACTIVITY, customer_activity
from features.customers.customer_contract import CONTRACT, customer_contract, return_share
from features.customers.customer_tickets import RECENT, TICKETS, TicketWords, customer_tickets
from features.customers.entity_facts import ages, codes_of

WORDS = TicketWords()
__all__ = ["COLUMNS", "TABLES", "WORDS", "customer_history"]

TABLES = ("customers", "interactions", "tickets", "ticket_events", "returns", "devices", "device_events")
COLUMNS = (*ACTIVITY, *TICKETS, *CONTRACT, "recency_share", "order_rate_all", "return_share_all",
           "silent_after_complaint_days", "silent_after_ticket_days")


def customer_history(tables: Mapping[str, pd.DataFrame], customers: pd.Index, as_of: pd.Timestamp,
                     kinds: Collection[str] = (), words: TicketWords = WORDS) -> pd.DataFrame:
    """Return ``COLUMNS`` as float64 of shape (customers, columns), indexed by ``customers``.

    ``tables`` are ``TABLES`` as known at ``as_of``; facts at or after it are ignored. ``kinds`` are the interactions
    that count as orders (none: all). Counts of what did not happen are 0, all else is NaN where nothing is known.
    ``recency_share`` is the days since the last order over those since the first; ``order_rate_all`` orders a day,
    as if one month more had gone by; ``silent_after_*`` the days since a complaint or ticket that no order followed.
    """
    activity = customer_activity(tables["interactions"], customers, as_of, kinds)
    since = ages(tables["customers"]["since"], as_of)
    own = codes_of(pd.Series(customers), pd.Index(tables["customers"]["customer_id"]))
    known_days = np.fmax(np.append(since, np.nan)[own], activity["days_since_first"])
    tickets = customer_tickets(tables, customers, known_days, as_of, words)
    found = activity | tickets | customer_contract(tables, customers, known_days, as_of)
    age, last = activity["days_since_first"], activity["days_since_last"]
    found["recency_share"] = last / np.maximum(age, 1)
    found["order_rate_all"] = activity["orders_all"] / (age + 30)
    found["return_share_all"] = return_share(found)
    for name in ("complaint", "ticket"):
        passed = found[f"days_since_{name}"]
        found[f"silent_after_{name}_days"] = np.where((last > passed) & (passed <= RECENT), passed, np.nan)
    return pd.DataFrame({name: found[name] for name in COLUMNS}, index=customers, dtype=np.float64)
