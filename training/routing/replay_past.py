"""What really happened to tickets: who solved them, since when that group had them, how often they had moved.

Times are float64 hours since 1970 (UTC), NaN where there is none; people and groups are positions, -1 where unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import TrainingRefused
from fenzhen.tables import Tables
from training.routing.assignment_moves import Moves, moves_of

__all__ = ["FACTS", "PastTeam", "PastTickets", "read_past", "read_team"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
FACTS = ("category", "subcategory", "product", "customer_id", "channel", "site", "region", "request_type", "sentiment",
         "customer_tier", "owner")
"""Columns that say what a ticket is about, beside those that the workspace names as context."""


@dataclass(frozen=True)
class PastTeam:
    """Everybody who ever solved a ticket or is listed: group, listed skills and capacity (NaN: none is listed)."""

    ids: tuple[str, ...]
    groups: tuple[str, ...]
    group: Int64
    skills: tuple[frozenset[str], ...]
    capacity: Float64


@dataclass(frozen=True)
class PastTickets:
    """Resolved tickets in order of creation, with what is known of each.

    ``settled`` is when the group that solved it got it for good; ``facts`` say what the
    tickets are about, by column, as text, missing as "". ``fixed`` names the person or group to whom all tickets of
    the customer go, "" for most.
    """

    ids: NDArray[np.object_]
    created: Float64
    settled: Float64
    resolved: Float64
    priority: NDArray[np.object_]
    tier: NDArray[np.object_]
    fixed: NDArray[np.object_]
    facts: Mapping[str, NDArray[np.object_]]
    person: Int64
    group: Int64
    moves: Int64

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[Any]) -> "PastTickets":
        """Return some of the tickets, by position or mask."""
        arrays = {name: value[rows] for name, value in vars(self).items() if name != "facts"}
        return PastTickets(**arrays, facts={name: values[rows] for name, values in self.facts.items()})


def read_past(
    tables: Tables, team: PastTeam, context: Sequence[str] = (), fixed_owner: str = "",
) -> PastTickets:
    """Return the tickets that somebody of the team solved, however long ago; ``context`` names further facts.

    ``fixed_owner`` is the column of customers that names whom their tickets all go to, "" where there is none.
    Without ``ticket_events`` nothing is known of moves: a ticket then is where it was solved from its first response
    on. Raises ``TrainingRefused`` where no ticket has creation, solution and person.
    """
    tickets = tables["tickets"]
    told = tickets[tickets["created_at"].notna() & tickets["resolved_at"].notna() & tickets["assignee_id"].notna()]
    told = told[told["resolved_at"] >= told["created_at"]].sort_values(["created_at", "ticket_id"], kind="stable")
    if told.empty:
        raise TrainingRefused("no ticket has created_at, resolved_at and assignee_id; there is nothing to replay")
    told = _with_customers(told.reset_index(drop=True), tables["customers"])
    moves = moves_of(tables["ticket_events"], told)
    return PastTickets(
        ids=told["ticket_id"].to_numpy(dtype=object), created=_hours(told["created_at"]), settled=_settled(told, moves),
        resolved=_hours(told["resolved_at"]), priority=_texts(told["priority"]),
        tier=_texts(told["customer_tier"]), fixed=_fixed(told, tables["customers"], fixed_owner),
        facts={name: _texts(told[name]) for name in dict.fromkeys((*FACTS, *context))
               if name in told.columns and told[name].notna().any()},
        person=_positions(team.ids, told["assignee_id"]),
        group=_solving_group(told, team), moves=moves.count,
    )


def read_team(tables: Tables) -> PastTeam:
    """Return everybody of the table ``assignees`` and everybody who solved a ticket, by id.

    A person without a listed group belongs to the one of most of the tickets that they solved.
    """
    tickets = tables["tickets"]
    listed = tables["assignees"].drop_duplicates("assignee_id").set_index("assignee_id")
    ids = tuple(sorted({*listed.index, *tickets["assignee_id"].dropna()}))
    usual = tickets.dropna(subset=["assignee_id", "group"]).groupby("assignee_id")["group"].agg(
        lambda groups: groups.value_counts().index[0])
    named = [_first(listed["group"].get(each), usual.get(each)) for each in ids]
    groups = tuple(sorted({*(each for each in named if each), *tickets["group"].dropna()}))
    skills = tuple(_skills(listed["skills"].get(each)) for each in ids)
    capacity = np.array([_number(listed["capacity"].get(each)) for each in ids], dtype=np.float64)
    return PastTeam(ids, groups, _positions(groups, pd.Series(named, dtype=object)), skills, capacity)


def _settled(told: pd.DataFrame, moves: Moves) -> Float64:
    """Return since when each ticket was where it was solved, between its creation and its solution."""
    created, resolved = _hours(told["created_at"]), _hours(told["resolved_at"])
    response = _hours(told["first_response_at"])
    known = np.where(np.isnan(moves.settled), np.where(np.isnan(response), created, response), moves.settled)
    return np.clip(known, created, resolved)


def _solving_group(told: pd.DataFrame, team: PastTeam) -> Int64:
    """Return the group that solved each ticket: as recorded, else the group of the person."""
    recorded = _positions(team.groups, told["group"])
    return np.where(recorded >= 0, recorded, team.group[_positions(team.ids, told["assignee_id"])])


def _with_customers(told: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the tickets with their customers' tier and owner."""
    known = customers.drop_duplicates("customer_id").set_index("customer_id")
    return told.assign(**{name: told["customer_id"].map(known[name].dropna().to_dict())
                          for name in ("customer_tier", "owner")})


def _fixed(told: pd.DataFrame, customers: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """Return the fixed person or group of each ticket's customer."""
    if not column or column not in customers.columns:
        return np.full(len(told), "", dtype=object)
    known = customers.drop_duplicates("customer_id").set_index("customer_id")[column].dropna()
    return _texts(told["customer_id"].map(known.to_dict()))


def _positions(known: Sequence[str], values: "pd.Series[Any]") -> Int64:
    places = {name: place for place, name in enumerate(known)}
    return np.array([places.get(value, -1) for value in values.to_numpy(dtype=object)], dtype=np.int64)


def _hours(times: "pd.Series[Any]") -> Float64:
    hours = (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)
    return np.asarray(hours, dtype=np.float64)


def _texts(values: "pd.Series[Any]") -> NDArray[np.object_]:
    return values.astype(object).where(values.notna(), "").to_numpy(dtype=object)


def _skills(listed: Any) -> frozenset[str]:
    return frozenset() if _first(listed) is None else frozenset(filter(None, map(str.strip, str(listed).split(";"))))


def _number(value: Any) -> float:
    return float("nan") if _first(value) is None else float(value)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None and not pd.isna(value)), None)
