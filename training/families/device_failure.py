"""Devices in training: the risk of failure by component, judged by days and by events, scored and backtested daily."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.devices.device_points import device_points
from features.devices.device_telemetry import WINDOWS
from fenzhen.errors import TrainingRefused
from fenzhen.metrics import average_precision, roc_auc
from fenzhen.registry.signature import Signature
from models.devices.details import device_details
from models.devices.outcomes import ANY
from models.devices.scorer import DeviceScorer
from models.devices.spec import DeviceFailureSpec, cohort, known_devices, last_fact, observed_points, watched_devices
from training.asked_question import require_same_question
from training.backtest import windows
from training.champions.gate_rules import GateResult
from training.devices.alerts import follow_up
from training.devices.closed_alerts import with_closed_alerts
from training.devices.dataset import DeviceDataset, load_devices, load_tables, window_of
from training.devices.drift import compared_fleets
from training.devices.judge import DeviceJudge, DeviceJudgement
from training.devices.owners import device_owners, with_owners
from training.devices.report import EXCLUDED, device_table, write_device_report
from training.devices.version import JudgedDevices, evaluate_version
from training.drift.comparison import Compared
from training.family import Ask, BacktestAsk, DriftAsk, FollowUp, Job, ScoreAsk, Scored
from training.provenance import DataFacts, Provenance

if TYPE_CHECKING:
    from rich.console import Console

OUTPUTS = {"device_id": "string", "as_of": "datetime", "horizon_days": "long", "component": "string",
           "probability": "double", "risk_level": "string"}


@dataclass(frozen=True, eq=False)
class LearnedDeviceFailure:
    """A device scorer with the judgement of its configuration; see ``training.family.Learned``."""

    spec: DeviceFailureSpec
    dataset: DeviceDataset
    judgement: DeviceJudgement
    scorer: DeviceScorer

    @property
    def gate(self) -> GateResult:
        """The verdict on the judged device-days."""
        return self.judgement.gate

    @property
    def data(self) -> DataFacts:
        """The split, its windows and what was left out."""
        parts, points = self.judgement.split, self.dataset.points
        spans = {name: window_of(points, getattr(parts, name)) for name in ("train", "validation", "test")}
        return DataFacts(
            regime=parts.regime, gap=str(parts.gap), dataset_sha256=self.dataset.sha256, rows=len(points),
            windows={**spans, "refit": window_of(points, np.arange(len(points)))},
            parameters=self.spec.settings.facts(),
            excluded={EXCLUDED[why]: rows for why, rows in
                      {**self.dataset.left_out, "gap": parts.left_out.size}.items() if rows})

    def metrics(self) -> dict[str, float]:
        """Ranking and calibration by rows, alerts by events, and each component beside its baselines."""
        found = {**self.judgement.evaluation.metrics(), **self.judgement.events.metrics()}
        found |= {f"{name}_recall_at_2": value for name, value in self.judgement.baseline_events.items()}
        for row in self.judgement.components:
            found |= {f"{row.component}_average_precision": row.average_precision, f"{row.component}_auc": row.roc_auc}
        return {name: value for name, value in found.items() if value == value}

    def facts(self) -> dict[str, Any]:
        """Until when it was trained and judged."""
        data = self.data
        return {"trained_until": data.windows["refit"].last, "evaluated_until": data.windows["test"].last}

    def description(self) -> str:
        """AUC, average precision, recall of failures and the gate's sentences."""
        found, events = self.judgement.evaluation, self.judgement.events
        return (f"AUC {found.roc_auc.estimate:.3f}, average precision {found.average_precision.estimate:.3f} "
                f"({found.average_precision.low:.3f} to {found.average_precision.high:.3f}) on {found.outcome.size} "
                f"device-days; {events.recall.estimate:.0%} of {events.failures} failures caught; gate: "
                + "; ".join(self.gate.reasons))

    def signature(self) -> Signature:
        """Telemetry rows in; a risk for each device, horizon and component out."""
        sensors = dict.fromkeys(self.scorer.vocabulary.sensors, "double")
        return Signature(inputs={"device_id": "string", "at": "string", **sensors}, outputs=OUTPUTS)

    def input_example(self) -> pd.DataFrame:
        """Three made-up days of one device."""
        days = ["2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00"]
        return pd.DataFrame({"device_id": "7", "at": days, **dict.fromkeys(self.scorer.vocabulary.sensors, 100.0)})

    def write_report(self, folder: Path, provenance: Provenance) -> None:
        """Write tables, plots and the model card."""
        write_device_report(folder, self.judgement, provenance, self.spec)

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the scorer."""
        self.scorer.save(folder, manifest)

    def show(self, console: "Console") -> None:
        """Print the measures above the baselines'."""
        for table in device_table(self.spec.name, self.judgement):
            console.print(table)


class DeviceFailureFamily:
    """See ``training.family.Family``."""

    def learn(self, job: Job) -> LearnedDeviceFailure:
        """Judge on the newest days, then refit on all."""
        spec: DeviceFailureSpec = job.spec  # type: ignore[assignment]
        dataset = load_devices(job.workspace, spec, _with_outcomes_of_alerts(job, spec), job.as_of)
        judge = DeviceJudge(spec, dataset, job.champion, job.seed, job.progress.advance)
        job.progress.stage("judging on the newest days")
        judgement = judge.judge()
        job.progress.stage("fitting on all days")
        return LearnedDeviceFailure(spec, dataset, judgement, judge.refit())

    def predict(self, ask: Ask) -> pd.DataFrame:
        """Refuse: devices are answered as a fleet."""
        raise TrainingRefused(f"{ask.spec.name} answers whole fleets; use `fenzhen score {ask.spec.name} --as-of DATE`")

    def score(self, ask: ScoreAsk) -> Scored:
        """Return the risk of every device that is watched at ``as_of``, by horizon and component.

        Others are of another population than the one that training learnt from: they are left out and counted.
        """
        spec: DeviceFailureSpec = ask.spec  # type: ignore[assignment]
        _refuse_another_question(spec, ask.scorer)
        known = known_devices(load_tables(ask.workspace, spec), ask.as_of, spec.settings.telemetry_known_after)
        if known["telemetry"].empty and known["device_events"].empty:
            raise TrainingRefused(f"{spec.name}: no telemetry and no event of any device is known before "
                                  f"{ask.as_of.isoformat()}")
        if known["telemetry"].empty and (sensors := ask.scorer.vocabulary.sensors):
            raise TrainingRefused(f"{spec.name}: no telemetry is known before {ask.as_of.isoformat()}, expected "
                                  f"readings of {', '.join(sensors)}: this version learnt from them")
        devices, watched = cohort(known), watched_devices(known, ask.as_of)
        if not len(watched):
            raise TrainingRefused(f"{spec.name}: no device of {len(devices):,} was watched at {ask.as_of.isoformat()}; "
                                  f"the newest reading known before it is of {known['telemetry']['at'].max()}, "
                                  f"expected one in the {WINDOWS[-1]} days before")
        points = device_points(watched, [ask.as_of])
        assessed = ask.scorer.assess(known, points)
        ask.advance(len(points))
        table = ask.scorer.table(assessed)
        owners = device_owners(ask.workspace.tables("devices", "customers"), ask.as_of)
        details = device_details(ask.scorer, known, assessed, ask.workspace.time_zone)
        return Scored(table, with_owners(details, table["device_id"].tolist(), owners),
                      _left_out(len(devices) - len(watched), "event" if known["telemetry"].empty else "reading"))

    def follow_up(self, ask: FollowUp) -> str:
        """Bring the alerts up to date with the newest scores, by the thresholds of the first horizon."""
        spec: DeviceFailureSpec = ask.spec  # type: ignore[assignment]
        return follow_up(ask, spec.alert_rules, next(iter(ask.scorer.thresholds.values())))

    def backtest(self, ask: BacktestAsk) -> pd.DataFrame:
        """Score daily from each date on by a model trained at that date, while the horizon ends before ``until``."""
        spec: DeviceFailureSpec = ask.spec  # type: ignore[assignment]
        tables = load_tables(ask.workspace, spec)
        until = ask.until if ask.until is not None else last_fact(tables, spec.settings.telemetry_known_after)
        known = known_devices(tables, until, spec.settings.telemetry_known_after)
        parts = []
        for start, end in pairwise(windows(ask.dates, until)):
            dataset = load_devices(ask.workspace, spec, tables, start)
            scorer = DeviceJudge(spec, dataset, seed=ask.seed).refit()
            parts.append(_scored_daily(ask, spec, scorer, known, (start, end, until)))
            ask.advance()
        return pd.concat(parts, ignore_index=True)

    def summary(self, found: pd.DataFrame, top_k: int) -> dict[str, float]:  # noqa: ARG002
        """Return AUC and average precision of ``any`` by horizon, and of each component in the first."""
        known = found[found["outcome"].notna()]
        first = int(found["horizon_days"].min()) if len(found) else 0
        measured: dict[str, float] = {"rows": float(len(known))}
        for (horizon, part), rows in known.groupby(["horizon_days", "component"], sort=True):
            if part == ANY or horizon == first:
                outcome, chance = rows["outcome"].to_numpy(dtype=float), rows["probability"].to_numpy()
                measured |= {f"{part} {horizon}d AUC": roc_auc(outcome, chance),
                             f"{part} {horizon}d AP": average_precision(outcome, chance)}
        return measured

    def evaluate(self, ask: Ask) -> JudgedDevices:
        """Judge on the days after what the version was trained on."""
        spec: DeviceFailureSpec = ask.spec  # type: ignore[assignment]
        _refuse_another_question(spec, ask.scorer)
        return evaluate_version(ask.workspace, spec, ask.scorer)

    def drift(self, ask: DriftAsk) -> Compared:
        """Compare the fleet as of two moments: its features and its probabilities."""
        spec: DeviceFailureSpec = ask.spec  # type: ignore[assignment]
        _refuse_another_question(spec, ask.scorer)
        return compared_fleets(ask, spec)


def _with_outcomes_of_alerts(job: Job, spec: DeviceFailureSpec) -> dict[str, pd.DataFrame]:
    """Return the tables, with what people found when they looked into alerts where feedback is harvested."""
    tables = load_tables(job.workspace, spec)
    if job.store is None:
        return tables
    closed = job.store.closed_alerts(spec.name, job.as_of.to_pydatetime(warn=False))
    return {**tables, "device_events": with_closed_alerts(tables["device_events"], closed)}


def _left_out(devices: int, fact: str) -> str:
    if not devices:
        return ""
    when = f" in the last {WINDOWS[-1]} days" if fact == "reading" else ""
    return f"{devices:,} devices left out: no {fact}{when}, and the model learnt from watched devices alone"


def _refuse_another_question(spec: DeviceFailureSpec, scorer: DeviceScorer) -> None:
    """Raise ``TrainingRefused`` for a version of other horizons or components than the workspace's."""
    asked, trained = spec.settings, scorer.settings
    require_same_question(
        spec.name, {"horizons_days": list(asked.horizons_days), "components": sorted(asked.components)},
        {"horizons_days": list(scorer.risks), "components": sorted(trained.components)})


def _scored_daily(ask: BacktestAsk, spec: DeviceFailureSpec, scorer: DeviceScorer, known: Mapping[str, pd.DataFrame],
                  span: tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]) -> pd.DataFrame:
    """Return the scores of every device and day from ``start`` to before ``end``, with what became of them."""
    start, end, until = span
    last = min(end - pd.Timedelta(microseconds=1), until - pd.Timedelta(days=spec.settings.horizons_days[0]))
    points = observed_points(known, cohort(known), start, max(start, last), ask.workspace.time_zone)
    frame = scorer.table(scorer.assess(known, points))
    outcomes = spec.outcomes(known, points, scorer.vocabulary.components, until)
    told = pd.concat([outcomes[horizon] for horizon in scorer.risks], axis=1, keys=list(scorer.risks))
    frame["outcome"] = told.to_numpy().ravel()
    ends = frame["as_of"] + pd.to_timedelta(frame["horizon_days"], unit="D")
    return frame[(ends <= until) & (frame["as_of"] <= last)]


FAMILY = DeviceFailureFamily()
