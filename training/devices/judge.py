"""Judging a device model on days that it was not fitted on, and refitting it on all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.devices.device_features import DeviceFeatures
from features.devices.device_points import DAY, DevicePoints, Timeline, clock
from features.devices.device_vocabulary import DeviceVocabulary
from fenzhen.exports import Champion
from fenzhen.known import as_known
from fenzhen.metrics import average_precision, roc_auc
from models.devices.component_lifetimes import ComponentLifetimes
from models.devices.fit import DeviceExamples, DeviceFitting
from models.devices.levels import device_levels
from models.devices.outcomes import ANY
from models.devices.past_failures import PastFailures
from models.devices.risk import HorizonRisk
from models.devices.scorer import DeviceRisks, DeviceScorer
from models.devices.spec import DeviceFailureSpec
from training.champions.champion_to_beat import champion_to_beat
from training.champions.gate_rules import GateResult
from training.devices.dataset import DeviceDataset, split_devices
from training.devices.events_evaluation import EventEvaluation, choose_threshold, evaluate_events
from training.devices.fleet_alerts import FleetAlerts
from training.risk.evaluation import RiskEvaluation, evaluate_risk
from training.risk.gate import RiskLimits, RiskRival, risk_gate
from training.splits import Split

__all__ = ["ComponentRow", "DeviceJudge", "DeviceJudgement"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
MEASURE = "average_precision"


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One component on the judged rows, beside the lifetimes' and the errors' average precision."""

    component: str
    rows: int
    failures: int
    roc_auc: float
    average_precision: float
    lifetimes_average_precision: float
    errors_average_precision: float


@dataclass(frozen=True, eq=False)
class DeviceJudgement:
    """How good the configuration is on the newest days, by rows and by events, and whether it may become champion."""

    split: Split
    evaluation: RiskEvaluation
    events: EventEvaluation
    baseline_events: Mapping[str, float]
    components: list[ComponentRow]
    gate: GateResult


@dataclass(frozen=True, eq=False)
class DeviceJudge:
    """Fits, judges and refits on one dataset; ``champion`` is the version to beat, if any."""

    spec: DeviceFailureSpec
    dataset: DeviceDataset
    champion: Champion | None = None
    seed: int = 0
    advance: Callable[[], None] = lambda: None

    @property
    def horizon(self) -> int:
        """The horizon that alerts and is judged first."""
        return self.spec.settings.horizons_days[0]

    @cached_property
    def fitting(self) -> DeviceFitting:
        """How risks are fitted."""
        return DeviceFitting(self.dataset.components, self.seed, self.advance)

    def judge(self) -> DeviceJudgement:
        """Fit on the older rows, choose the threshold on the validation rows, judge on the test rows."""
        parts, dataset = split_devices(self.dataset, self.spec, self.seed), self.dataset
        examples = dataset.examples(dataset.features(self._vocabulary(parts)).frame)
        held_out = examples.take(parts.validation) if _both(dataset, parts.validation) else None
        risk = self.fitting.fit(examples.take(parts.train), held_out)[self.horizon]
        chances = {rows: _chances(risk, examples, getattr(parts, rows)) for rows in ("validation", "test")}
        threshold = self._threshold(parts.validation, chances["validation"][ANY])
        test, judged = parts.test, dataset.points.take(parts.test)
        baselines = self._baselines(examples, judged, parts, test)
        outcome = dataset.whole.to_numpy()[test]
        ours, events = chances["test"], self._fleet(judged)
        evaluation = evaluate_risk(
            outcome, ours[ANY], judged.device, capacity=self.spec.settings.capacity * np.unique(judged.at).size,
            baselines={name: scores[ANY] for name, scores in baselines.items()}, measure=MEASURE,
            levels=device_levels(ours[ANY], threshold), seed=self.seed)
        costs = self.spec.settings.cost
        return DeviceJudgement(
            parts, evaluation, evaluate_events(events, ours[ANY], threshold, costs, seed=self.seed),
            {name: evaluate_events(events, scores[ANY], np.inf, costs, rounds=0).recall_at_rate
             for name, scores in baselines.items()},
            self._component_rows(test, ours, baselines), self._gate(judged, outcome, evaluation))

    def refit(self) -> DeviceScorer:
        """Return the configuration fitted on all rows; calibrated and given thresholds on rows out of fold."""
        dataset, settings = self.dataset, self.spec.settings
        vocabulary = DeviceVocabulary.learnt(dataset.tables, dataset.components)
        features = dataset.features(vocabulary)
        examples = dataset.examples(features.frame)
        risks, thresholds = {}, {}
        for horizon in settings.horizons_days:
            scores = self.fitting.out_of_fold(examples, horizon)
            risks[horizon] = self.fitting.horizon(examples, horizon, scores)
            chances = risks[horizon].calibrated(scores)
            thresholds[horizon] = {name: self._threshold_of(name, horizon, chance) for name, chance in chances.items()}
        newest = features.reference.index.get_level_values("as_of")
        reference = features.reference[newest == newest.max()]
        scorer = DeviceScorer({"model": self.spec.name, "field": self.spec.field}, settings, vocabulary, reference,
                              risks, thresholds, PastFailures((), (), (), np.zeros((0, 0))))
        return self._with_past(scorer, features)

    def _vocabulary(self, parts: Split) -> DeviceVocabulary:
        """Return what was known when the newest training row's horizon ended."""
        newest = self.dataset.points.frame["as_of"].iloc[parts.train].max() + self.spec.gap
        return DeviceVocabulary.learnt(as_known(self.dataset.tables, newest), self.dataset.components)

    def _threshold(self, rows: Ints, chance: Float64) -> float:
        fleet = self._fleet(self.dataset.points.take(rows))
        return choose_threshold(fleet, chance, self.spec.settings.cost, self.spec.settings.capacity)

    def _threshold_of(self, component: str, horizon: int, chance: Float64) -> float:
        fleet = self._fleet(self.dataset.points, component, horizon)
        return choose_threshold(fleet, chance, self.spec.settings.cost, self.spec.settings.capacity)

    def _fleet(self, points: DevicePoints, component: str = ANY, horizon: int = 0) -> FleetAlerts:
        events = self.dataset.tables["device_events"]
        lead = self.spec.settings.minimum_lead / pd.Timedelta(days=1)
        return FleetAlerts.of(points, events, None if component == ANY else component, horizon or self.horizon, lead)

    def _baselines(self, examples: DeviceExamples, judged: DevicePoints, parts: Split,
                   test: Ints) -> dict[str, dict[str, Float64]]:
        """Return the scores of ``any`` and each component by baseline."""
        newest = self.dataset.points.frame["as_of"].iloc[parts.train].max() + self.spec.gap
        lifetimes = ComponentLifetimes.fitted(as_known(self.dataset.tables, newest), self.dataset.components, newest)
        errors = examples.features["errors_7d"].to_numpy(dtype=np.float64)[test]
        nothing, names = np.zeros(len(test)), (ANY, *self.dataset.components)
        return {"age_and_failure_rate": lifetimes.risks(self.dataset.tables, judged, self.horizon),
                "errors_last_week": dict.fromkeys(names, errors), "always_no": dict.fromkeys(names, nothing)}

    def _component_rows(self, test: Ints, ours: Mapping[str, Float64],
                        baselines: Mapping[str, Mapping[str, Float64]]) -> list[ComponentRow]:
        outcomes, found = self.dataset.outcomes[self.horizon], []
        for name in (ANY, *self.dataset.components):
            outcome = outcomes[name].to_numpy()[test]
            known = np.isfinite(outcome)
            truth, others = outcome[known], [baselines[each][name][known]
                                             for each in ("age_and_failure_rate", "errors_last_week")]
            found.append(ComponentRow(
                name, int(known.sum()), int(truth.sum()), roc_auc(truth, ours[name][known]),
                average_precision(truth, ours[name][known]), *(average_precision(truth, each) for each in others)))
        return found

    def _gate(self, judged: DevicePoints, outcome: Float64, evaluation: RiskEvaluation) -> GateResult:
        limits = RiskLimits(measure=MEASURE, ece=self.spec.settings.maximum_calibration_error)
        rivals = [RiskRival(name, scores) for name, scores in evaluation.scores.items()]
        champion = champion_to_beat(self.champion, lambda name, scorer: self._rival(name, scorer, judged))
        return risk_gate(outcome, evaluation.probability, judged.device, champion=champion, baselines=rivals,
                         limits=limits, seed=self.seed)

    def _rival(self, name: str, scorer: DeviceScorer, judged: DevicePoints) -> RiskRival:
        """Return the champion's scores, and which rows lie after what it was fitted on."""
        chances = scorer.assess(self.dataset.tables, judged).probabilities
        found = chances.get(self.horizon) or next(iter(chances.values()))
        trained = pd.Timestamp(scorer.manifest["as_of"]).tz_convert("UTC")
        unseen = (judged.frame["as_of"] >= trained).to_numpy()
        return RiskRival(name, found[ANY], unseen)

    def _with_past(self, scorer: DeviceScorer, features: DeviceFeatures) -> DeviceScorer:
        """Return the scorer with the failures it has seen and the signals of the day before each."""
        dataset = self.dataset
        events = dataset.tables["device_events"]
        failures = events[(events["kind"] == "failure").to_numpy(dtype=bool)].dropna(subset=["device_id", "at"])
        failures = failures.assign(component=failures["component"].fillna(ANY))
        place, rows = _rows_before(dataset.points, failures)
        points = dataset.points.take(rows)
        frame = DeviceFeatures(features.frame.iloc[rows], features.reference)
        chances = {horizon: risk.probabilities(frame.frame.to_numpy(dtype=np.float64))
                   for horizon, risk in scorer.risks.items()}
        weights = scorer.weights(DeviceRisks(points, frame, chances), self.horizon)
        chosen = failures.iloc[place]
        names = chosen["component"].where(chosen["component"].isin(list(weights)), ANY).tolist()
        of_each = np.array([weights[name][number] for number, name in enumerate(names)])
        return replace(scorer, past=PastFailures.of(chosen, of_each.reshape(len(chosen), len(scorer.signals))))


def _both(dataset: DeviceDataset, rows: Ints) -> bool:
    outcome = dataset.whole.to_numpy()[rows]
    return bool((outcome == 1).any() and (outcome == 0).any())


def _chances(risk: HorizonRisk, examples: DeviceExamples, rows: Ints) -> dict[str, Float64]:
    return risk.probabilities(examples.features.iloc[rows].to_numpy(dtype=np.float64))


def _rows_before(points: DevicePoints, failures: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return which failures have a point at most a day before them, and that point's position."""
    order = np.lexsort((points.at, points.device))
    line = Timeline(order, points.device[order], points.at[order])
    device, at = points.codes(failures["device_id"]), clock(failures["at"])
    last = line.before(device, at + 1) - 1
    known = (device >= 0) & (last >= line.starts(np.maximum(device, 0)))
    known &= at - line.at[np.maximum(last, 0)] <= DAY
    return np.flatnonzero(known), line.order[last[known]]
