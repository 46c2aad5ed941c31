"""Why somebody cannot get a ticket, whatever a model thinks of it: the first reason that holds."""

from collections.abc import Collection, Mapping
from typing import Any

from models.routing_scorer import Candidate

__all__ = ["needed_skills", "unavailable", "unskilled"]

ONLINE = "online"


def unavailable(person: Candidate, open_tickets: float) -> str | None:
    """Return ``inactive``, ``offline`` or ``at_capacity``, None for somebody who can take tickets.

    >>> unavailable(Candidate("a1", status="away"), 0), unavailable(Candidate("a1", capacity=4), 4)
    ('offline', 'at_capacity')
    >>> unavailable(Candidate("a1"), 1000) is None
    True
    """
    if not person.active:
        return "inactive"
    if person.status not in (None, ONLINE):
        return "offline"
    if person.capacity is not None and open_tickets >= person.capacity:
        return "at_capacity"
    return None


def unskilled(person: Candidate, needs: Collection[str]) -> bool:
    """Return whether somebody lacks a skill that a ticket needs."""
    return not set(needs) <= set(person.skills)


def needed_skills(ticket: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the skills that a ticket shaped like the API's needs; its context may name them too, parted by ``;``.

    >>> needed_skills({"needs": ["打印机"]}), needed_skills({"context": {"needs": "网络; 打印机"}})
    (('打印机',), ('网络', '打印机'))
    """
    needs = ticket.get("needs")
    if needs is None:
        needs = str((ticket.get("context") or {}).get("needs") or "").split(";")
    return tuple(filter(None, (str(each).strip() for each in needs)))
