"""How well each person suits each ticket of a queue, and who must not get which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.routing_answer import Candidate
from models.routing_question import loads_of
from models.routing_rules import needed_skills, screened
from serving.champions import Served, Snapshot
from serving.families import PERSON_FIELD
from serving.questions import Wish, question_of
from serving.routing_answers import offered
from serving.schemas import AssignRequest

__all__ = ["Suitability", "suitability"]

SLICE = 20
"""So many tickets are scored before others may read the history."""
NO_OPINION = 0.5
"""The quality of everybody where no model judges people: skills, loads and urgency decide alone."""


@dataclass(frozen=True)
class Suitability:
    """``quality`` float64 and ``codes`` object (tickets, people): why somebody must not get a ticket, "" if they may.

    ``open_tickets`` is what each person has in hand; ``model`` judged, None where none is served.
    """

    people: Sequence[Candidate]
    open_tickets: Sequence[int]
    quality: NDArray[np.float64]
    codes: NDArray[np.object_]
    model: str | None
    warnings: tuple[str, ...]

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Who may get which ticket, bool (tickets, people)."""
        return np.asarray(self.codes == "", dtype=bool)

    def excluded(self, row: int) -> dict[str, int]:
        """Return how many people must not get a ticket, by reason."""
        return dict(Counter(code for code in self.codes[row].tolist() if code))


def suitability(snapshot: Snapshot, request: AssignRequest) -> Suitability:
    """Judge every pair; without a model that judges people all are alike (``no_champion``)."""
    served = snapshot.served.get(PERSON_FIELD)
    wish = Wish(assignees=request.assignees)
    if served is None:
        people: Sequence[Candidate]
        people, told = snapshot.roster.team(request.assignees)
        loads = {each.id: float(each.open_tickets or 0) for each in people}
        quality = np.full((len(request.tickets), len(people)), NO_OPINION)
        return Suitability(people, _whole(people, loads), quality, _codes(snapshot, request, people, loads), None,
                           (*told, *_about(people, request), "no_champion"))
    tickets = [question_of(each.ticket).ticket for each in request.tickets]
    with served.lent() as state:
        people, told = offered(served, snapshot, state, wish)
        loads = loads_of(people, state)
    quality = _scored(served, tickets, people)
    return Suitability(people, _whole(people, loads), quality, _codes(snapshot, request, people, loads), served.label,
                       (*told, *_about(people, request)))


def _scored(served: Served, tickets: Sequence[Mapping[str, Any]], people: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return qualities, a few tickets at a time: others read the history too."""
    parts = [np.zeros((0, len(people)))]
    now = datetime.now(UTC)
    for start in range(0, len(tickets) if people else 0, SLICE):
        with served.lent() as state:
            parts.append(served.scorer.score_matrix(tickets[start : start + SLICE], state, people, now))
    return np.concatenate(parts).reshape(len(tickets), len(people))


def _codes(
    snapshot: Snapshot, request: AssignRequest, people: Sequence[Candidate], loads: Mapping[str, float]
) -> NDArray[np.object_]:
    """Return why somebody must not get a ticket, the first reason that holds."""
    policy = snapshot.policy
    always = _reasons(people, (), loads)
    for place, each in enumerate(people):
        if not always[place] and policy.mode(PERSON_FIELD, each.id) == "off":
            always[place] = "switched_off"
    codes = np.tile(always, (len(request.tickets), 1))
    places = {each.id: place for place, each in enumerate(people)}
    without: dict[tuple[str, ...], NDArray[np.object_]] = {}
    for row, queued in enumerate(request.tickets):
        if needs := _needs(snapshot, question_of(queued.ticket).ticket):
            if needs not in without:
                without[needs] = _reasons(people, needs, loads)
            codes[row] = np.where(codes[row] == "", without[needs], codes[row])
        barred = [place for name in queued.excluded or () if (place := places.get(name, -1)) >= 0]
        codes[row, [place for place in barred if not codes[row, place]]] = "excluded"
    return codes


def _reasons(people: Sequence[Candidate], needs: Sequence[str], loads: Mapping[str, float]) -> NDArray[np.object_]:
    """Return the reason of each person, "" for those who may take a ticket that needs some skills."""
    _, excluded = screened(people, needs, loads)
    codes = {each.value: each.code for each in excluded}
    return np.array([codes.get(each.id, "") for each in people], dtype=object)


def _needs(snapshot: Snapshot, ticket: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the skills that a ticket needs: as it says, and as the model of people demands of one of its columns."""
    served = snapshot.served.get(PERSON_FIELD)
    column = "" if served is None else str(served.manifest.get("skill_field") or "")
    if served is None or not column:
        return needed_skills(ticket, "", {})
    return needed_skills(ticket, column, served.scorer.fields.of_ticket(ticket, None))


def _whole(people: Sequence[Candidate], loads: Mapping[str, float]) -> list[int]:
    return [max(round(loads[each.id]), 0) for each in people]


def _about(people: Sequence[Candidate], request: AssignRequest) -> tuple[str, ...]:
    """Return what is odd about a team and a queue: nobody there, a ticket listed twice, exclusions of nobody known."""
    ids = [each.ticket.id for each in request.tickets if each.ticket.id is not None]
    barred = {name for each in request.tickets for name in each.excluded or ()}
    told = {
        "no_assignees": not people, "repeated_tickets": len(set(ids)) < len(ids),
        "unknown_excluded": bool(barred - {each.id for each in people}),
    }
    return tuple(word for word, holds in told.items() if holds)
