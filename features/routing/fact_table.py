"""The stories of all tickets as columns, ready to be counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.routing.ticket_story import Fact, TicketEvent, event_of, story

__all__ = ["FactTable", "events_by_ticket", "fact_table", "seconds"]

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FactTable:
    """Facts, one entry each: ``kind``, ``at`` in seconds, ``value``, and codes of ticket, candidate and group.

    ``ticket`` is the row in the tickets' frame, -1 for a ticket that is not there; ``who`` counts in ``candidates``,
    ``group`` in ``groups``, -1 where unknown.
    """

    kind: Int64
    at: NDArray[np.float64]
    value: NDArray[np.float64]
    ticket: Int64
    who: Int64
    group: Int64
    candidates: tuple[str, ...]
    groups: tuple[str, ...]

    def of_kind(self, kind: int) -> Int64:
        """Return the positions of one kind of facts."""
        return np.flatnonzero(self.kind == kind)


def seconds(times: pd.Series) -> NDArray[np.float64]:
    """Return aware times as seconds since the epoch, NaN for NaT."""
    micros = times.dt.as_unit("us").astype("int64").to_numpy() / 1e6
    return np.where(times.isna().to_numpy(), np.nan, micros)


def events_by_ticket(events: pd.DataFrame) -> dict[str, list[TicketEvent]]:
    """Return the events of each ticket of the table ticket_events; rows without time or kind are left out."""
    found: dict[str, list[TicketEvent]] = {}
    columns = [name for name in ("ticket_id", "event", "assignee_id", "group", "csat") if name in events]
    moments = [moment.to_pydatetime() for moment in events["at"]]
    for row, at in zip(events[columns].to_dict("records"), moments, strict=True):
        told: dict[str, Any] = {**{str(name): value for name, value in row.items()}, "at": at}
        event = event_of(told)
        if event is not None:
            found.setdefault(str(told["ticket_id"]), []).append(event)
    return found


def fact_table(stories: Mapping[str, Sequence[TicketEvent]], tickets: pd.DataFrame, field: str) -> FactTable:
    """Return the facts that the events of each ticket (by id) tell of ``field``; see ``ticket_story.story``.

    ``tickets`` needs ``ticket_id`` and ``created_at``. Candidates and groups are numbered in the order of their names.
    """
    ids, filed = tickets["ticket_id"].astype(object).tolist(), seconds(tickets["created_at"]).tolist()
    rows = {name: row for row, name in enumerate(ids)}
    facts: list[Fact] = []
    places: list[int] = []
    for name, events in stories.items():
        row = rows.get(name, -1)
        told = story(events, field, filed[row] if row >= 0 and filed[row] == filed[row] else None)
        facts += told
        places += [row] * len(told)
    candidates = sorted({fact.who for fact in facts})
    groups = sorted({fact.group for fact in facts if fact.group})
    who, group = ({name: code for code, name in enumerate(names)} for names in (candidates, groups))
    return FactTable(
        kind=np.array([fact.kind for fact in facts], dtype=np.int64),
        at=np.array([fact.at for fact in facts], dtype=np.float64),
        value=np.array([fact.value for fact in facts], dtype=np.float64),
        ticket=np.array(places, dtype=np.int64),
        who=np.array([who[fact.who] for fact in facts], dtype=np.int64),
        group=np.array([group.get(fact.group, -1) for fact in facts], dtype=np.int64),
        candidates=tuple(candidates), groups=tuple(groups),
    )
