"""Churn in training: a cohort at rolling dates, judged on the newest, scored as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fenzhen.registry.signature import Signature
from models.churn.columns import SHARE
from models.churn.fit import golden_rows
from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec
from training.champions.gate_rules import GateResult
from training.churn.answers import churn_answers
from training.churn.backtest import churn_backtest, risk_summary
from training.churn.drift import compared_customers
from training.churn.learning import ChurnJudgement, judged_churn, refitted
from training.churn.scoring import scored_cohort
from training.churn.snapshots import Snapshots
from training.churn.version import evaluate_version
from training.drift.comparison import Compared
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, Scored
from training.provenance import DataFacts, Provenance, Window
from training.risk.report import RiskCard, write_risk_report
from training.risk.screen import RiskShown, risk_table

if TYPE_CHECKING:
    from rich.console import Console

OUTCOMES = {"contract": "合同终止或到期未续", "silence": "没有任何指定种类的往来(沉默)", "complaint": "提出投诉"}
PURPOSE = ("给客户经理排先后:每位客户在预测期内流失(或投诉)的概率、风险等级和判断依据。"
           "用于安排联系和挽留,不用于对个人有重大影响的自动决定。")


@dataclass(frozen=True, eq=False)
class LearnedChurn:
    """A churn scorer with the judgement of its configuration; see ``training.family.Learned``."""

    spec: ChurnSpec
    snapshots: Snapshots
    judgement: ChurnJudgement
    scorer: ChurnScorer
    dataset_sha256: str
    monthly: pd.DataFrame
    seed: int

    @property
    def gate(self) -> GateResult:
        """The verdict on the judged rows."""
        return self.judgement.gate

    @property
    def data(self) -> DataFacts:
        """The split, its windows and the settings."""
        parts, settings = self.judgement.split, self.spec.settings
        windows = {name: self._window(getattr(parts, name)) for name in ("train", "validation", "test")}
        every = np.ones(len(self.snapshots), dtype=bool)
        return DataFacts(
            regime=parts.regime, gap=str(parts.gap), dataset_sha256=self.dataset_sha256, rows=len(self.snapshots),
            windows={**windows, "refit": self._window(every)},
            parameters={name: str(getattr(settings, name)) for name in settings.__dataclass_fields__
                        if name != "actions"} | {"dates": str(len(self.snapshots.dates))},
            excluded={}, merged_classes={}, warnings=(),
        )

    def metrics(self) -> dict[str, float]:
        """AUC, average precision, lift, calibration and the baselines' numbers."""
        return self.judgement.evaluation.metrics()

    def facts(self) -> dict[str, Any]:
        """What was asked, and until when it was learnt and judged."""
        last, horizon = self.snapshots.dates[self.snapshots.judged_place], self.snapshots.horizon
        until = last if self.snapshots.timeless else last + horizon
        return {"label": self.spec.label, "horizon_days": self.spec.settings.horizon_days,
                "kinds": list(self.spec.settings.kinds), "newest_snapshot": last.isoformat(),
                "trained_until": until.isoformat(), "evaluated_until": until.isoformat(),
                "timeless": self.snapshots.timeless}

    def description(self) -> str:
        """AUC, lift, ECE and the gate's sentences."""
        found = self.judgement.evaluation
        return (f"AUC {found.roc_auc.estimate:.3f} ({found.roc_auc.low:.3f} to {found.roc_auc.high:.3f}), lift at 10 % "
                f"{found.lift_at_10.estimate:.2f}, ECE {found.ece:.3f} on {found.outcome.size} rows; gate: "
                + "; ".join(self.gate.reasons))

    def signature(self) -> Signature:
        """The columns of a customer's history in; probability and level out."""
        encoder = self.scorer.weights.encoder
        inputs = dict.fromkeys((*encoder.columns, *_own(encoder.numbers)), "double")
        return Signature({**inputs, **dict.fromkeys(encoder.levels, "string")},
                         {"probability": "double", "risk_level": "string"})

    def input_example(self) -> pd.DataFrame:
        """Two made-up rows."""
        rows, encoder = golden_rows(self.snapshots.rows, self.seed), self.scorer.weights.encoder
        columns = [rows.history[list(encoder.columns)], rows.numbers[_own(encoder.numbers)],
                   rows.categories[list(encoder.levels)]]
        return pd.concat(columns, axis=1).head(2)

    def write_report(self, folder: Path, provenance: Provenance) -> None:
        """Write tables, plots, the monthly backtest and the model card."""
        settings = self.spec.settings
        card = RiskCard(PURPOSE, OUTCOMES[settings.label], "客户", settings.horizon_days,
                        tuple(self.judgement.notes))
        write_risk_report(folder, self.judgement.evaluation, provenance, card, gate=self.gate,
                          tables={"backtest.csv": self.monthly})

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the scorer with golden cases."""
        self.scorer.save(folder, manifest, golden_rows(self.snapshots.rows, self.seed))

    def show(self, console: "Console") -> None:
        """Print the measures above the baselines'."""
        console.print(risk_table(self.spec.name, self.judgement.evaluation))

    def _window(self, mask: Any) -> Window:
        dates = [self.snapshots.dates[place] for place in np.unique(self.snapshots.place[mask]).tolist()]
        if self.snapshots.timeless or not dates:
            return Window(int(mask.sum()))
        return Window(int(mask.sum()), dates[0].isoformat(), dates[-1].isoformat())


class ChurnFamily:
    """See ``training.family.Family``."""

    def learn(self, job: Job) -> LearnedChurn:
        """Judge on the newest date, gate, then refit on all dates."""
        judgement, found, sha256, monthly = judged_churn(job)
        spec: ChurnSpec = job.spec  # type: ignore[assignment]
        job.progress.stage("fitting on all dates")
        scorer = refitted(spec, found, judgement, job.seed, job.progress.advance)
        return LearnedChurn(spec, found, judgement, scorer, sha256, monthly, job.seed)

    def predict(self, ask: Ask) -> pd.DataFrame:
        """Answer rows of the customers' table, with what the workspace knows of these customers."""
        return churn_answers(ask)

    def score(self, ask: ScoreAsk) -> Scored:
        """Return the risk of every customer of the cohort."""
        return scored_cohort(ask)

    def backtest(self, ask: BacktestAsk) -> pd.DataFrame:
        """Train at each date and score the cohort at it; the outcome where its window has ended."""
        return churn_backtest(ask)

    def summary(self, found: pd.DataFrame, top_k: int) -> dict[str, float]:  # noqa: ARG002
        """Return AUC, average precision, lift and calibration of the rows with an outcome."""
        return risk_summary(found)

    def evaluate(self, ask: Ask) -> RiskShown:
        """Judge a version on the newest cohort whose outcome it cannot have seen."""
        return evaluate_version(ask)

    def drift(self, ask: DriftAsk) -> Compared:
        """Compare the cohort as of two moments: what is known of customers, and their probabilities."""
        return compared_customers(ask)


def _own(numbers: tuple[str, ...]) -> list[str]:
    """The numbers that a customer has; the part of the horizon is asked, not known."""
    return [name for name in numbers if name != SHARE]


FAMILY = ChurnFamily()
