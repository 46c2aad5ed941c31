"""A made-up help desk: who solves what depends on site and product, and shifts in the middle."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from fenzhen.workspace import Workspace, load_workspace

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SITES = ("上海", "北京", "广州")
PRODUCTS = ("打印机", "网络", "邮箱", "电脑")
GROUPS = {"打印机": "硬件", "电脑": "硬件", "网络": "网络", "邮箱": "网络"}
TIME = "%Y-%m-%d %H:%M:%S"

TOML = """
time_zone = "Asia/Shanghai"
[tables.tickets]
path = "tickets.csv"
[tables.ticket_events]
path = "ticket_events.csv"
[tables.assignees]
path = "assignees.csv"
[tables.customers]
path = "customers.csv"
[models.assignee]
fixed_owner = "owner"
"""


def expert(site: str, product: str, late: bool) -> str:
    """Return the person who knows this site and product; after the change the second of each pair takes over."""
    return f"{GROUPS[product]}-{SITES.index(site)}{'b' if late else 'a'}"


def write_desk(folder: Path, tickets: int = 600, seed: int = 0) -> Workspace:
    """Write tickets, events, people and customers; nine in ten are solved by the expert."""
    random = np.random.default_rng(seed)
    filed = [START + timedelta(hours=2.0 * number) for number in range(tickets)]
    rows, events = [], []
    people = sorted({expert(site, product, late) for site in SITES for product in PRODUCTS for late in (False, True)})
    for number, at in enumerate(filed):
        site, product = SITES[random.integers(3)], PRODUCTS[random.integers(4)]
        late = number > tickets * 0.4
        who = expert(site, product, late) if random.random() < 0.9 else people[random.integers(len(people))]
        done = at + timedelta(hours=float(random.integers(1, 9)), minutes=30)
        name = f"T-{number:04d}"
        rows.append({"ticket_id": name, "created_at": at.strftime(TIME), "subject": f"{product}坏了",
                     "customer_id": f"C{random.integers(20)}", "site": site, "product": product,
                     "group": who.split("-")[0], "assignee_id": who, "resolved_at": done.strftime(TIME),
                     "csat": float(random.integers(3, 6))})
        for event, moment in (("created", at), ("assigned", at + timedelta(minutes=20)), ("resolved", done)):
            told = {} if event == "created" else {"assignee_id": who, "group": who.split("-")[0]}
            events.append({"ticket_id": name, "event": event, "at": moment.strftime(TIME), **told})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workspace.toml").write_text(TOML, encoding="utf-8")
    pd.DataFrame(rows).to_csv(folder / "tickets.csv", index=False)
    pd.DataFrame(events).to_csv(folder / "ticket_events.csv", index=False)
    pd.DataFrame({"assignee_id": people, "name": people, "group": [name.split("-")[0] for name in people],
                  "skills": "", "capacity": 10, "active": True}).to_csv(folder / "assignees.csv", index=False)
    pd.DataFrame({"customer_id": [f"C{number}" for number in range(20)],
                  "owner": ["", *["硬件-0b"], *[""] * 18]}).to_csv(folder / "customers.csv", index=False)
    return load_workspace(folder)
