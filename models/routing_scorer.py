"""Who should take a ticket: candidates ranked by a linear stage and re-ranked on what each has done lately.

One scorer answers ``group`` (model ``assignee_group``) or ``assignee`` (model ``assignee``). It holds the fit, which
may be old; the history is a state that callers own and feed, so that the freshest counts::

    scorer = load_scorer(folder)                    # family "routing"
    state = scorer.new_state()                      # as the artefact was trained, or scorer.empty_state()
    state.file(tickets)                             # tickets as filed: their context, once each
    state.update(events)                            # assigned, resolved, reopened, closed, csat …, in any order, also twice
    answer = scorer.rank(ticket, state, team=team, now=now)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["Candidate", "Exclusion", "Ranked", "RoutingAnswer", "RoutingScorer"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who could take tickets, as the request or ``PUT /v1/assignees/{id}`` tells of them.

    ``id`` is a person's id for the field ``assignee`` and the group's name for ``group`` (a team of people is turned
    into groups by ``groups_of``: online if any member is, the sum of loads and capacities, the union of skills).
    ``open_tickets`` None: what the state counts. ``capacity`` None: no limit; 0 or less: always full, a negative one
    with the warning ``negative_capacity``. ``status`` is ``online`` or ``offline`` (None: unknown, taken for online);
    any other word counts as offline with the warning ``unknown_status``.
    """

    id: str
    name: str | None = None
    group: str | None = None
    skills: tuple[str, ...] = ()
    open_tickets: int | None = None
    capacity: float | None = None
    status: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who was left out and why: ``inactive``, ``offline``, ``at_capacity`` or ``missing_skill`` (the first that holds)."""

    value: str
    code: str
    numbers: Mapping[str, Any]
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """One allowed candidate: ``confidence`` is the calibrated probability to be the one who solves the ticket."""

    value: str
    confidence: float
    score: float


@dataclass(frozen=True, slots=True)
class RoutingAnswer:
    """One ticket's ranking, best first.

    ``value`` is None when abstaining, else the best. ``decision`` is ``auto``, ``suggest`` or ``abstain``, by the
    thresholds alone (modes and kill switches are the caller's). ``confidence`` is the best one's, None without any.
    ``rule`` is None or ``{"id": "fixed_owner", "value": …}`` where a customer's fixed owner decided (or
    ``{"id": "fixed_owner_absent", …}`` where the owner is excluded and the ranking stands in). ``model_value`` is what
    the model alone would have put first among the allowed. ``reasons`` are dicts
    ``{"code", "numbers", "text_zh", "text_en", "weight"}`` of the best, at most 3, filled when ``explain``.
    ``warnings`` are codes: ``no_assignees``, ``all_excluded``, ``unknown_assignees``, ``negative_capacity``,
    ``unknown_status``, ``unknown_owner``, ``contradictory_skills``, ``unseen_category``, ``unseen_customer``, …
    """

    value: str | None
    confidence: float | None
    decision: str
    thresholds: Mapping[str, float | None]
    ranking: tuple[Ranked, ...]
    excluded: tuple[Exclusion, ...]
    reasons: tuple[Mapping[str, Any], ...]
    rule: Mapping[str, Any] | None
    model_value: str | None
    warnings: tuple[str, ...]


class RoutingScorer:
    """Reads an artefact of the family ``routing``; immutable and shared, all that changes is in the state."""

    manifest: Mapping[str, Any]
    model: str
    field: str

    def rank(
        self, ticket: Mapping[str, Any], state: Any, *, team: Sequence[Candidate] | None = None,
        now: datetime | None = None, owner: str | None = None, top_k: int = 3, explain: bool = False,
    ) -> RoutingAnswer:
        """Return the answer for one ticket, a dict shaped like ``serving.schemas.Ticket``.

        ``team`` None: everybody whom the state knows and who is not inactive; an empty team: abstain, ``no_assignees``.
        ``now``: the moment asked at (default: the ticket's ``created_at``, else the newest fact of the state).
        ``owner``: the customer's fixed person or group, if the caller knows of one; otherwise the state's own table of
        owners is asked (``state.owners``: customer_id -> value). ``ticket["needs"]`` (or its context's ``needs``): skills
        that are asked for, a list or ``;``-separated text. Equal scores are spread by load, then by id.
        """
        raise NotImplementedError

    def score_matrix(
        self, tickets: Sequence[Mapping[str, Any]], state: Any, team: Sequence[Candidate], now: datetime | None = None,
    ) -> Any:
        """Return calibrated probabilities float64 (tickets, team) for ``/v1/assign``: 0 where excluded for the ticket.

        Loads and capacities are the solver's business and exclude nobody here.
        """
        raise NotImplementedError
