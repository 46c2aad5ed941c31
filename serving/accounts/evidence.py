"""The tickets behind a reason, and what happened to a customer in order, from the events that the store holds.

Which tickets a reason is about is read from its code, which says what was counted and over how long:
``tickets_reopened_30d`` are tickets that were reopened in the thirty days before the score.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fenzhen.store import TicketEvent

__all__ = ["Evidence", "Happening", "Ticket", "evidence_of", "timeline_of"]

MOST_TICKETS = 10
MOST_HAPPENINGS = 100
UNHAPPY = 3.0
"""Satisfaction of so much or less (of five) counts as unhappy."""
_URGENT = ("紧急", "特急", "urgent", "critical", "P1", "1")
_NEGATIVE = ("negative", "负面", "愤怒", "不满", "生气", "着急")
_DAYS = re.compile(r"_(\d{1,4})d(?:_|$)")


@dataclass(slots=True)
class Ticket:
    """A ticket as its events tell it; ``moments`` are the first of each event."""

    id: str
    moments: dict[str, datetime] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    assigned: int = 0

    @property
    def at(self) -> datetime:
        """When it was filed, or first heard of."""
        return self.moments.get("created") or min(self.moments.values())

    def took(self, event: str) -> timedelta:
        """Return how long it took from filing to an event; for ever if that has not happened."""
        return self.moments[event] - self.at if event in self.moments else timedelta.max


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a customer's life, in both languages."""

    at: datetime
    kind: str
    id: str | None
    text_zh: str | None
    text_en: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A customer's tickets as they were known at ``as_of``."""

    all: Sequence[Ticket]
    as_of: datetime

    def tickets(self, code: str) -> list[str]:
        """Return the tickets behind a reason's code, the most telling first; none where the code is about no tickets.

        >>> noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
        >>> events = [TicketEvent("T-1", "created", noon), TicketEvent("T-2", "created", noon),
        ...           TicketEvent("T-2", "reopened", noon + timedelta(hours=1))]
        >>> found = evidence_of(events, noon + timedelta(days=1))
        >>> found.tickets("tickets_reopened_90d"), found.tickets("orders_90d"), len(found.tickets("tickets_30d"))
        (['T-2'], [], 2)
        """
        found = next((rule for rule in _RULES if any(word in code for word in rule.words)), None)
        if found is None:
            return []
        days = _DAYS.search(code)
        since = self.as_of - timedelta(days=int(days[1]) if days else found.days)
        recent = [each for each in self.all if max(each.moments.values()) >= since]
        return [each.id for each in found.choose(recent)[:MOST_TICKETS]]


def evidence_of(events: Iterable[TicketEvent], as_of: datetime) -> Evidence:
    """Return the tickets of events before ``as_of``, newest first."""
    found: dict[str, Ticket] = {}
    for event in events:
        if event.at < as_of:
            ticket = found.setdefault(event.ticket_id, Ticket(event.ticket_id))
            ticket.moments.setdefault(event.event, event.at)
            ticket.values.update(event.values)
            ticket.assigned += event.event == "assigned"
    return Evidence(sorted(found.values(), key=lambda each: each.at, reverse=True), as_of)


def timeline_of(events: Sequence[TicketEvent], told: Iterable[Mapping[str, Any]], as_of: datetime) -> list[Happening]:
    """Return tickets and what the score told beside them (orders, returns, failures), newest first."""
    tickets = [_happening(each) for each in evidence_of(events, as_of).all]
    others = [Happening(_moment(each["at"]), str(each.get("kind") or "event"), _text(each.get("id")),
                        _text(each.get("text_zh")), _text(each.get("text_en"))) for each in told if each.get("at")]
    return sorted((*tickets, *others), key=lambda each: each.at, reverse=True)[:MOST_HAPPENINGS]


def _happening(ticket: Ticket) -> Happening:
    """Return what a timeline says of a ticket: what it was about, and what went wrong with it."""
    about = [str(ticket.values[name]) for name in ("category", "product") if ticket.values.get(name)]
    solved = "resolved" in ticket.moments
    marks_zh, marks_en = ["已解决" if solved else "未解决"], ["resolved" if solved else "open"]
    if "reopened" in ticket.moments:
        marks_zh.append("重新打开")
        marks_en.append("reopened")
    if (csat := _csat(ticket)) is not None:
        marks_zh.append(f"满意度 {csat:g}")
        marks_en.append(f"satisfaction {csat:g}")
    return Happening(ticket.at, "ticket", ticket.id, " · ".join((*about, *marks_zh)), " · ".join((*about, *marks_en)))


def _csat(ticket: Ticket) -> float | None:
    value = ticket.values.get("csat")
    return float(value) if isinstance(value, int | float) else None


def _reopened(tickets: list[Ticket]) -> list[Ticket]:
    return [each for each in tickets if "reopened" in each.moments]


def _unhappy(tickets: list[Ticket]) -> list[Ticket]:
    found = [each for each in tickets if (csat := _csat(each)) is not None and csat <= UNHAPPY]
    return sorted(found, key=lambda each: _csat(each) or 0.0)


def _on_one_device(tickets: list[Ticket]) -> list[Ticket]:
    devices = [each.values.get("device_id") for each in tickets]
    return [each for each, device in zip(tickets, devices, strict=True) if device and devices.count(device) > 1]


def _slowest(event: str) -> Callable[[list[Ticket]], list[Ticket]]:
    return lambda tickets: sorted(tickets, key=lambda each: each.took(event), reverse=True)


def _open(tickets: list[Ticket]) -> list[Ticket]:
    return [each for each in tickets if "resolved" not in each.moments]


def _waiting(tickets: list[Ticket]) -> list[Ticket]:
    return [each for each in tickets if "waiting_customer" in each.moments]


def _escalated(tickets: list[Ticket]) -> list[Ticket]:
    found = [each for each in tickets if each.assigned > 1 or str(each.values.get("priority")) in _URGENT]
    return sorted(found, key=lambda each: -each.assigned)


def _negative(tickets: list[Ticket]) -> list[Ticket]:
    return [each for each in tickets if str(each.values.get("sentiment")) in _NEGATIVE]


def _complaints(tickets: list[Ticket]) -> list[Ticket]:
    named = [each for each in tickets if any(
        "投诉" in str(each.values.get(name)) or "complaint" in str(each.values.get(name)).lower()
        for name in ("category", "request_type"))]
    return named or _unhappy(tickets)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Codes with one of ``words`` are about what ``choose`` picks of the last ``days``, unless they say how many."""

    words: tuple[str, ...]
    choose: Callable[[list[Ticket]], list[Ticket]]
    days: int = 90


_RULES = (
    _Rule(("reopen",), _reopened), _Rule(("csat", "satisfaction", "nps"), _unhappy, 365),
    _Rule(("repeat",), _on_one_device), _Rule(("first_response", "response_hours"), _slowest("responded")),
    _Rule(("resolution",), _slowest("resolved")), _Rule(("waiting",), _waiting),
    _Rule(("unresolved", "open_tickets", "tickets_open"), _open, 365), _Rule(("escalat", "reassign"), _escalated),
    _Rule(("sentiment", "negative"), _negative, 365), _Rule(("complain",), _complaints, 365),
    _Rule(("ticket", "service"), list),
)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
