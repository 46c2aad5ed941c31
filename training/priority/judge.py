"""Fit on what was known at past moments, judge on the tickets that followed: evaluation, baselines, champion, gate.

Three windows of the newest half of the tickets are answered by fits from their beginnings. The first two calibrate and
choose (strength, temper, thresholds); the newest judges; the final fit is calibrated on all three.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.priority.counts import LONGEST
from features.priority.state import KeptFacts, PriorityState
from features.text.segment import Segmenter
from fenzhen.errors import TrainingRefused
from fenzhen.exports import Champion
from models.calibration import Calibrator, fit_calibrator
from models.priority.fit import FittedPriority, PriorityFitting
from models.priority.model import PriorityModel
from models.priority.ordinal import best_temper, tempered
from models.priority.rows import PriorityRows
from models.priority.scorer import PriorityScorer
from models.thresholds import TargetPrecision, Thresholds, learn_thresholds
from training.champions.champion_to_beat import champion_to_beat
from training.champions.gate import GateLimits, Rival, gate
from training.champions.gate_rules import GateResult
from training.priority.baselines import priority_baselines
from training.priority.data import PriorityData
from training.priority.evaluation import PriorityEvaluation, evaluate_priorities

__all__ = ["Choice", "PriorityJudge", "PriorityJudgement", "Window"]

Float64 = NDArray[np.float64]
LEAST_ROWS = 200
EDGES = (0.5, 0.65, 0.8)
STRENGTHS = (0.005, 0.01, 0.03)
STRONG = "linear"


@dataclass(frozen=True, eq=False)
class Window:
    """Tickets, and the chances of each level by a fit that knew only what was known when the window began."""

    rows: PriorityRows
    older: PriorityRows
    likely: Float64
    shares: Float64


@dataclass(frozen=True, eq=False)
class Choice:
    """What held-out windows chose: how to calibrate, temper and decide."""

    calibrator: Calibrator
    temper: float
    thresholds: Thresholds

    def probabilities(self, likely: Float64) -> Float64:
        """Return calibrated probabilities."""
        return self.calibrator.probabilities(np.log(likely))


@dataclass(frozen=True, eq=False)
class PriorityJudgement:
    """What the newest window said of the configuration."""

    evaluation: PriorityEvaluation
    gate: GateResult
    windows: tuple[Window, ...]
    strength: float


@dataclass(frozen=True, eq=False)
class PriorityJudge:
    """How the data known at ``as_of`` are judged; ``champion`` is the version to beat, if any."""

    data: PriorityData
    as_of: pd.Timestamp
    segmenter: Segmenter
    champion: Champion | None = None
    seed: int = 0
    advance: Callable[[], None] = lambda: None

    @cached_property
    def everything(self) -> PriorityRows:
        """All labelled tickets; ``TrainingRefused`` if they are too few or of one level."""
        rows = self.data.known(self.as_of)
        levels = sorted(set(rows.levels.tolist()))
        if len(rows) < LEAST_ROWS or len(levels) < 2:
            named = ", ".join(self.data.order[level] for level in levels) or "none"
            raise TrainingRefused(
                f"{self.data.spec.name}: got {len(rows)} tickets with a time and a known {self.data.spec.label} "
                f"({named}) before {self.as_of.isoformat()}, expected at least {LEAST_ROWS} with two values")
        return rows

    def judge(self) -> PriorityJudgement:
        """Compare the configuration that older windows choose with baselines and champion on the newest one."""
        strength, windows = self.windows()
        *older, test = windows
        choice = self.choice(older)
        found = choice.probabilities(test.likely)
        rivals = [Rival(name, self.data.order, theirs, strong=name == STRONG)
                  for name, theirs in self._baselines(older, test).items()]
        theirs = {each.name: each.probabilities for each in rivals}
        evaluation = evaluate_priorities(self.data, test.rows, found, tempered(found, test.shares, choice.temper),
                                         choice.thresholds, theirs, self.seed)
        limits = GateLimits(ece=self.data.spec.settings.maximum_calibration_error)
        champion = champion_to_beat(self.champion, lambda name, scorer: self._rival(name, scorer, test))
        verdict = gate(evaluation.whole.labels, self.data.order, evaluation.whole.probabilities, evaluation.groups,
                       champion=champion, baselines=rivals, limits=limits, seed=self.seed,
                       confidence=evaluation.whole.confidence)
        return PriorityJudgement(evaluation, verdict, tuple(windows), strength)

    def windows(self) -> tuple[float, list[Window]]:
        """Return the strength that does best in the first window, and all windows answered with it."""
        edges = np.quantile(self.everything.at, EDGES, method="lower").astype(np.int64)
        ends = [*edges[1:], self.everything.at[-1] + 1]
        strength, found = self.data.spec.settings.strength, []
        for start, end in zip(edges.tolist(), ends, strict=True):
            older = self.data.known(pd.Timestamp(start, unit="us", tz="UTC"))
            if len(set(older.levels.tolist())) < 2 or end <= start:
                continue
            prepared = self._fitting.prepared(older)
            asked = self._asked(prepared, start, end)
            strength = strength or self._strength(prepared, asked)
            likely = self._likely(prepared.fit(strength), asked)
            found.append(Window(asked, older, likely, self._shares(older)))
            self.advance()
        if len(found) < 2:
            raise TrainingRefused(f"{self.data.spec.name}: the {len(self.everything)} tickets were filed at too few "
                                  "different times to be judged by those that followed; expected a longer past")
        return strength, found

    def refit(self, windows: list[Window], strength: float) -> PriorityScorer:
        """Return a scorer fitted on everything, calibrated on all windows."""
        rows, choice = self.everything, self.choice(windows)
        model = self._fitting.prepared(rows).fit(strength)
        self.advance()
        identity = {"model": self.data.spec.name, "field": self.data.spec.field}
        return PriorityScorer(identity, model, choice.calibrator, self._shares(rows), choice.temper, choice.thresholds,
                              self.segmenter, kept_facts(model, rows))

    def choice(self, windows: list[Window]) -> Choice:
        """Return what calibrates and decides, learnt from windows."""
        likely = np.concatenate([each.likely for each in windows])
        targets = np.concatenate([each.rows.levels for each in windows])
        calibrator = fit_calibrator(np.log(likely), targets)
        found = calibrator.probabilities(np.log(likely))
        shares = np.mean([each.shares for each in windows], axis=0)
        temper = best_temper(found, targets, shares)
        settings = self.data.spec.settings
        precision = TargetPrecision(settings.target_precision_auto, settings.target_precision_suggest)
        answers = tempered(found, shares, temper).argmax(axis=1)
        return Choice(calibrator, temper, learn_thresholds(found, targets, self.data.order, precision, answers))

    @cached_property
    def _fitting(self) -> PriorityFitting:
        return PriorityFitting(self.data.spec.label, self.data.order, self.segmenter)

    def _asked(self, prepared: FittedPriority, start: int, end: int) -> PriorityRows:
        rows = self.data.known(self.as_of, prepared.space.fields)
        return rows.take(np.flatnonzero((rows.at >= start) & (rows.at < end)))

    def _likely(self, model: PriorityModel, rows: PriorityRows) -> Float64:
        return model.probabilities(self._fitting.logits(model, rows))

    def _strength(self, prepared: FittedPriority, asked: PriorityRows) -> float:
        """Return the candidate with the least log loss."""
        losses = []
        for strength in STRENGTHS:
            likely = self._likely(prepared.fit(strength), asked)
            losses.append(-float(np.mean(np.log(likely[np.arange(len(asked)), asked.levels]))))
            self.advance()
        return STRENGTHS[int(np.argmin(losses))]

    def _shares(self, rows: PriorityRows) -> Float64:
        counts = np.bincount(rows.levels, minlength=len(self.data.order)) + 1.0
        shares: Float64 = counts / counts.sum()
        return shares

    def _baselines(self, older: list[Window], test: Window) -> dict[str, Float64]:
        """Return each baseline's scores on the test, tempered as it does best in the window before: like ours."""
        found, tuned = {}, older[-1]
        for baseline in priority_baselines(len(self.data.order), test.older.fields.names):
            before = baseline.probabilities(tuned.older, tuned.rows)
            temper = best_temper(before, tuned.rows.levels, tuned.shares)
            found[baseline.name] = tempered(baseline.probabilities(test.older, test.rows), test.shares, temper)
            self.advance()
        return found

    def _rival(self, name: str, scorer: PriorityScorer, test: Window) -> Rival:
        """Return the champion's scores, and which tickets were filed after everything it was fitted on."""
        rows = self._asked_by(scorer, test)
        scores = tempered(scorer.probabilities(rows), scorer.shares, scorer.temper)
        return Rival(name, scorer.classes, scores, rows.at > int(scorer.kept.filed_at.max(initial=0)))

    def _asked_by(self, scorer: PriorityScorer, test: Window) -> PriorityRows:
        rows = self.data.known(self.as_of, scorer.priority.space.fields)
        return rows.take(np.flatnonzero((rows.at >= test.rows.at[0]) & (rows.at <= test.rows.at[-1])))


def kept_facts(model: PriorityModel, rows: PriorityRows) -> KeptFacts:
    """Return the history of the last months as a state keeps it."""
    state = PriorityState(model.space)
    newest = int(rows.at.max(initial=0))
    state.take(rows.past, newest - LONGEST)
    return state.kept()
