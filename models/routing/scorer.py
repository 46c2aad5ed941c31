"""Who should take a ticket: candidates ranked by a linear stage and re-ranked on what each has done lately.

One scorer answers ``group`` (model ``assignee_group``) or ``assignee`` (model ``assignee``). It holds the fit, which
may be old; the history is a state that callers own and feed, so that the freshest counts::

    scorer = load_scorer(folder)                    # family "routing"
    state = scorer.new_state()                      # as the artefact was trained
    state.file(tickets)                             # tickets as filed: their fields, once each
    state.update(events)                            # assigned, resolved, reopened, csat …, in any order, also twice
    answer = scorer.rank(ticket, state, team=team, now=now)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.routing.assignee_history import AssigneeHistory, ToldTicket
from features.routing.candidate_history import OPEN, HistoryKey
from features.routing.fields import RoutingFields
from features.routing.history_snapshot import HistorySnapshot
from features.routing.words import RoutingWords
from models.answer_frame import answer_frame
from models.registered import Registered
from models.routing.answer import Candidate, Exclusion, Ranked, RoutingAnswer, groups_of
from models.routing.confidence import RankConfidence
from models.routing.linear import word_terms
from models.routing.past import LinearStage
from models.routing.question import Question, loads_of, question_of, ticket_evidence
from models.routing.reasons import Shown, routing_reasons
from models.routing.rows import CLOSER_LOOK, RoutingRows, evidence_matrix, evidence_prior
from models.routing.rules import CheckedTeam, checked_team, decided, needed_skills, owned, screened
from models.routing.spec import LABELS
from models.thresholds import Thresholds
from models.trees import Trees

__all__ = ["Candidate", "Exclusion", "Ranked", "RoutingAnswer", "RoutingScorer", "groups_of"]

Float64 = NDArray[np.float64]
_ACTIVE_SECONDS = 180 * 86_400.0
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class RoutingScorer(Registered):
    """Reads an artefact of the family ``routing``; immutable and shared, all that changes is in the state.

    ``roster`` are the workspace's people or groups, ``owners`` its customers' fixed owners, both as of training;
    ``tickets`` those that were still going on then.
    """

    fields: RoutingFields
    keys: tuple[HistoryKey, ...]
    stage: LinearStage
    trees: Trees
    confidence: RankConfidence
    thresholds: Thresholds
    snapshot: HistorySnapshot
    tickets: Mapping[str, ToldTicket]
    roster: tuple[Candidate, ...]
    owners: Mapping[str, str]
    words: RoutingWords | None = None

    @property
    def label(self) -> str:
        """The column of tickets that says who it was."""
        return LABELS[self.field]

    @property
    def named_in(self) -> Sequence[str]:
        """The fields that hold the id of a candidate, such as who filed the ticket."""
        found: Sequence[str] = self.manifest.get("named_in", ())  # artefacts of before this was known have none
        return found

    @property
    def read(self) -> tuple[str, ...]:
        """The fields of tickets that change its answers, of those that it was given to learn from."""
        used = {"customer_id", *self.named_in, str(self.manifest["skill_field"])}
        used.update(name for key in self.keys for name in key.fields)
        return tuple(name for name in self.fields.names if name in used)

    def new_state(self) -> AssigneeHistory:
        """Return the history as of training, to be fed with what happened since."""
        return AssigneeHistory(self.fields, self.keys, self.label, self.snapshot, self.tickets)

    def rank(
        self, ticket: Mapping[str, Any], state: AssigneeHistory, *,
        team: Sequence[Candidate] | CheckedTeam | None = None, now: datetime | None = None, owner: str | None = None,
        top_k: int = 3, explain: bool = False,
    ) -> RoutingAnswer:
        """Return the answer for one ticket, a dict shaped like ``serving.schemas.Ticket``.

        ``team`` None: the workspace's people (or groups) and those whom the state has seen within 180 days; an empty
        team: abstain with ``no_assignees``; a ``CheckedTeam``: looked through already. ``now``: the moment asked at
        (default: the ticket's ``created_at``, else the newest fact of the state). ``owner``: the customer's
        fixed person or group; default: what the artefact's customers say. ``ticket["needs"]``, or its context's:
        skills that are asked for. Equal candidates are spread by load, then by id.
        """
        question = self._question(ticket, state, now)
        people = self.team(state, question.at) if team is None else team
        checked = people if isinstance(people, CheckedTeam) else checked_team(people)
        loads = loads_of(checked.candidates, state)
        needs = needed_skills(ticket, str(self.manifest["skill_field"]), question.values)
        allowed, excluded = (checked.candidates, []) if checked.free and not needs else screened(
            checked.candidates, needs, loads)
        fixed = owner or self.owners.get(question.values.get("customer_id", ""))
        ranking, shown = self._ranking(question, state, allowed, loads, max(top_k, 1), fixed)
        ruled, rule, odd = owned(ranking, checked, allowed, fixed)
        decision, limits = decided(ruled, rule, self.thresholds)
        warnings = (*checked.warnings, *self._unseen(question, state, checked, allowed), *odd)
        return RoutingAnswer(
            value=ruled[0].value if ruled and decision != "abstain" else None,
            confidence=ruled[0].confidence if ruled else None, decision=decision, thresholds=limits,
            ranking=tuple(ruled[:max(top_k, 1)]), excluded=tuple(excluded),
            reasons=routing_reasons(self.trees, self.keys, state, question, shown, ruled[0].value, self.named_in)
            if explain and ruled else (),
            rule=rule, model_value=ranking[0].value if ranking else None, warnings=tuple(dict.fromkeys(warnings)),
        )

    def score_matrix(
        self, tickets: Sequence[Mapping[str, Any]], state: AssigneeHistory, team: CheckedTeam,
        now: datetime | None = None,
    ) -> Float64:
        """Return calibrated probabilities float64 (tickets, candidates) for whole assignments: 0 where excluded.

        Loads and capacities are the solver's business and exclude nobody here.
        """
        loads = loads_of(team.candidates, state)
        looked: list[tuple[int, NDArray[np.int64], Float64]] = []
        for row, ticket in enumerate(tickets):
            question = self._question(ticket, state, now)
            needs = needed_skills(ticket, str(self.manifest["skill_field"]), question.values)
            allowed = np.flatnonzero(team.present & team.able(needs))
            if len(allowed):
                candidates = [team.candidates[place] for place in allowed.tolist()]
                closer = self._closer_look(question, state, candidates, loads)
                looked.append((row, allowed[closer.places], closer.matrix))
        return self._judged(looked, (len(tickets), len(team.candidates)))

    def _judged(
        self, looked: Sequence[tuple[int, NDArray[np.int64], Float64]], shape: tuple[int, int],
    ) -> Float64:
        """Return the probabilities of those who had a closer look, each a row, its columns and matrix; 0 elsewhere."""
        found = np.zeros(shape)
        if looked:
            scores = self.trees.scores(np.concatenate([matrix for _, _, matrix in looked]))
            ends = np.cumsum([len(columns) for _, columns, _ in looked])
            for (row, columns, _), end in zip(looked, ends.tolist(), strict=True):
                found[row, columns] = self._chances(scores[end - len(columns):end])
        return found

    def team(self, state: AssigneeHistory, at: float) -> Sequence[Candidate]:
        """Return who could be asked when nobody is named: the roster, and whom the state has seen lately.

        The very same tuple as long as it is the same people, so that callers need not look through it again.
        """
        asked = (self, state.seen_since(at - _ACTIVE_SECONDS))
        if state.everybody[0] != asked:
            known = {each.id for each in self.roster}
            state.everybody = asked, (*self.roster, *(Candidate(name) for name in asked[1] if name not in known))
        found: Sequence[Candidate] = state.everybody[1]
        return found

    def probabilities(self, rows: RoutingRows, excluded: NDArray[np.bool_] | None = None) -> Float64:
        """Return calibrated probabilities float64 (tickets, candidates); 0 for nobody and for the ``excluded``."""
        scores = self.trees.scores(rows.matrix).reshape(rows.who.shape)
        gone = rows.who < 0 if excluded is None else (rows.who < 0) | excluded
        return self.confidence.probabilities(np.where(gone, -np.inf, scores))

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return what MLflow serves: ``prediction`` (empty when abstaining), ``confidence`` and ``decision`` a row.

        ``rows`` are raw canonical columns of tickets; the history is that of training.
        """
        from models.routing.tickets import tickets_of_frame

        state = self.new_state()
        answers = [self.rank(ticket, state) for ticket in tickets_of_frame(rows, self.fields)]
        return answer_frame(answers, rows.index)

    def _question(self, ticket: Mapping[str, Any], state: AssigneeHistory, now: datetime | None) -> Question:
        return question_of(ticket, state, now, self.fields, self.keys, self.stage, self.words, self.named_in)

    def _ranking(
        self, question: Question, state: AssigneeHistory, allowed: Sequence[Candidate], loads: Mapping[str, float],
        size: int, fixed: str | None,
    ) -> tuple[list[Ranked], Shown]:
        """Return the first ``size`` of the allowed and the ``fixed`` one, best first, and what the trees looked at."""
        if not allowed:
            return [], Shown((), np.zeros((0, len(self.trees.names))))
        closer = self._closer_look(question, state, allowed, loads)
        chances, prior = [0.0] * len(allowed), closer.prior.tolist()
        for place, chance in zip(closer.places.tolist(), self._chances(self.trees.scores(closer.matrix)), strict=True):
            chances[place] = chance
        order = sorted(
            (-chance, 0.0 if chance > 0 else -worth, load, each.id, row) for row, (each, chance, worth, load)
            in enumerate(zip(allowed, chances, prior, closer.spread.tolist(), strict=True)))
        ranking = [Ranked(name, chances[row], prior[row]) for place, (*_, name, row) in enumerate(order)
                   if place < size or name == fixed]
        return ranking, Shown(tuple(allowed[row].id for row in closer.places.tolist()), closer.matrix)

    def _chances(self, scores: Float64) -> list[float]:
        """Return the probabilities of one ticket's candidates, as they are answered."""
        return [round(chance, _DIGITS) for chance in self.confidence.of_ticket(scores.tolist())]

    def _closer_look(
        self, question: Question, state: AssigneeHistory, allowed: Sequence[Candidate], loads: Mapping[str, float],
    ) -> "CloserLook":
        """Return what the trees look at, of those who deserve it most; equal ones by load."""
        evidence = ticket_evidence(question, state, self.stage, allowed, loads)
        prior = evidence_prior(evidence)
        spread = evidence.counts.profile[OPEN]
        if len(allowed) <= CLOSER_LOOK:
            return CloserLook(np.arange(len(allowed)), prior, spread, evidence_matrix(evidence, prior))
        places = np.lexsort((spread, -prior))[:CLOSER_LOOK]
        return CloserLook(places, prior, spread, evidence_matrix(evidence.take(places), prior[places]))

    def _unseen(
        self, question: Question, state: AssigneeHistory, team: CheckedTeam, allowed: Sequence[Candidate],
    ) -> list[str]:
        found = [*self._unread(question.ticket), *(f"unseen_{name}" for name in state.unseen(question.values))]
        if not team.candidates:
            return [*found, "no_assignees"]
        if not allowed:
            return [*found, "all_excluded"]
        return found if state.profiles.knows(each.id for each in allowed) else [*found, "unknown_assignees"]

    def _unread(self, ticket: Mapping[str, Any]) -> list[str]:
        """Return why a ticket's text says nothing to a model that reads words: none is there, or none is known."""
        if self.words is None:
            return []
        texts = ticket.get("subject"), ticket.get("body")
        if any(term in self.stage.terms.index for term in word_terms(self.words.of_ticket(*texts))):
            return []
        return ["empty_text" if self.words.is_empty(*texts) else "unknown_words"]


@dataclass(frozen=True, eq=False)
class CloserLook:
    """``places`` of the candidates who get one, with their ``matrix``; ``prior`` and ``spread`` (load) of all."""

    places: NDArray[np.int64]
    prior: Float64
    spread: Float64
    matrix: Float64
