"""A small company whose past is easy to reason about: two groups, four people, misrouted tickets."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fenzhen.tables import conform, empty_table

START = pd.Timestamp("2026-03-02", tz="UTC")
PEOPLE = {"a1": "硬件组", "a2": "硬件组", "b1": "网络组", "b2": "网络组"}
TOPICS = {"硬件组": "硬件", "网络组": "网络"}


def past_tables(days: int = 28, a_day: int = 8, misrouted: float = 0.3, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Return tickets of working days with their assignments: some go to the other group first, for four hours."""
    dice = np.random.default_rng(seed)
    tickets: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for day in range(days):
        for _ in range(a_day if day % 7 < 5 else 0):
            ticket, moves = one_ticket(f"T-{len(tickets):04d}", START + pd.Timedelta(days=day), misrouted, dice)
            tickets.append(ticket)
            events += moves
    return tables(tickets, events)


def one_ticket(
    name: str, day: pd.Timestamp, misrouted: float, dice: np.random.Generator
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    person = str(dice.choice(list(PEOPLE)))
    created = day + pd.Timedelta(hours=float(dice.uniform(8, 16)))
    other = next(each for each, group in PEOPLE.items() if group != PEOPLE[person])
    route = [other, person] if dice.random() < misrouted else [person]
    times = [created + pd.Timedelta(hours=0.5 + 4 * step) for step in range(len(route))]
    moves = [{"ticket_id": name, "at": at, "event": "assigned", "group": PEOPLE[each], "assignee_id": each}
             for each, at in zip(route, times, strict=True)]
    solved = times[-1] + pd.Timedelta(hours=float(dice.uniform(1, 5)))
    ticket = {
        "ticket_id": name, "created_at": created, "subject": "坏了", "category": TOPICS[PEOPLE[person]],
        "priority": str(dice.choice(["紧急", "低"], p=[0.2, 0.8])), "group": PEOPLE[person], "assignee_id": person,
        "customer_id": f"C{dice.integers(20)}", "resolved_at": solved,
    }
    return ticket, moves


def tables(
    tickets: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]], assignees: Sequence[dict[str, Any]] = ()
) -> dict[str, pd.DataFrame]:
    """Return canonical tables of some rows."""
    people = assignees or [{"assignee_id": each, "group": group, "capacity": 5.0} for each, group in PEOPLE.items()]
    customers = pd.DataFrame({"customer_id": ["C0", "C1"], "customer_tier": ["VIP", "普通"]})
    return {
        "tickets": conform("tickets", pd.DataFrame(tickets)),
        "ticket_events": conform("ticket_events", pd.DataFrame(events)) if events else empty_table("ticket_events"),
        "assignees": conform("assignees", pd.DataFrame(list(people))), "customers": conform("customers", customers),
    }
