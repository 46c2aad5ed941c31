"""``POST /v1/assign``: a queue and a team in, a whole assignment out."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ulid import ULID

from fenzhen.store import PredictedField, Prediction
from models.routing.assignment import Queue, Team, assign
from serving.calls import Call
from serving.champions import Snapshot
from serving.families import PERSON_FIELD
from serving.metrics import counted
from serving.predictor import NoChampionError, why_unready
from serving.routing.assign_answers import AssignAnswer, Assignment, Load, why_unassigned
from serving.routing.queue_priorities import queue_priorities, queue_urgency
from serving.routing.queue_suitability import Suitability, suitability
from serving.schemas import AssignRequest

__all__ = ["Decided", "assign_queue", "logged_assignment"]


@dataclass(frozen=True)
class Decided:
    """The answer, and which model judged (None: none is served)."""

    answer: AssignAnswer
    model: str | None


def assign_queue(snapshot: Snapshot, request: AssignRequest) -> Decided:
    """Assign a queue; every ticket is answered in its place, with who gets it or why nobody does.

    Without any model skills, loads and urgency decide. Raises ``NoChampionError`` while nobody knows yet whether there
    are models.
    """
    if snapshot.unreadable and not snapshot.served:
        raise NoChampionError(why_unready(snapshot))
    started = time.perf_counter()
    priorities, unknown = queue_priorities(snapshot, request)
    urgency, strange = queue_urgency(snapshot, priorities, request)
    suits = suitability(snapshot, request)
    options = request.options
    chosen = assign(suits.quality, suits.allowed, Queue(np.array(urgency, dtype=np.int64), _weights(request)),
                    _team(suits, len(urgency)), method=options.method, balance=options.balance)
    assignments = [_assignment(request, suits, priorities[row], row, who) for row, who in enumerate(chosen.tolist())]
    _count(options.method, assignments)
    placed = chosen >= 0
    return Decided(AssignAnswer(
        assignments=assignments, team=_loads(suits, chosen), assigned=int(placed.sum()),
        unassigned=int((~placed).sum()),
        expected_solved=round(float(suits.quality[placed, chosen[placed]].sum()), 3), method=options.method,
        warnings=list(dict.fromkeys((*suits.warnings, *unknown, *strange))),
        latency_ms=round((time.perf_counter() - started) * 1000, 2),
    ), suits.model)


def logged_assignment(decided: Decided, call: Call) -> list[Prediction]:
    """Return the rows to write: for each ticket who was suggested, so that feedback can name it."""
    now = datetime.now(UTC)
    return [
        Prediction(each.prediction_id, each.ticket_id, now, (PredictedField(
            PERSON_FIELD, "ok", each.assignee, each.quality, "abstain" if each.assignee is None else "suggest",
            decided.model, (), ({"code": "assignment", "unassigned": each.code},)),), call.request_id, call.key_id)
        for each in decided.answer.assignments
    ]


def _weights(request: AssignRequest) -> NDArray[np.float64]:
    vip, weight = set(request.options.vip_tiers), request.options.vip_weight
    tiers = [each.ticket.customer.customer_tier if each.ticket.customer else None for each in request.tickets]
    return np.array([weight if tier in vip else 1.0 for tier in tiers])


def _team(suits: Suitability, tickets: int) -> Team:
    """Return loads and capacities; whoever has no limit has room for the whole queue."""
    limits = [each.capacity for each in suits.people]
    capacity = [load + tickets if limit is None else int(limit)
                for load, limit in zip(suits.open_tickets, limits, strict=True)]
    return Team(np.array(suits.open_tickets, dtype=np.int64), np.array(capacity, dtype=np.int64))


def _assignment(request: AssignRequest, suits: Suitability, priority: str | None, row: int, who: int) -> Assignment:
    why: dict[str, Any] = {"code": None, "numbers": {}, "text_zh": None, "text_en": None}
    if who < 0:
        why = why_unassigned(len(suits.people), suits.excluded(row))
    return Assignment(
        prediction_id=str(ULID()), ticket_id=request.tickets[row].ticket.id,
        status="assigned" if who >= 0 else "unassigned", assignee=suits.people[who].id if who >= 0 else None,
        priority=priority, quality=round(float(suits.quality[row, who]), 6) if who >= 0 else None, **why,
    )


def _loads(suits: Suitability, chosen: NDArray[np.int64]) -> list[Load]:
    counts = np.bincount(chosen[chosen >= 0], minlength=len(suits.people)).tolist()
    return [
        Load(each.id, load, count, None if each.capacity is None else int(each.capacity))
        for each, load, count in zip(suits.people, suits.open_tickets, counts, strict=True)
    ]


def _count(method: str, assignments: Sequence[Assignment]) -> None:
    for outcome, count in Counter(each.code or "assigned" for each in assignments).items():
        counted().assigned(method, outcome, count)
