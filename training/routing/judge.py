"""Judging a routing model on the newest tickets, beside baselines and champion, before it is fitted on everything."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import TrainingRefused
from fenzhen.registry.signature import Signature
from models.routing import artefact
from models.routing.confidence import ANYBODY
from models.routing.scorer import RoutingScorer
from models.thresholds import Thresholds
from training.champions.champion_to_beat import champion_to_beat
from training.champions.gate import GateLimits, Rival, gate
from training.champions.gate_rules import GateResult
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.report import write_report
from training.family import Ask, Job
from training.provenance import DataFacts, Provenance, Window
from training.routing.answers import rank_metrics
from training.routing.baselines import baseline_probabilities
from training.routing.dataset import dataset_sha256, routing_dataset, routing_tables
from training.routing.predict import asked_dataset, past_of, ranked
from training.routing.scorers import scorer_of
from training.routing.study import RoutingStudy
from training.screen import metrics_table

if TYPE_CHECKING:
    from rich.console import Console

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
EDGES = (0.64, 0.80)
"""Shares of the tickets at which the windows of validation and of the test begin."""
ROUNDS = 300


@dataclass(frozen=True, eq=False)
class JudgedRouting:
    """Numbers of a version on tickets that it was not fitted on."""

    name: str
    evaluation: Evaluation
    ranks: Mapping[str, float]

    def metrics(self) -> dict[str, float]:
        """Flat numbers, ranking first."""
        return {**self.ranks, **self.evaluation.metrics()}

    def show(self, console: "Console") -> None:
        """Print them."""
        console.print(metrics_table(self.name, self.evaluation))
        ranks = ", ".join(f"{name} {value:.3f}" for name, value in self.ranks.items())
        console.print(f"  {ranks} on {len(self.evaluation.labels)} tickets", highlight=False)


@dataclass(frozen=True, eq=False)
class LearnedRouting:
    """A routing scorer with the judgement of its configuration; see ``training.family.Learned``."""

    judged: JudgedRouting
    gate: GateResult
    scorer: RoutingScorer
    data: DataFacts
    rows: pd.DataFrame

    def metrics(self) -> dict[str, float]:
        """Ranking, accuracy, calibration, coverage and the baselines' numbers."""
        return self.judged.metrics()

    def facts(self) -> dict[str, Any]:
        """Until when, and how many tickets taught it."""
        return {"labels": self.data.rows, "trained_until": self.data.windows["refit"].last,
                "evaluated_until": self.data.windows["test"].last}

    def description(self) -> str:
        """Top-1, top-3 and the gate's sentences."""
        ranks = self.judged.ranks
        return (f"top-1 {ranks['top_1']:.3f}, top-3 {ranks['top_3']:.3f}, MRR {ranks['mrr']:.3f} on "
                f"{len(self.rows)} tickets; gate: " + "; ".join(self.gate.reasons))

    def signature(self) -> Signature:
        """The ticket's fields in; prediction, confidence and decision out."""
        names = ("ticket_id", "created_at", "subject", "body", *self.scorer.fields.names)
        return Signature({name: "datetime" if name == "created_at" else "string" for name in dict.fromkeys(names)},
                         {"prediction": "string", "confidence": "double", "decision": "string"})

    def input_example(self) -> pd.DataFrame:
        """A made-up ticket."""
        names = {name: [""] for name in ("ticket_id", "subject", "body", *self.scorer.fields.names)}
        return pd.DataFrame({**names, "ticket_id": ["T-1"], "created_at": [pd.Timestamp("2026-11-21T01:00:00")]})

    def write_report(self, folder: Path, provenance: Provenance) -> None:
        """Write tables, plots and the model card."""
        write_report(folder, self.judged.evaluation, provenance, rows=self.rows, gate=self.gate,
                     ids=self.rows["ticket_id"].astype(str).tolist())

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the scorer."""
        artefact.write(self.scorer, folder, manifest)

    def show(self, console: "Console") -> None:
        """Print the metrics above the baselines'."""
        self.judged.show(console)


def learn(job: Job) -> LearnedRouting:
    """Judge the fits as of two past moments on what came next, gate, and fit as of ``job.as_of``."""
    spec: Any = job.spec
    tables = routing_tables(job.workspace, spec, job.as_of)
    dataset = routing_dataset(tables, spec, job.workspace)
    as_of = job.as_of.timestamp()
    edges = [float(dataset.at[int(len(dataset) * share)]) for share in EDGES]
    study = RoutingStudy(dataset, spec, [*edges, as_of], job.seed, job.progress.advance)
    job.progress.stage("judging on the newest tickets")
    fit, answered = study.fit(edges[1]), study.answered(edges[1], as_of)
    told = np.flatnonzero(np.isfinite(dataset.known_at[answered.rows.tickets]))
    if not len(told):
        raise TrainingRefused(f"{spec.name}: got no labelled ticket among the newest fifth, expected some to judge on")
    rows = answered.rows.take(told)
    classes = _classes(study)
    labels = dataset.labels[rows.tickets]
    probabilities = _wide(fit.confidence.probabilities(answered.scores[told]), rows.who, study.candidates, classes)
    rivals = baseline_probabilities(study, edges[1], rows.tickets, classes)
    judged = _judged(spec.name, labels, probabilities, classes, fit.thresholds, rivals, job.seed)
    champion = champion_to_beat(
        job.champion, lambda name, scorer: _rival(name, scorer, study, rows.tickets, classes))
    verdict = gate(
        labels, classes, probabilities, None, champion=champion,
        baselines=[Rival(name, classes, theirs, strong=name == "linear") for name, theirs in rivals.items()],
        limits=GateLimits(ece=spec.settings.maximum_calibration_error), seed=job.seed,
    )
    job.progress.stage("fitting on all tickets")
    scorer = scorer_of(study, as_of, tables)
    return LearnedRouting(judged, verdict, scorer, _data(job, study, edges, as_of), dataset.tickets.iloc[rows.tickets])


def evaluate_version(ask: Ask) -> JudgedRouting:
    """Judge a version on labelled tickets filed after it was trained; ``TrainingRefused`` without any."""
    scorer: RoutingScorer = ask.scorer
    dataset, asked = asked_dataset(ask)
    asked = asked[(dataset.at[asked] >= scorer.snapshot.at) & (dataset.labels[asked] != "")]
    if not len(asked):
        raise TrainingRefused(f"{ask.spec.name}: got no labelled ticket filed after the version was trained, expected "
                              "some")
    past = past_of(dataset, scorer)
    found, probabilities = ranked(past, asked, scorer)
    candidates = past.as_of.facts.candidates
    classes = tuple(sorted({*candidates, *dataset.labels[asked]}))
    wide = _wide(probabilities, found.who, candidates, classes)
    return _judged(ask.spec.name, dataset.labels[asked], wide, classes, scorer.thresholds, {}, 0)


def _judged(
    name: str, labels: NDArray[np.object_], probabilities: Float64, classes: tuple[str, ...], thresholds: Thresholds,
    rivals: Mapping[str, Float64], seed: int,
) -> JudgedRouting:
    everybody = {value: thresholds.get(value, thresholds[ANYBODY]) for value in classes}
    evaluation = evaluate(labels, probabilities, classes, thresholds=everybody, baselines=rivals, rounds=ROUNDS,
                          seed=seed)
    ranks = rank_metrics(_places(labels, probabilities, classes))
    for rival, theirs in rivals.items():
        ranks |= {f"{rival}_{key}": value for key, value in rank_metrics(_places(labels, theirs, classes)).items()}
    return JudgedRouting(name, evaluation, ranks)


def _places(labels: NDArray[np.object_], probabilities: Float64, classes: tuple[str, ...]) -> Int64:
    """Return how many classes are ranked above each row's label."""
    column = {name: number for number, name in enumerate(classes)}
    own = np.array([column[label] for label in labels])
    chance = probabilities[np.arange(len(own)), own][:, None]
    above = (probabilities > chance).sum(axis=1) + ((probabilities == chance) & (np.arange(len(classes))
                                                                                < own[:, None])).sum(axis=1)
    return np.where(chance[:, 0] > 0, above, -1)


def _classes(study: RoutingStudy) -> tuple[str, ...]:
    labels = study.dataset.labels
    return tuple(sorted({*study.candidates, *labels[labels != ""]}))


def _wide(probabilities: Float64, who: Int64, candidates: tuple[str, ...], classes: tuple[str, ...]) -> Float64:
    """Return probabilities (tickets, classes); rows sum to at most 1."""
    column = {name: number for number, name in enumerate(classes)}
    columns = np.array([*(column[name] for name in candidates), len(classes)])[who]
    found = np.zeros((len(who), len(classes) + 1))
    np.put_along_axis(found, columns, np.where(who >= 0, probabilities, 0.0), axis=1)
    return found[:, :-1]


def _rival(
    name: str, scorer: RoutingScorer, study: RoutingStudy, tickets: Int64, classes: tuple[str, ...],
) -> Rival:
    past = past_of(study.dataset, scorer)
    found, probabilities = ranked(past, tickets, scorer)
    wide = _wide(probabilities, found.who, past.as_of.facts.candidates, classes)
    return Rival(name, classes, wide, unseen=study.dataset.at[tickets] >= scorer.snapshot.at)


def _data(job: Job, study: RoutingStudy, edges: list[float], as_of: float) -> DataFacts:
    dataset, settings = study.dataset, study.spec.settings
    bounds = {"train": (0.0, edges[0]), "validation": tuple(edges), "test": (edges[1], as_of), "refit": (0.0, as_of)}
    known = np.isfinite(dataset.known_at)
    windows = {}
    for name, (start, end) in bounds.items():
        inside = dataset.tickets["created_at"][known & (dataset.at >= start) & (dataset.at < end)]
        windows[name] = Window(len(inside), *(inside.agg(each).isoformat() if len(inside) else None
                                              for each in ("min", "max")))
    parameters = {name: str(getattr(settings, name)) for name in settings.__dataclass_fields__}
    parameters["keys"] = ", ".join(key.name for key in study.keys)
    return DataFacts(
        regime="time", gap="0 days", dataset_sha256=dataset_sha256(job.workspace, study.spec, job.as_of),
        rows=len(study.known(as_of)), windows=windows, parameters=parameters,
        excluded={"没有标签": int((~known).sum())},
    )
