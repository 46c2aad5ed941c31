"""Candidates' histories as they stood when each of many tickets was filed: the vectorised path that training uses.

``features.routing.assignee_history`` keeps the same counts as a state, fact by fact; a property test holds the two
together.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.routing.candidate_history import DAMPING, PROFILE, Counts, HistoryKey
from features.routing.fact_table import FactTable
from features.routing.key_tallies import KeyTallies
from features.routing.tallies import Tally
from features.routing.ticket_story import CSAT, HOLD, HOURS, PASS, REOPEN, SOLVE, TOUCH

__all__ = ["AssigneeAsOf"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
_TIMES = {"first_touch": TOUCH, "last_touch": TOUCH, "last_solve": SOLVE}
_COUNTED = {"touches": TOUCH, "passes": PASS, "solves": SOLVE, "reopens": REOPEN, "csat_answers": CSAT}
_SUMMED = {"open": HOLD, "log_hours": HOURS, "csat": CSAT}


class AssigneeAsOf:
    """Answers (ticket, moment, candidate) with counts of what happened strictly before the moment.

    ``values`` hold the fields of the tickets that the facts' and the questions' rows refer to. Candidates are those of
    the facts, by code.
    """

    def __init__(self, facts: FactTable, values: Mapping[str, Objects], keys: Sequence[HistoryKey]) -> None:
        self.facts = facts
        self.keys = tuple(keys)
        self.size = len(facts.candidates)
        self.by_key = [KeyTallies.by_key(facts, values, key) for key in keys]
        self.by_group = KeyTallies.by_group(facts)
        touches = facts.of_kind(TOUCH)
        order = np.lexsort((facts.group[touches], facts.at[touches], facts.who[touches]))
        self._touch_groups = facts.group[touches][order]
        self._profile = {kind: _tally(facts, kind, facts.who) for kind in range(CSAT + 1)}

    def counts(self, rows: Int64, at: Float64, who: Int64) -> Counts:
        """Return the counts of each pair of ticket row and candidate, before its moment in seconds."""
        pairs = [each.by_code(each.code[rows], at, who) for each in self.by_key]
        own, total = (np.stack(parts) for parts in zip(*pairs, strict=True))
        return Counts(own, total, self.profiles(who, at), at)

    def priors(self, rows: Int64, at: Float64) -> Float64:
        """Return ``candidate_history.history_prior`` of all candidates, float64 (tickets, candidates)."""
        found, tickets = np.zeros((len(rows), self.size)), np.arange(len(rows))
        for each in self.by_key:
            each.add_shares(found, tickets, each.code[rows], at, np.ones(len(rows)))
        return found

    def group_priors(self, groups: Int64, weights: Float64, at: Float64) -> Float64:
        """Return the same of the groups that tickets may go to; both arguments are of shape (tickets, groups)."""
        found = np.zeros((len(groups), self.size))
        tickets = np.repeat(np.arange(len(groups)), groups.shape[1])
        self.by_group.add_shares(found, tickets, groups.ravel(), at[tickets], weights.ravel())
        return found

    def group_shares(self, groups: Int64, at: Float64, who: Int64) -> Float64:
        """Return each candidate's share of a group's tickets, float64 (shares, pairs), damped like those by key."""
        own, total = self.by_group.by_code(groups, at, who)
        found: Float64 = own / (total + DAMPING)
        return found

    def last_group(self, who: Int64, at: Float64) -> Int64:
        """Return the code of the group in which each candidate was last given a ticket, -1 where unknown."""
        tally = self._profile[TOUCH]
        place = tally.latest(who, at)
        return np.where(place >= 0, np.append(self._touch_groups, -1)[place], -1)

    def profiles(self, who: Int64, at: Float64) -> Float64:
        """Return what is counted of candidates whatever the ticket, float64 (len(PROFILE), pairs)."""
        found = {name: self._profile[kind].counts(who, at) for name, kind in _COUNTED.items()}
        found |= {name: self._profile[kind].sums(who, at) for name, kind in _SUMMED.items()}
        for name, kind in _TIMES.items():
            tally = self._profile[kind]
            place = tally.earliest(who, at) if name == "first_touch" else tally.latest(who, at)
            moments = np.append(tally.at, np.nan)
            found[name] = moments[place]
        return np.stack([found[name] for name in PROFILE])


def _tally(facts: FactTable, kind: int, codes: Int64) -> Tally:
    rows = facts.of_kind(kind)
    values = np.log1p(facts.value[rows]) if kind == HOURS else facts.value[rows]
    return Tally.of(codes[rows], facts.at[rows], values)
