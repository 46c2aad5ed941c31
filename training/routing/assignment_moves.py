"""How tickets moved until they were where they were solved, read from their ``assigned`` events."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Moves", "moves_of"]


@dataclass(frozen=True)
class Moves:
    """One entry a ticket: how often it moved (int64), and since when it was where it was solved.

    ``settled`` is float64 hours since 1970, NaN where no event tells.
    """

    count: NDArray[np.int64]
    settled: NDArray[np.float64]


def moves_of(events: pd.DataFrame, tickets: pd.DataFrame) -> Moves:
    """Return the moves of ``tickets``, in their order, up to their solution.

    A move leads from one known group to another, or from one known person to another where a ticket's events name no
    group. It is settled once somebody of the group that solved it has it and no other group gets it any more.
    """
    told = _assignments(events, tickets)
    ids = tickets["ticket_id"]
    count = _changed(told["place"], told["ticket_id"]).groupby(told["ticket_id"]).sum()
    return Moves(ids.map(count).fillna(0).to_numpy(dtype=np.int64), ids.map(_settled(told)).to_numpy(dtype=np.float64))


def _assignments(events: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return the assignments of the tickets until they were solved, in order of time.

    ``place`` is where the ticket is since then and ``goal`` where it was solved: groups, or people where none is named.
    """
    solved = tickets.set_index("ticket_id")
    told = events[events["event"].eq("assigned") & events["at"].notna()]
    until = told["ticket_id"].map(solved["resolved_at"])
    told = told[until.notna() & (told["at"] <= until)]
    told = told.sort_values(["ticket_id", "at"], kind="stable").reset_index(drop=True).astype(
        {"group": object, "assignee_id": object})
    by_ticket = told.groupby("ticket_id", sort=False)
    group, person = by_ticket["group"].ffill(), by_ticket["assignee_id"].ffill()
    last = by_ticket["group"].transform("last")
    grouped = last.notna()
    recorded = told["ticket_id"].map(solved["group"]).astype(object)
    goal = recorded.where(recorded.notna(), last).where(grouped, told["ticket_id"].map(solved["assignee_id"]))
    return told.assign(place=group.where(grouped, person), goal=goal, person=person)


def _changed(values: "pd.Series[Any]", ticket: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return where a known value differs from the known one before it of the same ticket."""
    before = values.groupby(ticket).shift()
    return values.notna() & before.notna() & values.ne(before)


def _settled(told: pd.DataFrame) -> "pd.Series[Any]":
    """Return by ticket when somebody got it after it had reached its goal for good."""
    elsewhere = (told["place"].ne(told["goal"]) | told["person"].isna()).astype(np.int64)
    later = elsewhere.iloc[::-1].groupby(told["ticket_id"]).cummax().iloc[::-1]
    kept = told[later == 0]
    return (kept.groupby("ticket_id")["at"].first() - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)
