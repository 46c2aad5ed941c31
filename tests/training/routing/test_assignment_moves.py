"""Moves between groups, read from assignments in any order."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from fenzhen.tables import conform, empty_table
from training.routing.assignment_moves import moves_of

NINE = pd.Timestamp("2026-03-02 09:00", tz="UTC")
HOURS = (NINE - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)


def assigned(hour: float, group: str | None, person: str | None, ticket: str = "T-1") -> dict[str, Any]:
    at = NINE + pd.Timedelta(hours=hour)
    return {"ticket_id": ticket, "at": at, "event": "assigned", "group": group, "assignee_id": person}


def moves(*events: dict[str, Any], group: str | None = "网络组", person: str = "b1") -> tuple[int, float]:
    ticket = {"ticket_id": "T-1", "created_at": NINE, "resolved_at": NINE + pd.Timedelta(hours=10), "subject": "",
              "group": group, "assignee_id": person}
    found = moves_of(conform("ticket_events", pd.DataFrame(list(events))), conform("tickets", pd.DataFrame([ticket])))
    return int(found.count[0]), float(found.settled[0] - HOURS)


@pytest.mark.parametrize(("events", "expected"), [
    ([assigned(1, "网络组", "b1")], (0, 1.0)),
    ([assigned(1, "网络组", None), assigned(2, None, "b1")], (0, 2.0)),
    ([assigned(1, "硬件组", "a1"), assigned(3, "网络组", "b1")], (1, 3.0)),
    ([assigned(3, "网络组", "b1"), assigned(1, "硬件组", "a1")], (1, 3.0)),
    ([assigned(1, "网络组", "b2"), assigned(3, "网络组", "b1")], (0, 1.0)),
    ([assigned(1, "网络组", "b1"), assigned(2, "硬件组", "a1"), assigned(4, "网络组", "b1")], (2, 4.0)),
    ([assigned(1, "网络组", "b1"), assigned(20, "硬件组", "a1")], (0, 1.0)),
])
def test_groups_that_a_ticket_went_through(events: list[dict[str, Any]], expected: tuple[int, float]) -> None:
    assert moves(*events) == expected


def test_people_count_where_no_group_is_named() -> None:
    told = [assigned(1, None, "b2"), assigned(3, None, "b1"), assigned(4, None, "b1")]
    assert moves(*told, group=None) == (1, 3.0)


def test_a_ticket_without_assignments_never_moved_and_settled_nobody_knows_when() -> None:
    count, settled = moves(assigned(1, "网络组", "b1", ticket="T-2"))
    assert (count, np.isnan(settled)) == (0, True)
    ticket = conform("tickets", pd.DataFrame({"ticket_id": ["T-1"], "subject": ["x"]}))
    assert moves_of(empty_table("ticket_events"), ticket).count.tolist() == [0]
