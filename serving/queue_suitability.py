"""How well each person suits each ticket of a queue, and who must not get which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.routing_scorer import Candidate
from serving.availability import needed_skills, unavailable, unskilled
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
        loads = [int(each.open_tickets or 0) for each in people]
        quality = np.full((len(request.tickets), len(people)), NO_OPINION)
        return Suitability(people, loads, quality, _codes(snapshot, request, people, loads), None,
                           (*told, *_about(people), "no_champion"))
    tickets = [question_of(each.ticket).ticket for each in request.tickets]
    with served.lent() as state:
        people, told = offered(served, snapshot, state, wish)
        loads = [state.open_tickets(each.id) if each.open_tickets is None else int(each.open_tickets)
                 for each in people]
    quality = _scored(served, tickets, people)
    return Suitability(people, loads, quality, _codes(snapshot, request, people, loads), served.label,
                       (*told, *_about(people)))


def _scored(served: Served, tickets: Sequence[Mapping[str, Any]], people: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return qualities, a few tickets at a time: others read the history too."""
    parts = [np.zeros((0, len(people)))]
    now = datetime.now(UTC)
    for start in range(0, len(tickets) if people else 0, SLICE):
        with served.lent() as state:
            parts.append(served.scorer.score_matrix(tickets[start : start + SLICE], state, people, now))
    return np.concatenate(parts).reshape(len(tickets), len(people))


def _codes(
    snapshot: Snapshot, request: AssignRequest, people: Sequence[Candidate], loads: Sequence[int]
) -> NDArray[np.object_]:
    """Return why somebody must not get a ticket, the first reason that holds."""
    policy = snapshot.policy
    always = np.array([
        unavailable(each, load) or ("switched_off" if policy.mode(PERSON_FIELD, each.id) == "off" else "")
        for each, load in zip(people, loads, strict=True)], dtype=object)
    codes = np.tile(always, (len(request.tickets), 1))
    places = {each.id: place for place, each in enumerate(people)}
    for row, each in enumerate(request.tickets):
        needs = needed_skills(question_of(each.ticket).ticket)
        lacking = [place for place, person in enumerate(people) if unskilled(person, needs)] if needs else []
        barred = [places[name] for name in each.excluded or () if name in places]
        for code, found in (("missing_skill", lacking), ("excluded", barred)):
            codes[row, [place for place in found if not codes[row, place]]] = code
    return codes


def _about(people: Sequence[Candidate]) -> tuple[str, ...]:
    return () if people else ("no_assignees",)
