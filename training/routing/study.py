"""Routing models as of past moments, none of which has seen anything later: fits, blocks of tickets, confidence.

Tickets come in blocks by time. A block's candidates and their histories are told as of each ticket's filing, under a
linear stage that was fitted before the block began; so a block can be answered at its time and learnt from later, and
retraining at many dates computes each block once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from features.routing.assignee_as_of import AssigneeAsOf
from features.routing.candidate_history import HistoryKey
from features.routing.fact_table import fact_table
from features.routing.fields import DAYPART, EVERYTHING
from features.routing.history_keys import best_crosses, best_fields
from fenzhen.errors import TrainingRefused
from models.routing.confidence import RankConfidence, fit_rank_confidence, rank_thresholds
from models.routing.fit_linear import fit_linear_head
from models.routing.fit_trees import fit_rank_trees, places
from models.routing.linear import Terms, terms_of_rows
from models.routing.past import LinearStage, RoutingPast, named_codes
from models.routing.rows import RoutingRows, evidence_names
from models.routing.spec import RoutingSpec
from models.trees import Trees
from training.routing.dataset import RoutingDataset

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FIRST_EDGES = (0.15, 0.32, 0.49, 0.66, 0.83)
"""Shares of the tickets before the first date at which blocks begin; those before the first one only have a history."""
_LEAST_TERM_TICKETS = 2
_MOST_WEIGHTS = 4_000_000


@dataclass(frozen=True, eq=False)
class Answered:
    """Scores float64 (tickets, candidates) of rows that the trees were not fitted on."""

    rows: RoutingRows
    scores: Float64


@dataclass(frozen=True, eq=False)
class RoutingFit:
    """What an artefact holds of a fit: stages, confidence and thresholds."""

    stage: LinearStage
    trees: Trees
    confidence: RankConfidence
    thresholds: dict[str, dict[str, float | None]]


class RoutingStudy:
    """Fits at ``dates`` (seconds, ascending) and the blocks between; the first date decides how those before it lie."""

    def __init__(
        self, dataset: RoutingDataset, spec: RoutingSpec, dates: Sequence[float], seed: int = 0,
        advance: Callable[[], None] = lambda: None,
    ) -> None:
        self.dataset, self.spec, self.seed, self._advance = dataset, spec, seed, advance
        before = int(np.searchsorted(dataset.at, dates[0]))
        self._check(dates[0])
        starts = sorted({int(before * share) for share in FIRST_EDGES})
        self.edges = [*(float(dataset.at[start]) for start in starts), *dates]
        self.keys = self._keys(dates[0])
        self.of_people = not spec.of_groups and len(set(dataset.groups[self._grouped(self.edges[0])])) > 1
        facts = fact_table(dataset.stories, dataset.tickets, spec.label)
        self.past = RoutingPast(dataset.at, terms_of_rows(dataset.values, self.keys, dataset.words),
                                AssigneeAsOf(facts, dataset.values, self.keys),
                                named_codes(dataset.values, self.named_in, facts.candidates))
        codes = {name: code for code, name in enumerate(facts.candidates)}
        self.codes = np.array([codes.get(label, -1) for label in dataset.labels], dtype=np.int64)
        self._stages: dict[float, LinearStage] = {}
        self._blocks: dict[tuple[float, float], RoutingRows] = {}
        self._trees: dict[float, Trees] = {}

    @property
    def named_in(self) -> tuple[str, ...]:
        """The fields that hold a candidate's id, of those that are known when a ticket is filed."""
        return tuple(name for name in self.spec.settings.named_in if name in self.dataset.fields.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The trees' features."""
        return evidence_names(self.keys, of_people=self.of_people, naming=bool(self.named_in))

    @property
    def candidates(self) -> tuple[str, ...]:
        """Who is ever named, by code."""
        return self.past.as_of.facts.candidates

    def known(self, date: float) -> Int64:
        """Return the tickets filed and labelled before ``date``, the newest ``most_tickets`` of them."""
        found = np.flatnonzero((self.dataset.known_at < date) & (self.dataset.at < date))
        return found[-self.spec.settings.most_tickets:]

    def stage(self, date: float) -> LinearStage:
        """Return the linear stage fitted on what was known before ``date``."""
        if date not in self._stages:
            self._stages[date] = self._fit_stage(date)
            self._advance()
        return self._stages[date]

    def block(self, start: float, end: float) -> RoutingRows:
        """Return the tickets filed from ``start`` on and before ``end``, under the linear stage of ``start``."""
        if (start, end) not in self._blocks:
            inside = np.flatnonzero((self.dataset.at >= start) & (self.dataset.at < end))
            self._blocks[start, end] = self.past.rows(inside, self.stage(start))
        return self._blocks[start, end]

    def trees(self, date: float) -> Trees:
        """Return the trees fitted on the blocks before ``date``, on labels known before it."""
        if date not in self._trees:
            self._trees[date] = fit_rank_trees(*self.lesson(date), self.names, self.seed)
            self._advance()
        return self._trees[date]

    def lesson(self, date: float) -> tuple[RoutingRows, Int64]:
        """Return the tickets of the blocks before ``date`` with the places of the right candidates, as known then."""
        rows = self._rows_before(date)
        return rows, self._places(rows, date)

    def answered(self, start: float, end: float) -> Answered:
        """Return the block's tickets scored by what was fitted before it began."""
        rows = self.block(start, end)
        scores = self.trees(start).scores(rows.matrix).reshape(rows.who.shape)
        return Answered(rows, np.where(rows.who >= 0, scores, -np.inf))

    def fit(self, date: float) -> RoutingFit:
        """Return the model as of ``date``; confidence comes from the tickets that the fits before it answered."""
        edges = [edge for edge in self.edges if edge < date]
        judged = [self.answered(start, end) for start, end in pairwise([*edges[len(FIRST_EDGES) - 2:], date])]
        rows = RoutingRows.joined([each.rows for each in judged])
        scores = np.concatenate([each.scores for each in judged])
        told = np.flatnonzero(self.dataset.known_at[rows.tickets] < date)
        confidence, thresholds = self._confidence(rows.take(told), scores[told], date)
        trees = self.trees(date)
        return RoutingFit(self.stage(date), trees, confidence, thresholds)

    def _confidence(
        self, rows: RoutingRows, scores: Float64, date: float,
    ) -> tuple[RankConfidence, dict[str, dict[str, float | None]]]:
        place = self._places(rows, date)
        confidence = fit_rank_confidence(scores, place)
        found = confidence.probabilities(scores)
        best = found.argmax(axis=1) if len(found) else np.zeros(0, dtype=np.int64)
        cells = np.arange(len(found)), best
        values = np.array([*self.candidates, ""], dtype=object)[rows.who[cells]]
        return confidence, rank_thresholds(values, found[cells], best == place, self.spec.settings.target)

    def _rows_before(self, date: float) -> RoutingRows:
        edges = [edge for edge in self.edges if edge < date]
        rows = RoutingRows.joined([self.block(start, end) for start, end in pairwise([*edges, date])])
        return rows.take(np.arange(len(rows.tickets))[-self.spec.settings.most_tickets:])

    def _places(self, rows: RoutingRows, date: float) -> Int64:
        known = self.dataset.known_at[rows.tickets] < date
        return places(rows, np.where(known, self.codes[rows.tickets], -1))

    def _fit_stage(self, date: float) -> LinearStage:
        known = self.known(date)
        rows = [self.past.terms[row] for row in known]
        labels = self.dataset.labels[known]
        limit = max(_MOST_WEIGHTS // max(len(set(labels)), 1), 100)
        terms = Terms.learn(rows, _LEAST_TERM_TICKETS, limit)
        own = fit_linear_head(terms.matrix(rows), labels)
        if not self.of_people:
            return LinearStage(terms, own, None)
        grouped = self._grouped(date)
        matrix = terms.matrix([self.past.terms[row] for row in grouped])
        return LinearStage(terms, own, fit_linear_head(matrix, self.dataset.groups[grouped]))

    def _grouped(self, date: float) -> Int64:
        found = np.flatnonzero((self.dataset.groups_known_at < date) & (self.dataset.at < date))
        return found[-self.spec.settings.most_tickets:]

    def _keys(self, date: float) -> tuple[HistoryKey, ...]:
        names, crosses, known = self.dataset.fields.names, self.spec.settings.crosses, self.known(date)
        values, labels = {name: self.dataset.values[name][known] for name in names}, self.dataset.labels[known]
        told = [HistoryKey(tuple(cross.split("*"))) for cross in crosses]
        return (HistoryKey((EVERYTHING,)), HistoryKey((DAYPART,)), *best_fields(values, labels, names),
                *(told or best_crosses(values, labels, names)))

    def _check(self, date: float) -> None:
        known, least = len(self.known(date)), self.spec.settings.minimum_rows
        if known < least:
            raise TrainingRefused(f"{self.spec.name}: got {known} ticket(s) with a known {self.spec.label} before the "
                                  f"date to train at, expected at least {least}")
        if len(set(self.dataset.labels[self.known(date)])) < 2:
            raise TrainingRefused(f"{self.spec.name}: got one value of {self.spec.label} only, expected at least two")
