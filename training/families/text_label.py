"""Text labels in training: tickets with text and a known label, judged on groups of near-identical text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fenzhen.errors import TrainingRefused
from fenzhen.registry.signature import TEXT_SIGNATURE, Signature
from models.policy import Policy
from models.text.examples import Examples
from models.text.scorer import TextLabelScorer
from models.text.spec import TextLabelSpec
from training.backtest import hit_rates, ticket_backtest
from training.champions.gate_rules import GateResult
from training.drift.comparison import Compared
from training.drift.tickets import compared_tickets
from training.evaluation.report import write_report
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, Scored
from training.harvest import harvest
from training.policy import policy_of
from training.provenance import DataFacts, Provenance
from training.scoring import answers
from training.screen import metrics_table
from training.text.dataset import NOTHING_HARVESTED, Dataset, load_dataset, window_of
from training.text.judge import FEW_LABELS, Judge, Judgement
from training.text.version import JudgedTexts, evaluate_version

if TYPE_CHECKING:
    from rich.console import Console

FILED = ("channel", "product", "region", "customer_tier")
WHY_LEFT_OUT = {
    "no_label": "没有标签", "inactive_label": "标签已停用", "no_text": "没有文字",
    "near_duplicate": "与指定表中的工单近似重复",
}


@dataclass(frozen=True, eq=False)
class LearnedTextLabel:
    """A text-label scorer with the judgement of its configuration; see ``training.family.Learned``."""

    dataset: Dataset
    judgement: Judgement
    scorer: TextLabelScorer

    @property
    def gate(self) -> GateResult:
        """The verdict on the judged rows."""
        return self.judgement.gate

    @property
    def judged(self) -> Examples:
        """The rows that were judged on."""
        return self.dataset.examples.take(self.judgement.split.test)

    @property
    def data(self) -> DataFacts:
        """The split, its windows and what was left out."""
        parts, examples, settings = self.judgement.split, self.dataset.examples, self.judgement.spec.settings
        windows = {name: window_of(examples.take(getattr(parts, name))) for name in ("train", "validation", "test")}
        return DataFacts(
            regime=parts.regime, gap=str(parts.gap), dataset_sha256=self.dataset.sha256, rows=len(examples),
            windows={**windows, "refit": window_of(examples)}, merged_classes=dict(examples.merged),
            parameters={name: getattr(settings, name) for name in settings.__dataclass_fields__},
            excluded={WHY_LEFT_OUT.get(why, why): rows for why, rows in examples.left_out.items()},
            warnings=self._doubts(),
        )

    def metrics(self) -> dict[str, float]:
        """Accuracy, macro-F1, calibration, coverage and the baselines' numbers."""
        return self.judgement.evaluation.metrics()

    def facts(self) -> dict[str, Any]:
        """How many labels, and until when."""
        examples = self.dataset.examples
        return {
            "labels": len(examples), "few_labels": len(examples) < FEW_LABELS,
            "trained_until": window_of(examples).last, "evaluated_until": window_of(self.judged).last,
        }

    def description(self) -> str:
        """Accuracy, macro-F1, ECE and the gate's sentences."""
        found = self.judgement.evaluation
        return (
            f"accuracy {found.accuracy.estimate:.3f} ({found.accuracy.low:.3f} to {found.accuracy.high:.3f}), macro-F1 "
            f"{found.macro_f1.estimate:.3f}, ECE {found.ece:.3f} on {len(found.labels)} rows; gate: "
            + "; ".join(self.gate.reasons)
        )

    def signature(self) -> Signature:
        """Subject and body in; prediction, confidence and decision out."""
        return TEXT_SIGNATURE

    def input_example(self) -> pd.DataFrame:
        """A made-up ticket."""
        return pd.DataFrame({"subject": ["打印机卡纸"], "body": ["重启以后还是不行,请安排工程师上门。"]})

    def write_report(self, folder: Path, provenance: Provenance) -> None:
        """Write tables, plots, masked bad cases and the model card."""
        judged = self.judged
        write_report(folder, self.judgement.evaluation, provenance, texts=judged.texts, rows=judged.slices,
                     gate=self.gate, ids=list(judged.ids))

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the scorer."""
        self.scorer.save(folder, manifest)

    def show(self, console: "Console") -> None:
        """Print the metrics above the baselines' and, with few labels, how unsure they are."""
        console.print(metrics_table(self.judgement.spec.name, self.judgement.evaluation))
        if self.judgement.split.regime == "out_of_fold":
            accuracy = self.judgement.evaluation.accuracy
            console.print(
                f"  Day 0: with so few labels the accuracy lies anywhere from {accuracy.low:.0%} to "
                f"{accuracy.high:.0%} (95 % interval)", highlight=False,
            )

    def _doubts(self) -> tuple[str, ...]:
        rows = len(self.dataset.examples)
        if rows >= FEW_LABELS:
            return ()
        accuracy = self.judgement.evaluation.accuracy
        return (
            f"起步模式：只有 {rows} 条带标签的工单，准确率的 95% 区间为 {accuracy.low:.0%}–{accuracy.high:.0%}，"
            "请先以建议方式使用。",
        )


class TextLabelFamily:
    """See ``training.family.Family``."""

    def learn(self, job: Job) -> LearnedTextLabel:
        """Choose a configuration, judge it on held-out rows and refit it on all."""
        spec: TextLabelSpec = job.spec  # type: ignore[assignment]
        harvested = harvest(job.store, spec.field, job.as_of) if job.store else NOTHING_HARVESTED
        dataset = load_dataset(job.workspace, spec, job.as_of, harvested)
        judge = Judge(spec, dataset, job.workspace.user_words(), job.champion, job.seed, job.progress.advance)
        job.progress.stage("judging on the newest rows")
        judgement = judge.judge()
        job.progress.stage("fitting on all rows")
        return LearnedTextLabel(dataset, judgement, judge.refit(judgement.spec))

    def predict(self, ask: Ask) -> pd.DataFrame:
        """Answer every row by its text, under the workspace's taxonomy and rules."""
        policy = Policy.from_dict(policy_of(ask.workspace))
        return answers(ask.scorer, policy, ask.rows, ask.spec.entity, ask.top_k, ask.advance)

    def score(self, ask: ScoreAsk) -> Scored:
        """Refuse: tickets are answered one by one."""
        raise TrainingRefused(f"{ask.spec.name} answers single tickets; use `fenzhen predict {ask.spec.name}`")

    def backtest(self, ask: BacktestAsk) -> pd.DataFrame:
        """Answer the tickets that came after each date by a model trained at that date."""
        policy = Policy.from_dict(policy_of(ask.workspace))

        def answered(as_of: pd.Timestamp, rows: pd.DataFrame) -> pd.DataFrame:
            scorer = _trained(ask, as_of)
            return answers(scorer, policy, rows, ask.spec.entity, ask.top_k, lambda _rows: None)

        return ticket_backtest(ask, answered, policy)

    def summary(self, found: pd.DataFrame, top_k: int) -> dict[str, float]:
        """Return how often the first value, and one of the ``top_k`` first, is right."""
        return hit_rates(found, top_k)

    def evaluate(self, ask: Ask) -> JudgedTexts:
        """Judge on rows whose text the version has not seen."""
        spec: TextLabelSpec = ask.spec  # type: ignore[assignment]
        return evaluate_version(ask.workspace, spec, ask.scorer, ask.rows, ask.segmented)

    def drift(self, ask: DriftAsk) -> Compared:
        """Compare answers, labels, what was filed, and how much of the texts the version knows."""
        segmented = ask.workspace.segmented(ask.spec.table)

        def known_text(tickets: pd.DataFrame) -> dict[str, pd.Series]:
            texts = (tickets[name].astype(object).where(tickets[name].notna(), None).to_numpy(dtype=object)
                     for name in ("subject", "body"))
            return {"known_text": pd.Series(ask.scorer.familiarity(*texts, segmented=segmented)).clip(lower=0)}

        return compared_tickets(ask, self.predict, FILED, known_text)


def _trained(ask: BacktestAsk, as_of: pd.Timestamp) -> TextLabelScorer:
    spec: TextLabelSpec = ask.spec  # type: ignore[assignment]
    dataset = load_dataset(ask.workspace, spec, as_of)
    judge = Judge(spec, dataset, ask.workspace.user_words(), None, ask.seed, lambda: None)
    found: TextLabelScorer = judge.refit(judge.tuned())
    return found


FAMILY = TextLabelFamily()
