"""How well each person suits each ticket of a queue, and who must not get which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.policy import Policy
from models.routing.answer import Candidate
from models.routing.question import loads_of
from models.routing.rules import CheckedTeam, checked_team, needed_skills, screened
from serving.champions import Served, Snapshot
from serving.families import PERSON_FIELD
from serving.questions import Wish, question_of
from serving.routing.answers import offered
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
    tickets = [question_of(each.ticket).ticket for each in request.tickets]
    if served is None:
        people, told = snapshot.roster.team(request.assignees)
        team = checked_team(people)
        loads = {each.id: float(each.open_tickets or 0) for each in team.candidates}
        quality = np.full((len(tickets), len(team.candidates)), NO_OPINION)
    else:
        with served.lent() as state:
            team, told = offered(served, snapshot, state, Wish(assignees=request.assignees))
            loads = loads_of(team.candidates, state)
        quality = _scored(served, tickets, team)
    needs = [_needs(served, each) for each in tickets]
    return Suitability(
        team.candidates, _whole(team.candidates, loads), quality, _codes(snapshot, request, team, loads, needs),
        None if served is None else served.label,
        (*told, *team.warnings, *_about(team.candidates, request), *(("no_champion",) if served is None else ())))


def _scored(served: Served, tickets: Sequence[Mapping[str, Any]], team: CheckedTeam) -> NDArray[np.float64]:
    """Return qualities, a few tickets at a time: others read the history too."""
    parts = [np.zeros((0, len(team.candidates)))]
    now = datetime.now(UTC)
    for start in range(0, len(tickets) if team.candidates else 0, SLICE):
        with served.lent() as state:
            parts.append(served.scorer.score_matrix(tickets[start : start + SLICE], state, team, now))
    return np.concatenate(parts).reshape(len(tickets), len(team.candidates))


def _codes(
    snapshot: Snapshot, request: AssignRequest, team: CheckedTeam, loads: Mapping[str, float],
    needs: Sequence[Sequence[str]],
) -> NDArray[np.object_]:
    """Return why somebody must not get a ticket, the first reason that holds; ``needs`` are each ticket's skills."""
    always = _always(snapshot.policy, team.candidates, loads)
    codes = np.tile(always, (len(needs), 1))
    places = {each.id: place for place, each in enumerate(team.candidates)}
    for row, queued in enumerate(request.tickets):
        codes[row, (always == "") & ~team.able(needs[row])] = "missing_skill"
        barred = [places[name] for name in queued.excluded or () if name in places]
        codes[row, barred] = np.where(codes[row, barred] == "", "excluded", codes[row, barred])
    return codes


def _always(policy: Policy, people: Sequence[Candidate], loads: Mapping[str, float]) -> NDArray[np.object_]:
    """Return why somebody must not get any ticket, "" for those who may."""
    reasons = {each.value: each.code for each in screened(people, (), loads)[1]}
    off = {each.id: "switched_off" for each in people if policy.mode(PERSON_FIELD, each.id) == "off"}
    first = off | reasons
    return np.array([first.get(each.id, "") for each in people], dtype=object)


def _needs(served: Served | None, ticket: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the skills that a ticket needs: as it says, and as the model of people demands of one of its columns."""
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
