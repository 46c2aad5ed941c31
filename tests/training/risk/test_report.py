"""The report folder of a risk model: every file, numbers that agree, a card that names what matters."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib import image

from training.provenance import Provenance, Window
from training.risk.evaluation import evaluate_risk
from training.risk.gate import RiskRival, risk_gate
from training.risk.report import RiskCard, write_risk_report

PROVENANCE = Provenance("churn", "churn", "silence", "2026-01-01", "time", "90 days", 0, "ab",
                        {"test": Window(600, "2025-07-01", "2025-10-01")}, parameters={"rounds": 50})
CARD = RiskCard("给客户经理排先后。", "90 天内没有订单", "客户", 90, ("只有一年的数据。",))


@pytest.fixture(scope="module")
def evaluation():
    random = np.random.default_rng(0)
    probability = random.beta(2, 5, 600)
    outcome = random.random(600) < probability
    return evaluate_risk(outcome, probability, np.arange(600), capacity=60, levels=np.where(
        probability > 0.4, "high", "low"), value=np.full(600, 10.0), rounds=50,
        baselines={"recency": random.random(600), "logistic": probability + random.normal(0, 0.1, 600)})


def test_metrics_are_flat_finite_and_consistent(evaluation):
    numbers = evaluation.metrics()
    assert numbers["roc_auc_low"] < numbers["roc_auc"] < numbers["roc_auc_high"]
    assert numbers["recall_of_value"] == pytest.approx(numbers["recall_at_capacity"])
    assert numbers["high_happened"] > numbers["low_happened"]
    assert {"recency_roc_auc", "logistic_average_precision"} <= set(numbers)
    assert evaluation.baselines[0].advantage.low > 0


def test_the_folder_holds_tables_plots_numbers_and_card(tmp_path, evaluation):
    gate = risk_gate(evaluation.outcome, evaluation.probability, evaluation.entities, champion=None,
                     baselines=[RiskRival(name, score) for name, score in evaluation.scores.items()])
    monthly = pd.DataFrame({"as_of": ["2025-07-01"], "roc_auc": [0.7]})
    files = write_risk_report(tmp_path, evaluation, PROVENANCE, CARD, gate=gate, tables={"backtest.csv": monthly})
    assert set(files) == {path.name for path in tmp_path.iterdir()}
    for name in ("reliability.png", "lift.png", "precision_recall.png"):
        assert image.imread(files[name])[..., :3].std() > 0.02
    assert json.loads(files["metrics.json"].read_text("utf-8"))["metrics"]["rows"] == 600
    card = files["model_card.md"].read_text("utf-8")
    for words in ("90 天内没有订单", "仅看最近一次", "逻辑回归", "不是原因", "只有一年的数据", "覆盖损失金额"):
        assert words in card


def test_a_model_without_levels_values_baselines_or_gate_has_a_report_too(tmp_path):
    found = evaluate_risk([0, 1, 1, 0], [0.1, 0.8, 0.6, 0.3], capacity=1, rounds=5)
    card = write_risk_report(tmp_path, found, PROVENANCE, CARD)["model_card.md"].read_text("utf-8")
    assert "按行重抽样" in card
    assert "未作判断" in card
    assert "损失金额" not in card


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="expected"):
        evaluate_risk([], [], capacity=1)
