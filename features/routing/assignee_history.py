"""Candidates' histories as a state that is fed fact by fact: what serving reads within microseconds.

It starts from a snapshot (or empty) and keeps what has changed since beside it. Tickets are kept with their events, so
that an event told late, twice or in another order changes exactly what it should. The vectorised path to the same
counts is ``features.routing.assignee_as_of``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.routing.candidate_history import DAMPING, Counts, HistoryKey
from features.routing.candidate_profiles import CandidateProfiles
from features.routing.counted_cells import CountedCells, read_cells
from features.routing.fields import EVERYTHING, FieldValues, RoutingFields
from features.routing.history_snapshot import CountedKey, HistorySnapshot
from features.routing.ticket_story import SOLVE, TOUCH, Fact, TicketEvent, event_of, story

__all__ = ["AssigneeHistory", "ToldTicket"]

Float64 = NDArray[np.float64]
_MOST_TICKETS = 200_000
_FORGOTTEN_SHARE = 0.25


@dataclass
class ToldTicket:
    """What was told of a ticket: its fields (None: never filed), its events and the facts that are counted."""

    values: FieldValues | None = None
    filed_at: float | None = None
    events: set[TicketEvent] = field(default_factory=set)
    facts: list[Fact] = field(default_factory=list)


class AssigneeHistory:
    """The state of one model: ``field`` is ``group`` or ``assignee_id``, ``keys`` are those that the model counts by.

    Not safe for several threads: whoever feeds or reads it has it alone meanwhile.
    """

    def __init__(
        self, fields: RoutingFields, keys: Sequence[HistoryKey], field: str, snapshot: HistorySnapshot | None = None,
        tickets: Mapping[str, ToldTicket] | None = None,
    ) -> None:
        self.fields = fields
        self.keys = tuple(keys)
        self.field = field
        self.profiles = CandidateProfiles(snapshot)
        self.since = snapshot.at if snapshot else float("-inf")
        self.newest = snapshot.newest if snapshot else float("-inf")
        self.ignored = 0
        self.everybody: tuple[Any, Any] = ((), None)
        """Who was asked last when nobody was named, and under which circumstances: the reader's own notes."""
        self.tickets: dict[str, ToldTicket] = {name: _copy(told) for name, told in (tickets or {}).items()}
        self._cells = [CountedCells(counted) for counted in snapshot.keys] if snapshot else [
            CountedCells(CountedKey.empty()) for _ in keys]
        self._by_key = dict(zip(self.keys, self._cells, strict=True))
        self._by_field = [(name, cells) for key, cells in self._by_key.items() for name in key.fields
                          if len(key.fields) == 1 and name in fields.names]
        self._by_group = CountedCells(snapshot.groups if snapshot else CountedKey.empty())

    def file(self, tickets: Iterable[Mapping[str, Any]]) -> None:
        """Take tickets as filed, shaped like ``serving.schemas.Ticket``; one without an id says nothing.

        The first description of a ticket counts; what was told of it before is counted under it from now on.
        """
        for ticket in tickets:
            name = str(ticket.get("id") or ticket.get("ticket_id") or "")
            told = self.tickets.setdefault(name, ToldTicket()) if name else None
            if told is not None and told.values is None:
                self._uncount(told)
                filed_at = ticket.get("created_at")
                known = filed_at if isinstance(filed_at, datetime) and filed_at == filed_at else None
                told.values, told.filed_at = self.fields.of_ticket(ticket, known), known.timestamp() if known else None
                self._count(told)

    def update(self, events: Iterable[Mapping[str, Any]]) -> int:
        """Take events, rows shaped like ``serving.schemas.Event`` or the table ticket_events, in any order; also twice.

        Returns how many were new. Ignored, and counted in ``ignored``, are rows without a known kind or time, and
        events from before the snapshot of tickets that it no longer remembers: they are counted already.
        """
        touched: dict[str, ToldTicket] = {}
        new = 0
        for row in events:
            event, name = event_of(row), str(row.get("ticket_id") or "")
            if event is None or not name or (event.at < self.since and name not in self.tickets):
                self.ignored += 1
                continue
            told = self.tickets.setdefault(name, ToldTicket())
            if event not in told.events:
                new += 1
                told.events.add(event)
                touched[name] = told
                self.newest = max(self.newest, event.at)
        for told in touched.values():
            self._uncount(told)
            self._count(told)
        if len(self.tickets) > _MOST_TICKETS:
            self._forget()
        return new

    def counts_and_shares(
        self, values: FieldValues, at: float, names: Sequence[str], groups: Sequence[str],
    ) -> tuple[Counts, Float64]:
        """Return what is counted of candidates for a ticket with these fields, asked at a moment in seconds.

        With it the candidates' shares of each group's tickets, float64 (groups, len(SHARES), candidates).
        """
        codes = self.profiles.codes(names)
        asked = [(cells, key.of(values)) for key, cells in zip(self.keys, self._cells, strict=True)]
        asked += [(self._by_group, group) for group in groups]
        own, total = read_cells(asked, at, self._places(codes), len(names))
        keys = len(self.keys)
        counts = Counts(own[:keys], total[:keys], self.profiles.columns(codes), np.full(len(names), at))
        return counts, own[keys:] / (total[keys:] + DAMPING)

    def unseen(self, values: FieldValues) -> list[str]:
        """Return the fields with a history of their own in which no ticket of the value was given or solved.

        An empty value is none.
        """
        return [name for name, cells in self._by_field if (value := values[name]) and not cells.has(value)]

    def seen_since(self, moment: float) -> list[str]:
        """Return who was given a ticket at or after a moment in seconds, in the order they became known."""
        return self.profiles.seen_since(moment)

    def alike(self, key: HistoryKey, values: FieldValues, at: float, name: str) -> tuple[int, int]:
        """Return how many tickets of a key a candidate has solved, and how many were solved at all."""
        asked = [(self._by_key[key], key.of(values))]
        own, total = read_cells(asked, at, self._places(self.profiles.codes([name])), 1)
        return round(own[0, -1, 0]), round(total[0, -1, 0])

    def _places(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return, for every candidate's code, its place among those asked for, -1 for the others, and where all go."""
        place = np.full(len(self.profiles.names) + 1, -1, dtype=np.int64)
        place[codes] = np.arange(len(codes))
        place[-1] = len(codes)
        return place

    def _count(self, told: ToldTicket) -> None:
        told.facts = story(told.events, self.field, told.filed_at)
        self._apply(told, 1.0)

    def _uncount(self, told: ToldTicket) -> None:
        self._apply(told, -1.0)
        told.facts = []

    def _apply(self, told: ToldTicket, sign: float) -> None:
        for fact in told.facts:
            code = self.profiles.add(fact, sign)
            if fact.kind not in (TOUCH, SOLVE):
                continue
            for key, cells in zip(self.keys, self._cells, strict=True):
                if told.values is not None or key.fields == (EVERYTHING,):
                    cells.add(key.of(told.values or {EVERYTHING: ""}), code, fact, sign)
            if fact.group:
                self._by_group.add(fact.group, code, fact, sign)

    def _forget(self) -> None:
        """Let the tickets go that were heard of longest ago; they stay counted."""
        heard = {name: max((event.at for event in told.events), default=told.filed_at or 0.0)
                 for name, told in self.tickets.items()}
        for name in sorted(heard, key=heard.__getitem__)[: int(len(heard) * _FORGOTTEN_SHARE)]:
            self.since = max(self.since, heard[name])
            del self.tickets[name]


def _copy(told: ToldTicket) -> ToldTicket:
    return ToldTicket(told.values, told.filed_at, set(told.events), list(told.facts))


