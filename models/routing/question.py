"""One ticket as routing asks about it, with what the linear stage and the state say of candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.routing.assignee_history import AssigneeHistory
from features.routing.candidate_history import OPEN, HistoryKey
from features.routing.fields import FieldValues, RoutingFields
from features.routing.words import RoutingWords
from models.routing.answer import Candidate
from models.routing.linear import LEAST_LOG_PROBABILITY, LinearHead, terms_of_ticket
from models.routing.past import EXPECTED_GROUPS, LinearStage
from models.routing.rows import Evidence

__all__ = ["Question", "loads_of", "question_of", "ticket_evidence"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Question:
    """A ticket's field ``values``, when it is asked about (seconds), and log probabilities of classes and groups.

    ``own`` are those of the linear stage's classes, float64 (classes,), ``groups`` those of groups by name, None where
    groups are the classes. ``named`` are the texts of the fields that name candidates; None where none does.
    """

    ticket: Mapping[str, Any]
    values: FieldValues
    at: float
    own: Float64
    groups: Mapping[str, float] | None
    named: frozenset[str] | None

    @property
    def likely_groups(self) -> list[str]:
        """The groups through which people are looked for, the likeliest first; none where groups are asked about."""
        groups = self.groups or {}
        return sorted(groups, key=groups.__getitem__, reverse=True)[:EXPECTED_GROUPS]


def question_of(
    ticket: Mapping[str, Any], state: AssigneeHistory, now: datetime | None, fields: RoutingFields,
    keys: Sequence[HistoryKey], stage: LinearStage, words: RoutingWords | None, named_in: Sequence[str],
) -> Question:
    """Return what is asked about a ticket shaped like ``serving.schemas.Ticket``; ``named_in`` fields name candidates.

    It is asked ``now``, else at the ticket's ``created_at``, else at the state's newest fact, else at 0.
    """
    told = ticket.get("created_at")
    filed_at = told if isinstance(told, datetime) and told == told else None
    moment = now or filed_at or _newest(state)
    values = fields.of_ticket(ticket, filed_at or moment)
    said = words.of_ticket(ticket.get("subject"), ticket.get("body")) if words else ()
    terms = stage.terms.rows(terms_of_ticket(values, keys, said))
    return Question(ticket, values, moment.timestamp() if moment else 0.0, stage.own.of_ticket(terms),
                    _by_class(stage.group, terms) if stage.group else None,
                    frozenset(values[name] for name in named_in) if named_in else None)


def loads_of(candidates: Sequence[Candidate], state: AssigneeHistory) -> dict[str, float]:
    """Return open tickets by candidate: what the team says, else what the state counts."""
    found = {each.id: float(each.open_tickets) for each in candidates if each.open_tickets is not None}
    if uncounted := [each.id for each in candidates if each.open_tickets is None]:
        found |= zip(uncounted, state.profiles.loads(uncounted), strict=True)
    return found


def ticket_evidence(
    question: Question, state: AssigneeHistory, stage: LinearStage, candidates: Sequence[Candidate],
    loads: Mapping[str, float],
) -> Evidence:
    """Return what is known of each candidate for the ticket, in order."""
    names = [each.id for each in candidates]
    likely = question.likely_groups
    counts, shares = state.counts_and_shares(question.values, question.at, names, likely)
    counts.profile[OPEN] = [loads[name] for name in names]
    linear = stage.own.at(names, question.own)
    named = None if question.named is None else np.array([float(name in question.named) for name in names])
    if question.groups is None:
        return Evidence(counts, linear, named=named)
    of_groups = question.groups
    own = np.array([of_groups.get(each.group or state.profiles.last_group(each.id), LEAST_LOG_PROBABILITY)
                    for each in candidates])
    weights = np.exp([[of_groups[name] for name in likely]])
    via = np.dot(weights, shares.reshape(len(likely), -1)).reshape(shares.shape[1:])
    return Evidence(counts, linear, own, via, named)


def _newest(state: AssigneeHistory) -> datetime | None:
    return datetime.fromtimestamp(state.newest, UTC) if np.isfinite(state.newest) else None


def _by_class(head: LinearHead, terms: Sequence[int]) -> dict[str, float]:
    return dict(zip(head.classes, head.of_ticket(terms).tolist(), strict=True))
