"""A workspace of customers who leave after bad service, and one of customers without any time."""

from pathlib import Path

import numpy as np
import pandas as pd

START = pd.Timestamp("2025-01-01")
HORIZON = 45
SETTINGS = """
[models.churn]
label = "silence"
horizon_days = 45
cohort = "repeat"
kinds = ["order"]
snapshots = 5
[models.churn.actions]
tickets = "上门拜访"
"""


def write_leaving(folder: Path, customers: int = 160, days: int = 320, seed: int = 0) -> Path:
    """Write orders, tickets and customers: who orders often is steady, who has many tickets leaves sooner."""
    random = np.random.default_rng(seed)
    orders, tickets, people = [], [], []
    for number in range(customers):
        name, gap, trouble = f"C{number:04d}", random.uniform(4, 25), random.random() < 0.4
        since, life = random.uniform(0, days / 2), random.exponential(60 if trouble else 400)
        people.append((name, f"客户{number}", "VIP" if number % 4 == 0 else "普通", START + pd.Timedelta(days=since),
                       "张经理", 10_000.0 * (1 + number % 9), "CNY"))
        last = min(since + life, days)
        moments = since + np.cumsum(random.exponential(gap, int(days / gap) + 1))
        orders += [(name, START + pd.Timedelta(days=float(day)), round(random.uniform(10, 99), 2))
                   for day in moments[moments < last]]
        bad = random.uniform(max(last - 60, since), last, 5 if trouble else 1)
        tickets += [(f"T{number}-{place}", name, "D1", START + pd.Timedelta(days=float(day)), "坏了",
                     START + pd.Timedelta(days=float(day) + 2)) for place, day in enumerate(bad)]
    folder.mkdir(parents=True, exist_ok=True)
    for file, rows, columns in (
        ("orders.csv", orders, ["customer_id", "at", "value"]),
        ("tickets.csv", tickets, ["ticket_id", "customer_id", "device_id", "created_at", "subject", "resolved_at"]),
        ("customers.csv", people,
         ["customer_id", "name", "customer_tier", "since", "owner", "annual_value", "currency"]),
    ):
        pd.DataFrame(rows, columns=columns).to_csv(folder / file, index=False)
    (folder / "workspace.toml").write_text(
        'time_zone = "UTC"\n[tables.interactions]\npath = "orders.csv"\nconstants = { kind = "order" }\n'
        '[tables.tickets]\npath = "tickets.csv"\n[tables.customers]\npath = "customers.csv"\n' + SETTINGS, "utf-8")
    return folder


def write_timeless(folder: Path, customers: int = 400, seed: int = 0) -> Path:
    """Write one row a customer: a monthly contract and a short tenure go with leaving."""
    random = np.random.default_rng(seed)
    tenure, monthly = random.integers(1, 72, customers), random.random(customers) < 0.5
    odds = 0.5 - 0.04 * tenure + 1.2 * monthly
    pd.DataFrame({
        "id": [f"K{number}" for number in range(customers)], "tenure": tenure,
        "Contract": np.where(monthly, "月", "年"),
        "Churn": np.where(random.random(customers) < 1 / (1 + np.exp(-odds)), "Yes", "No"),
    }).to_csv(folder / "customers.csv", index=False)
    (folder / "workspace.toml").write_text(
        'time_zone = "UTC"\n[tables.customers]\npath = "customers.csv"\n'
        'columns = { customer_id = "id", churned = "Churn" }\n[models.churn]\nlabel = "contract"\nhorizon_days = 30\n'
        'customer_numbers = ["tenure"]\ncustomer_context = ["Contract"]\n', "utf-8")
    return folder
