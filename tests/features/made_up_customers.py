"""Small made-up tables of customers, with every kind of fact that the features look at."""

import numpy as np
import pandas as pd

from fenzhen.tables import conform

START = pd.Timestamp("2025-01-01", tz="UTC")


def made_up_tables(seed: int = 0, customers: int = 30, facts: int = 400, days: int = 500) -> dict[str, pd.DataFrame]:
    """Return the tables of ``customer_history``, facts over ``days`` from 2025 on, at whole hours (with ties)."""
    random = np.random.default_rng(seed)
    ids = np.array([f"C{number}" for number in range(customers)], dtype=object)

    def moments(count: int) -> pd.Series:
        return pd.Series(START + pd.to_timedelta(random.integers(0, days * 24, count), unit="h"))

    def some(values: object, count: int, missing: float = 0.2) -> pd.Series:
        drawn = pd.Series(random.choice(np.asarray(values, dtype=object), count))
        return drawn.where(random.random(count) > missing, None)

    created = moments(facts)
    closed = created + pd.to_timedelta(random.integers(1, 2000, facts), unit="h")
    tickets = pd.DataFrame({
        "ticket_id": [f"T{number}" for number in range(facts)], "created_at": created, "customer_id": some(ids, facts),
        "device_id": some([f"D{number}" for number in range(20)], facts), "category": some(["投诉", "硬件"], facts),
        "tags": some(["升级;急", "普通"], facts), "priority": some(["紧急", "低"], facts), "resolved_at": closed,
        "first_response_at": created + pd.to_timedelta(random.integers(1, 90, facts), unit="h"),
        "csat": random.integers(1, 6, facts).astype(float), "nps": random.integers(0, 11, facts).astype(float),
        "sentiment": some(["负面", "正面"], facts),
    })
    events = pd.DataFrame({"ticket_id": some(tickets["ticket_id"], facts, 0), "at": moments(facts),
                           "event": some(["reopened", "waiting_customer", "created"], facts, 0)})
    interactions = pd.DataFrame({
        "customer_id": some(ids, 2 * facts, 0.05), "at": moments(2 * facts),
        "product": some(["a", "b", "c"], 2 * facts),
        "kind": some(["order", "visit", "complaint"], 2 * facts, 0),
        "value": np.where(random.random(2 * facts) < 0.2, np.nan, random.integers(1, 100, 2 * facts)),
    })
    returns = pd.DataFrame({"return_id": np.arange(facts).astype(str), "customer_id": some(ids, facts),
                            "at": moments(facts), "amount": random.integers(1, 50, facts).astype(float)})
    table = pd.DataFrame({
        "customer_id": ids, "since": moments(customers), "customer_tier": some(["VIP", "普通"], customers),
        "annual_value": random.integers(1, 9, customers) * 1000.0,
        "renewal_at": moments(customers) + pd.Timedelta("400D"),
        "churned_at": moments(customers).where(random.random(customers) < 0.3, pd.NaT),
    })
    devices = pd.DataFrame({"device_id": [f"D{number}" for number in range(20)], "customer_id": some(ids, 20),
                            "installed_at": moments(20)})
    device_events = pd.DataFrame({"device_id": some(devices["device_id"], facts, 0), "at": moments(facts),
                                  "kind": some(["failure", "error", "log"], facts, 0)})
    found = {"tickets": tickets, "ticket_events": events, "interactions": interactions, "returns": returns,
             "customers": table, "devices": devices, "device_events": device_events}
    return {name: conform(name, frame) for name, frame in found.items()}
