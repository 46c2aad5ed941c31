"""A ticket's candidates with everything that the ranking trees look at, for one ticket or for thousands.

The closer look is for the few who matter: those with the highest prior, the sum of what the linear stage and their
history in tickets alike say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.routing.candidate_history import (
    RECENT,
    SHARES,
    Counts,
    HistoryKey,
    history_names,
    history_prior,
    history_width,
    write_history,
)
from models.routing.linear import LEAST_LOG_PROBABILITY

__all__ = [
    "CLOSER_LOOK", "GROUP_WEIGHT", "NAMED", "NAMED_WEIGHT", "Evidence", "RoutingRows",
    "evidence_matrix", "evidence_names", "evidence_prior", "linear_prior", "top_places",
]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

CLOSER_LOOK = 20
"""Candidates a ticket that the trees rank; the others keep the order of their prior."""
GROUP_WEIGHT = 8.0
_LINEAR_WEIGHT = 4.0
NAMED_WEIGHT = 4.0
NAMED = "named_in_ticket"
"""The feature that says whether a field of the ticket holds the candidate's id, such as that of who filed it."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of ``n`` pairs of ticket and candidate.

    ``linear`` is the linear stage's log probability, float64 (n,). ``own_group`` is its log probability of the
    candidate's group and ``via_group`` float64 (len(SHARES), n) the candidate's share in the groups that it expects;
    both None where the candidates are groups themselves. ``named`` is 1.0 where the ticket names the candidate, float64
    (n,), None where no field of the model names any.
    """

    counts: Counts
    linear: Float64
    own_group: Float64 | None = None
    via_group: Float64 | None = None
    named: Float64 | None = None

    def take(self, pairs: Int64) -> "Evidence":
        """Return the pairs at these positions."""
        return Evidence(
            self.counts.take(pairs), self.linear[pairs], None if self.own_group is None else self.own_group[pairs],
            None if self.via_group is None else self.via_group[:, pairs],
            None if self.named is None else self.named[pairs],
        )


def evidence_names(keys: Sequence[HistoryKey], *, of_people: bool, naming: bool) -> tuple[str, ...]:
    """Return the names of the columns of ``evidence_matrix``; ``naming``: fields of the ticket name candidates."""
    people = ("own_group_log_probability", *(f"expected_group_share_{share}" for share in SHARES))
    return (*history_names(keys), "linear_log_probability", "prior", *(people if of_people else ()),
            *((NAMED,) if naming else ()))


def evidence_prior(evidence: Evidence) -> Float64:
    """Return how much each candidate deserves a closer look, float64 (n,)."""
    prior = history_prior(evidence.counts)
    prior += linear_prior(evidence.linear)
    if evidence.via_group is not None:
        prior += GROUP_WEIGHT * np.add.reduce(evidence.via_group[RECENT:], axis=0)
    if evidence.named is not None:
        prior += NAMED_WEIGHT * evidence.named
    return prior


def linear_prior(linear: Float64) -> Float64:
    """Return what the linear stage's log probabilities add to the prior: nothing for whom it does not know."""
    return _LINEAR_WEIGHT * np.exp(linear) * (linear > LEAST_LOG_PROBABILITY)


def evidence_matrix(evidence: Evidence, prior: Float64) -> Float64:
    """Return float64 (n, len(evidence_names)), column by column in memory; NaN where nothing is known."""
    people = evidence.own_group is not None and evidence.via_group is not None
    history = history_width(len(evidence.counts.own))
    end = history + 2 + (1 + len(SHARES)) * people
    columns = np.empty((end + (evidence.named is not None), len(prior)))
    write_history(evidence.counts, columns[:history])
    columns[history], columns[history + 1] = evidence.linear, prior
    if people:
        columns[history + 2], columns[history + 3:end] = evidence.own_group, evidence.via_group
    if evidence.named is not None:
        columns[end] = evidence.named
    return columns.T


def top_places(prior: Float64, limit: int = CLOSER_LOOK) -> Int64:
    """Return the positions of the highest of each row of (tickets, candidates), best first, earlier ones first."""
    return np.argsort(-prior, axis=1, kind="stable")[:, :limit]


@dataclass(frozen=True, eq=False)
class RoutingRows:
    """Tickets with as many candidates each: ``who`` int64 (tickets, candidates), ``matrix`` (tickets * candidates, …).

    ``tickets`` are the tickets' positions in their frame.
    """

    tickets: Int64
    who: Int64
    matrix: Float64

    def take(self, places: Int64) -> "RoutingRows":
        """Return the tickets at these positions."""
        width = self.who.shape[1]
        cells = (places[:, None] * width + np.arange(width)).ravel()
        return RoutingRows(self.tickets[places], self.who[places], self.matrix[cells])

    @classmethod
    def joined(cls, parts: Sequence["RoutingRows"]) -> "RoutingRows":
        """Return the tickets of all parts, in order; all of them have the same candidates in number."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("tickets", "who", "matrix")))
