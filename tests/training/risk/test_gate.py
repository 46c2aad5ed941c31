"""The gate for risks: each rule alone."""

import numpy as np
import pytest

from training.risk.gate import RiskLimits, RiskRival, risk_gate


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    probability = random.beta(2, 4, 1200)
    return (random.random(1200) < probability).astype(float), probability, np.arange(1200) // 2


def _rival(name, scores, **more):
    return RiskRival(name, np.asarray(scores, dtype=float), **more)


def test_a_calibrated_model_that_beats_the_baselines_passes_with_reasons_in_both_languages(rows):
    outcome, probability, entities = rows
    noise = np.random.default_rng(1).normal(size=1200)
    result = risk_gate(outcome, probability, entities, champion=None, baselines=[_rival("recency", noise)])
    assert result.passed
    assert len(result.reasons) == len(result.reasons_zh) == 4
    assert result.measurements["roc_auc_over_baseline_recency"]["low"] > 0


def test_an_equal_champion_is_not_beaten_but_no_worse(rows):
    outcome, probability, entities = rows
    result = risk_gate(outcome, probability, entities, champion=_rival("3", probability * 2), baselines=[])
    assert not result.passed
    assert result.no_worse


def test_a_strong_baseline_must_only_be_kept_up_with(rows):
    outcome, probability, entities = rows
    for strong, passed in ((True, True), (False, False)):
        rival = _rival("logistic", probability, strong=strong)
        assert risk_gate(outcome, probability, entities, champion=None, baselines=[rival]).passed is passed


def test_a_strong_baseline_that_is_clearly_better_fails_the_model(rows):
    outcome, probability, entities = rows
    better = _rival("logistic", probability + outcome * 0.2, strong=True)
    assert not risk_gate(outcome, probability, entities, champion=None, baselines=[better]).passed


def test_probabilities_that_promise_too_much_are_refused(rows):
    outcome, probability, entities = rows
    result = risk_gate(outcome, np.sqrt(probability), entities, champion=None,
                       baselines=[_rival("recency", np.zeros(1200))])
    assert [sentence for sentence in result.failures if "calibration" in sentence] == result.failures != []


def test_rows_that_the_champion_was_fitted_on_do_not_count(rows):
    outcome, probability, entities = rows
    seen = _rival("3", outcome, unseen=np.arange(1200) < 50)
    result = risk_gate(outcome, probability, entities, champion=seen, baselines=[])
    assert any("too few to compare" in sentence for sentence in result.failures)


def test_too_few_events_and_nothing_to_compare_with_are_refused():
    outcome = np.r_[np.ones(3), np.zeros(300)]
    result = risk_gate(outcome, np.full(303, 0.01), None, champion=None, baselines=[])
    assert len(result.failures) == 2


def test_average_precision_can_be_the_measure(rows):
    outcome, probability, entities = rows
    result = risk_gate(outcome, probability, entities, champion=None, baselines=[_rival("flat", np.zeros(1200))],
                       limits=RiskLimits(measure="average_precision"))
    assert "average precision" in result.reasons[1]
    assert "平均精确率" in result.reasons_zh[1]
