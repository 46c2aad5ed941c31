"""Past tickets with the candidates they had when they were filed: what the ranking trees learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from features.routing.assignee_as_of import AssigneeAsOf
from features.routing.candidate_history import SHARES
from models.routing.linear import LEAST_LOG_PROBABILITY, LinearHead, Terms
from models.routing.rows import (
    CLOSER_LOOK,
    GROUP_WEIGHT,
    NAMED_WEIGHT,
    Evidence,
    RoutingRows,
    evidence_matrix,
    evidence_prior,
    linear_prior,
    top_places,
)

__all__ = ["EXPECTED_GROUPS", "LinearStage", "RoutingPast", "named_codes"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
EXPECTED_GROUPS = 5
"""Groups of a ticket, the likeliest ones, through which people are looked for."""


@dataclass(frozen=True, eq=False)
class LinearStage:
    """The heads over one set of terms: of the candidates, and of groups where candidates are people."""

    terms: Terms
    own: LinearHead
    group: LinearHead | None


def named_codes(values: Mapping[str, Objects], fields: Sequence[str], candidates: Sequence[str]) -> Int64 | None:
    """Return whom each of ``fields`` names, by code of candidate, int64 (tickets, fields), -1 for nobody.

    None without fields. ``values`` hold the texts of tickets by field.

    >>> named_codes({"filed_by": np.array(["b", ""], dtype=object)}, ["filed_by"], ["a", "b"]).tolist()
    [[1], [-1]]
    """
    if not fields:
        return None
    known = {name: code for code, name in enumerate(candidates)}
    return np.array([[known.get(value, -1) for value in values[field]] for field in fields], dtype=np.int64).T


@dataclass(frozen=True, eq=False)
class RoutingPast:
    """Tickets in order of filing: ``at`` in seconds, ``terms`` of each, and all that happened.

    ``as_of`` answers for the same tickets by position. ``named`` are those of ``named_codes``.
    """

    at: Float64
    terms: Sequence[Sequence[str]]
    as_of: AssigneeAsOf
    named: Int64 | None

    def rows(self, tickets: Int64, stage: LinearStage) -> RoutingRows:
        """Return the tickets (positions) with their best candidates, as they stood when each was filed."""
        matrix, at = stage.terms.matrix([self.terms[row] for row in tickets]), self.at[tickets]
        linear = self._linear(matrix, stage.own)
        prior = self.as_of.priors(tickets, at)
        prior += linear_prior(linear)
        expected = self._expected(matrix, stage.group) if stage.group else None
        if expected:
            prior += GROUP_WEIGHT * self.as_of.group_priors(expected.codes, expected.shares, at)
        named = self._named(tickets)
        if named is not None:
            prior += NAMED_WEIGHT * named
        who = top_places(prior)
        who = np.pad(who, ((0, 0), (0, CLOSER_LOOK - who.shape[1])), constant_values=-1)
        return RoutingRows(tickets, who, self._matrix(tickets, who, linear, expected, named))

    def _matrix(
        self, tickets: Int64, who: Int64, linear: Float64, expected: "_Expected | None", named: Float64 | None,
    ) -> Float64:
        place = np.repeat(np.arange(len(tickets)), who.shape[1])
        someone = np.maximum(who.ravel(), 0)
        at = self.at[tickets][place]
        own_group, via_group = self._through_groups(expected, place, someone, at) if expected else (None, None)
        evidence = Evidence(
            self.as_of.counts(tickets[place], at, someone), linear[place, someone], own_group, via_group,
            None if named is None else named[place, someone],
        )
        return evidence_matrix(evidence, evidence_prior(evidence))

    def _named(self, tickets: Int64) -> Float64 | None:
        """Return 1.0 where a ticket names a candidate, float64 (tickets, candidates)."""
        if self.named is None:
            return None
        found = np.zeros((len(tickets), self.as_of.size + 1))  # the last column is nobody's
        np.put_along_axis(found, self.named[tickets], 1.0, axis=1)
        return found[:, :-1]

    def _linear(self, matrix: sp.csr_matrix, head: LinearHead) -> Float64:
        """Return log probabilities (tickets, candidates)."""
        known = {name: column for column, name in enumerate(self.as_of.facts.candidates)}
        found = np.full((matrix.shape[0], len(known)), LEAST_LOG_PROBABILITY)
        theirs = [column for column, name in enumerate(head.classes) if name in known]
        ours = [known[head.classes[column]] for column in theirs]
        found[:, ours] = head.log_probabilities(matrix)[:, theirs]
        return found

    def _expected(self, matrix: sp.csr_matrix, head: LinearHead) -> "_Expected":
        log_probabilities = head.log_probabilities(matrix)
        best = top_places(log_probabilities, EXPECTED_GROUPS)
        known = {name: code for code, name in enumerate(self.as_of.facts.groups)}
        codes = np.array([known.get(name, -1) for name in head.classes])[best]
        shares = np.where(codes >= 0, np.exp(np.take_along_axis(log_probabilities, best, axis=1)), 0.0)
        by_code = np.full((len(best), len(known) + 1), LEAST_LOG_PROBABILITY)
        for column, name in enumerate(head.classes):
            by_code[:, known.get(name, -1)] = log_probabilities[:, column]
        by_code[:, -1] = LEAST_LOG_PROBABILITY
        return _Expected(np.maximum(codes, 0), shares, by_code)

    def _through_groups(self, expected: "_Expected", place: Int64, who: Int64, at: Float64) -> tuple[Float64, Float64]:
        own = expected.log_probability[place, self.as_of.last_group(who, at)]
        via = np.zeros((len(SHARES), len(who)))
        for column in range(expected.codes.shape[1]):
            shares = self.as_of.group_shares(expected.codes[place, column], at, who)
            via += shares * expected.shares[place, column]
        return own, via


@dataclass(frozen=True, eq=False)
class _Expected:
    """The likeliest groups of tickets, ``codes`` and ``shares`` (tickets, EXPECTED_GROUPS), and all of them by code.

    ``log_probability`` is (tickets, groups + 1); the last column stands for an unknown group.
    """

    codes: Int64
    shares: Float64
    log_probability: Float64
