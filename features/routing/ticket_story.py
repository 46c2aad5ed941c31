"""One ticket's events as facts about who held it: each depends only on earlier events and is never taken back.

A story is derived from all events of a ticket, sorted by time, so that events told late, twice or in another order
give the same facts. Stories are short (a handful of events), so this is plain Python for both paths, the online state
and training; what is counted over stories is vectorised in ``features.routing.tallies``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

__all__ = ["CSAT", "HOLD", "HOURS", "PASS", "REOPEN", "SOLVE", "TOUCH", "Fact", "TicketEvent", "event_of", "story"]

TOUCH, SOLVE, HOLD, PASS, REOPEN, HOURS, CSAT = range(7)
"""Kinds of facts: given the ticket for the first time; solved it for the first time; one ticket more (+1) or less (-1)
on the desk; passed it on; had it reopened; hours from filing to the first solution; satisfaction."""

_RANK = {name: rank for rank, name in enumerate(
    ("created", "assigned", "responded", "waiting_customer", "reopened", "resolved", "closed", "csat"))}
_ENDS = ("resolved", "closed")
_NONE = float("-inf")


class Fact(NamedTuple):
    """``kind`` happened to candidate ``who`` (then in ``group``, empty if unknown) ``at`` seconds since the epoch."""

    kind: int
    at: float
    who: str
    group: str
    value: float


@dataclass(frozen=True, slots=True, order=True)
class TicketEvent:
    """An event as stories read it, ordered by time and, within a moment, by what comes first in a ticket's life."""

    at: float
    rank: int
    event: str
    assignee_id: str = ""
    group: str = ""
    csat: float = _NONE

    def named(self, field: str) -> str:
        """Return who holds the ticket by this event, empty where it does not say."""
        return self.group if field == "group" else self.assignee_id


def event_of(row: Mapping[str, Any]) -> TicketEvent | None:
    """Return the event of a row shaped like ``serving.schemas.Event`` or the ticket_events table; None for no event.

    ``group``, ``assignee_id`` and ``csat`` stand in the row or in its ``values``.

    >>> row = {"ticket_id": "T-1", "event": "csat", "at": datetime.fromisoformat("1970-01-02T00:00Z"),
    ...        "values": {"csat": 5}}
    >>> event_of(row)
    TicketEvent(at=86400.0, rank=7, event='csat', assignee_id='', group='', csat=5.0)
    """
    event, at, values = row.get("event"), row.get("at"), row.get("values") or {}
    if event not in _RANK or not isinstance(at, datetime) or at != at:
        return None
    who, group, csat = (_said(row, values, name) for name in ("assignee_id", "group", "csat"))
    score = float(csat) if isinstance(csat, int | float) else _NONE
    return TicketEvent(at.timestamp(), _RANK[event], event, _text(who), _text(group), score)


def story(events: Iterable[TicketEvent], field: str, created_at: float | None) -> list[Fact]:
    """Return the facts of one ticket in order of time; ``events`` may stand in any order and repeat.

    ``field`` says whether candidates are the events' ``group`` or ``assignee_id``. ``created_at`` (seconds) gives the
    hours to the solution; without it none are told. What is told from before it counts as of then, so that no ticket
    is answered by its own events.

    >>> told = [TicketEvent(7200.0, 5, "resolved"), TicketEvent(0.0, 1, "assigned", "a1", "网络")]
    >>> [(fact.kind, fact.who, fact.value) for fact in story(told, "assignee_id", 0.0)]
    [(0, 'a1', 1.0), (2, 'a1', 1.0), (1, 'a1', 1.0), (5, 'a1', 2.0), (2, 'a1', -1.0)]
    """
    teller = _Teller(created_at)
    for event in sorted(set(events)):
        teller.tell(event, event.named(field))
    return teller.facts


class _Teller:
    def __init__(self, created_at: float | None) -> None:
        self.created_at = created_at
        self.facts: list[Fact] = []
        self.holder = self.group = self.solver = ""
        self.done = False
        self._touched: set[str] = set()
        self._solved: set[str] = set()

    def tell(self, event: TicketEvent, named: str) -> None:
        at = event.at if self.created_at is None else max(event.at, self.created_at)
        self.group = event.group or self.group
        if event.event == "reopened" and self.done:
            self._reopen(at)
        if named and named != self.holder:
            self._hand_over(at, named)
        if event.event in _ENDS and not self.done:
            self._end(at)
        if event.csat != _NONE and (self.solver or self.holder):
            self._add(CSAT, at, self.solver or self.holder, event.csat)

    def _add(self, kind: int, at: float, who: str, value: float = 1.0) -> None:
        self.facts.append(Fact(kind, at, who, self.group, value))

    def _hand_over(self, at: float, who: str) -> None:
        if self.holder and not self.done:
            self._add(HOLD, at, self.holder, -1.0)
            self._add(PASS, at, self.holder)
        if who not in self._touched:
            self._touched.add(who)
            self._add(TOUCH, at, who)
        if not self.done:
            self._add(HOLD, at, who)
        self.holder = who

    def _end(self, at: float) -> None:
        self.done, self.solver = True, self.holder
        if not self.holder:
            return
        if self.holder not in self._solved:
            self._solved.add(self.holder)
            self._add(SOLVE, at, self.holder)
            if self.created_at is not None:
                self._add(HOURS, at, self.holder, max(at - self.created_at, 0.0) / 3600)
        self._add(HOLD, at, self.holder, -1.0)

    def _reopen(self, at: float) -> None:
        self.done = False
        if self.solver:
            self._add(REOPEN, at, self.solver)
        if self.holder:
            self._add(HOLD, at, self.holder)


def _said(row: Mapping[str, Any], values: Mapping[str, Any], name: str) -> Any:
    found = row.get(name)
    return values.get(name) if found is None or found != found else found


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
