"""The folder that says how good a risk model is: tables, plots, numbers and the model card."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from training.champions.gate_rules import GateResult
from training.evaluation.model_card import REGIMES, TEMPLATES, WINDOWS, gap_in_words, number, percent, safe_cell, signed
from training.evaluation.report import finite
from training.provenance import Provenance
from training.risk.evaluation import RiskEvaluation
from training.risk.plots import BASELINE_NAMES, write_risk_plots

LEVEL_NAMES = {"high": "高", "medium": "中", "low": "低"}
FEW_EVENTS = 50


@dataclass(frozen=True, slots=True)
class RiskCard:
    """What the model card says beside numbers, in Chinese: ``purpose`` is a paragraph, ``outcome`` names the event.

    ``entity`` is what is at risk ("客户", "设备"); ``notes`` are sentences under the known shortcomings.
    """

    purpose: str
    outcome: str
    entity: str
    horizon_days: int
    notes: Sequence[str] = ()


def write_risk_report(folder: Path, evaluation: RiskEvaluation, provenance: Provenance, card: RiskCard, *,
                      gate: GateResult | None = None,
                      tables: Mapping[str, pd.DataFrame] | None = None) -> dict[str, Path]:
    """Write every file of the report into ``folder`` (made if absent) and return them by name.

    ``tables`` are further CSV files by name (a monthly backtest, importances).
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "calibration.csv": pd.DataFrame([asdict(row) for row in evaluation.calibration]),
        "levels.csv": pd.DataFrame([asdict(row) for row in evaluation.levels],
                                   columns=["level", "rows", "probability", "happened"]),
        "baselines.csv": baselines_table(evaluation), **(tables or {}),
    }
    for name, table in written.items():
        table.to_csv(folder / name, index=False, encoding="utf-8-sig")
    (folder / "metrics.json").write_text(_json(evaluation, provenance, gate), encoding="utf-8")
    plots = write_risk_plots(folder, evaluation)
    (folder / "model_card.md").write_text(risk_model_card(evaluation, provenance, card, gate), encoding="utf-8")
    return {name: folder / name for name in [*written, "metrics.json", "model_card.md", *plots]}


def baselines_table(evaluation: RiskEvaluation) -> pd.DataFrame:
    """Return the model and its baselines, a row each, with the model's advantage and its 95 % interval."""
    ours = {"name": "model", "roc_auc": evaluation.roc_auc.estimate, "lift_at_10": evaluation.lift_at_10.estimate,
            "average_precision": evaluation.average_precision.estimate}
    theirs = [{"name": row.name, "roc_auc": row.roc_auc, "average_precision": row.average_precision,
               "lift_at_10": row.lift_at_10, "advantage": row.advantage.estimate, "advantage_low": row.advantage.low,
               "advantage_high": row.advantage.high} for row in evaluation.baselines]
    return pd.DataFrame([ours, *theirs])


def risk_model_card(evaluation: RiskEvaluation, provenance: Provenance, card: RiskCard,
                    gate: GateResult | None) -> str:
    """Return the model card: what a person must know before acting on the risks, in Chinese, as Markdown."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters.update(percent=percent, number=number, cell=safe_cell, signed=signed)
    return environment.get_template("risk_card.md.jinja").render(
        evaluation=evaluation, provenance=provenance, card=card, gate=gate, gap=gap_in_words(provenance.gap),
        regime=REGIMES.get(provenance.regime, provenance.regime), windows=WINDOWS, names=BASELINE_NAMES,
        levels=LEVEL_NAMES, shortcomings=_shortcomings(evaluation, card),
    )


def _shortcomings(evaluation: RiskEvaluation, card: RiskCard) -> list[str]:
    found, events = [], int(evaluation.outcome.sum())
    if min(events, evaluation.outcome.size - events) < FEW_EVENTS:
        found.append(f"测试数据中发生与未发生的一方不足 {FEW_EVENTS} 行,指标不稳定。")
    if evaluation.roc_auc.high - evaluation.roc_auc.low > 0.1:
        found.append("测试数据少,AUC 的 95 % 区间宽于 0.1。")
    if evaluation.entities is None:
        found.append(f"置信区间按行重抽样(没有{card.entity}编号),可能偏窄。")
    return [*found, *card.notes]


def _json(evaluation: RiskEvaluation, provenance: Provenance, gate: GateResult | None) -> str:
    content: dict[str, Any] = {
        "metrics": evaluation.metrics(),
        "baselines": [asdict(row) for row in evaluation.baselines],
        "calibration": [asdict(row) for row in evaluation.calibration],
        "levels": [asdict(row) for row in evaluation.levels],
        "provenance": asdict(provenance),
        "gate": None if gate is None else gate.as_dict(),
    }
    return json.dumps(finite(content), ensure_ascii=False, indent=2, default=str, allow_nan=False) + "\n"
