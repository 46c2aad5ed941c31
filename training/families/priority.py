"""Priorities in training: tickets judged in the order they were filed, with history as of each one's creation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from features.text.segment import Segmenter
from fenzhen.errors import TrainingRefused
from fenzhen.metrics import macro_f1
from fenzhen.registry.signature import Signature
from models.policy import DECISIONS
from models.priority.batch import decide_rows
from models.priority.rows import PriorityRows
from models.priority.scorer import PriorityScorer
from models.priority.spec import PrioritySpec
from training.backtest import hit_rates, ticket_backtest
from training.champions.gate_rules import GateResult
from training.drift.comparison import Compared
from training.drift.tickets import compared_tickets
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, Scored
from training.harvest import harvest
from training.priority.data import NOTHING, PriorityData, dataset_sha256, load_priority_data
from training.priority.judge import PriorityJudge, PriorityJudgement
from training.priority.report import write_priority_report
from training.priority.screen import JudgedPriorities, priority_tables
from training.priority.version import evaluate_version
from training.provenance import DataFacts, Provenance, Window

if TYPE_CHECKING:
    from rich.console import Console

FEW_LABELS = 1_000


@dataclass(frozen=True, eq=False)
class LearnedPriority:
    """A priority scorer with the judgement of its configuration; see ``training.family.Learned``."""

    judge: PriorityJudge
    judgement: PriorityJudgement
    scorer: PriorityScorer
    sha256: str

    @property
    def gate(self) -> GateResult:
        """The verdict on the newest window."""
        return self.judgement.gate

    @property
    def data(self) -> DataFacts:
        """The windows, and what was chosen in them."""
        rows, windows = self.judge.everything, self.judgement.windows
        spec = self.judge.data.spec
        named = {"train": windows[-1].older, "validation": windows[-2].rows, "test": windows[-1].rows, "refit": rows}
        chosen = {"strength": self.judgement.strength, "temper": self.scorer.temper,
                  "order": " > ".join(self.judge.data.order), "fields": ", ".join(rows.fields.names),
                  "histories": ", ".join("*".join(key) for key in self.scorer.priority.space.keys[1:]),
                  "review_load": spec.settings.review_load}
        return DataFacts(
            regime="time", gap=str(pd.Timedelta(0)), dataset_sha256=self.sha256, rows=len(rows),
            windows={name: window_of(part) for name, part in named.items()}, parameters=chosen,
            warnings=("标签较少,指标的误差较大。",) if len(rows) < FEW_LABELS else ())

    def metrics(self) -> dict[str, float]:
        """What any label is judged by, and kappa, cost and urgent recall beside the baselines'."""
        return self.judgement.evaluation.metrics()

    def facts(self) -> dict[str, Any]:
        """How many labels, and until when."""
        rows = self.judge.everything
        return {"labels": len(rows), "few_labels": len(rows) < FEW_LABELS, "trained_until": window_of(rows).last,
                "evaluated_until": window_of(self.judgement.windows[-1].rows).last}

    def description(self) -> str:
        """Macro-F1, kappa, urgent recall and the gate's sentences."""
        found, own = self.judgement.evaluation, self.judgement.evaluation.ordered[0]
        return (f"macro-F1 {found.whole.macro_f1.estimate:.3f} ({found.whole.macro_f1.low:.3f} to "
                f"{found.whole.macro_f1.high:.3f}), weighted kappa {own.kappa:.3f}, {own.urgent_recall:.0%} of urgent "
                f"tickets at {found.review_load:.0%} review load on {len(found.whole.labels)} rows; gate: "
                + "; ".join(self.gate.reasons))

    def signature(self) -> Signature:
        """Texts and fields in; prediction, confidence and decision out."""
        names = ("subject", "body", "created_at", *self.scorer.priority.space.fields.names)
        return Signature(inputs=dict.fromkeys(names, "string"),
                         outputs={"prediction": "string", "confidence": "double", "decision": "string"})

    def input_example(self) -> pd.DataFrame:
        """A made-up ticket."""
        told = {"subject": "打印机冒烟", "body": "已经断电,请尽快处理。", "created_at": "2026-11-21T09:00:00+08:00"}
        return pd.DataFrame([{**dict.fromkeys(self.signature().inputs, ""), **told}])

    def write_report(self, folder: Path, provenance: Provenance) -> None:
        """Write tables, plots, masked bad cases and the model card."""
        rows = self.judgement.windows[-1].rows
        write_priority_report(folder, self.judgement.evaluation, provenance, rows, self.gate)

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the scorer."""
        self.scorer.save(folder, manifest)

    def show(self, console: "Console") -> None:
        """Print the metrics above the baselines'."""
        for table in priority_tables(self.judge.data.spec.name, self.judgement.evaluation):
            console.print(table)


class PriorityFamily:
    """See ``training.family.Family``."""

    def learn(self, job: Job) -> LearnedPriority:
        """Judge on the newest window, then refit on everything known."""
        spec = cast(PrioritySpec, job.spec)
        harvested = harvest(job.store, spec.field, job.as_of) if job.store else NOTHING
        data = load_priority_data(job.workspace, spec, harvested)
        judge = PriorityJudge(data, job.as_of, _segmenter(job.workspace), job.champion, job.seed, job.progress.advance)
        job.progress.stage("judging on the newest tickets")
        judgement = judge.judge()
        job.progress.stage("fitting on all tickets")
        scorer = judge.refit(list(judgement.windows), judgement.strength)
        return LearnedPriority(judge, judgement, scorer, dataset_sha256(job.workspace, spec, job.as_of, harvested))

    def predict(self, ask: Ask) -> pd.DataFrame:
        """Answer every row, its history read from the workspace's tables, under the workspace's taxonomy and rules."""
        found = answers(_data(ask), ask.scorer, ask.rows, ask.top_k)
        ask.advance(len(ask.rows))
        return found

    def score(self, ask: ScoreAsk) -> Scored:
        """Refuse: tickets are answered one by one."""
        raise TrainingRefused(f"{ask.spec.name} answers single tickets; use `fenzhen predict {ask.spec.name}`")

    def backtest(self, ask: BacktestAsk) -> pd.DataFrame:
        """Answer the tickets that came after each date by a model trained at that date, the history growing on."""
        data = _data(ask)

        def answered(as_of: pd.Timestamp, rows: pd.DataFrame) -> pd.DataFrame:
            judge = PriorityJudge(data, as_of, _segmenter(ask.workspace), None, ask.seed)
            strength, windows = judge.windows()
            return answers(data, judge.refit(windows, strength), rows, ask.top_k)

        return ticket_backtest(ask, answered, data.policy)

    def summary(self, found: pd.DataFrame, top_k: int) -> dict[str, float]:
        """Return accuracy, macro-F1 and weighted kappa of what was ranked first."""
        known = found[found["outcome"] != ""]
        rates = hit_rates(found, top_k)
        if not len(known):
            return rates
        rates["macro_f1"] = macro_f1(known["outcome"].to_numpy(dtype=object), known["rank_1"].to_numpy(dtype=object))
        return rates

    def evaluate(self, ask: Ask) -> JudgedPriorities:
        """Judge on tickets that were filed after everything that the version was fitted on."""
        return evaluate_version(_data(ask), ask.scorer, ask.rows)

    def drift(self, ask: DriftAsk) -> Compared:
        """Compare answers, labels and the fields that the version reads."""
        return compared_tickets(ask, self.predict, ask.scorer.priority.space.fields.names)


def answers(data: PriorityData, scorer: PriorityScorer, tickets: pd.DataFrame, top_k: int) -> pd.DataFrame:
    """Return id, prediction, confidence, decision and the ``top_k`` best values of each ticket, in order."""
    rows = data.asked(tickets, scorer.priority.space.fields)
    decided = decide_rows(scorer, data.policy, rows, "auto")
    rankings = [decided.ranking(row, top_k) for row in range(len(rows))]
    decisions = np.array(DECISIONS, dtype=object)[decided.decisions]
    first = [ranking[0] if ranking else ("", np.nan) for ranking in rankings]
    columns: dict[str, Any] = {
        data.spec.entity: tickets[data.spec.entity].to_numpy(dtype=object),
        "prediction": ["" if decision == "abstain" else value
                       for decision, (value, _) in zip(decisions, first, strict=True)],
        "confidence": np.round([score for _, score in first], 6), "decision": decisions,
    }
    for part, name, missing in ((0, "rank", ""), (1, "confidence", np.nan)):
        for place in range(top_k):
            cells = [ranking[place][part] if place < len(ranking) else missing for ranking in rankings]
            columns[f"{name}_{place + 1}"] = cells if part == 0 else np.round(np.array(cells, dtype=np.float64), 6)
    return pd.DataFrame(columns)


def window_of(rows: PriorityRows) -> Window:
    """Return the rows and the span of creation times of some tickets."""
    if not len(rows):
        return Window(0)
    first, last = (pd.Timestamp(int(at), unit="us", tz="UTC").isoformat() for at in (rows.at.min(), rows.at.max()))
    return Window(len(rows), first, last)


def _data(ask: Ask | BacktestAsk) -> PriorityData:
    return load_priority_data(ask.workspace, cast(PrioritySpec, ask.spec))


def _segmenter(workspace: Any) -> Segmenter:
    return Segmenter("auto", workspace.user_words() or ())


FAMILY = PriorityFamily()
