"""Rankings against scikit-learn, ties and weights included."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from fenzhen.metrics import (
    Ranking,
    average_precision,
    calibration_by_quantile,
    lift_at,
    paired_risk_bootstrap,
    precision_at,
    recall_at,
    risk_bootstrap,
    roc_auc,
)

ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(1, 4)), min_size=2, max_size=60).filter(
    lambda rows: len({outcome for outcome, _, _ in rows}) == 2)


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_auc_and_average_precision_agree_with_scikit_learn_with_ties_and_weights(rows):
    outcome, score, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    ranking = Ranking.of(outcome, score)
    assert roc_auc(outcome, score) == pytest.approx(sklearn_metrics.roc_auc_score(outcome, score))
    assert average_precision(outcome, score) == pytest.approx(sklearn_metrics.average_precision_score(outcome, score))
    assert ranking.auc(weights) == pytest.approx(sklearn_metrics.roc_auc_score(outcome, score, sample_weight=weights))
    assert ranking.average_precision(weights) == pytest.approx(
        sklearn_metrics.average_precision_score(outcome, score, sample_weight=weights))


def test_equal_scores_are_drawn_by_lot():
    outcome, score = [1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5]
    assert precision_at(outcome, score, 1) == 0.5
    assert lift_at(outcome, score, 0.25) == 1.0
    assert recall_at(outcome, score, 2) == 0.5


def test_recall_of_value_ignores_missing_and_negative_values():
    outcome, score = [1, 1, 1, 0], [0.9, 0.8, 0.1, 0.5]
    assert recall_at(outcome, score, 1, value=[100.0, np.nan, 300.0, 50.0]) == 0.25
    assert np.isnan(recall_at(outcome, score, 1, value=[-5.0, np.nan, 0.0, 50.0]))


def test_a_capacity_beyond_the_rows_lists_all_of_them():
    assert precision_at([1, 0], [0.2, 0.1], 10) == 0.5
    assert np.isnan(precision_at([], [], 10))


def test_without_both_outcomes_there_is_no_auc():
    assert np.isnan(roc_auc([1, 1], [0.1, 0.2]))
    assert np.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert np.isnan(risk_bootstrap([], [], None).estimate)


@pytest.mark.parametrize(("outcome", "score"), [([0, 2], [0.1, 0.2]), ([0, 1], [np.nan, 0.2]), ([0, 1], [0.1])])
def test_what_is_no_outcome_or_no_score_is_refused(outcome, score):
    with pytest.raises(ValueError, match="expected"):
        roc_auc(outcome, score)


def test_resampling_whole_entities_gives_wider_intervals_than_rows():
    random = np.random.default_rng(0)
    entity = np.repeat(np.arange(20), 30)
    outcome = (random.random(20) < 0.5).astype(float)[entity]
    score = outcome * 0.5 + random.random(20)[entity]
    rows, entities = (risk_bootstrap(outcome, score, groups, rounds=200) for groups in (None, entity))
    assert entities.high - entities.low > rows.high - rows.low


def test_the_better_ranking_is_found_and_equal_ones_do_not_differ():
    random = np.random.default_rng(1)
    outcome = (random.random(500) < 0.3).astype(float)
    good, bad = outcome + random.normal(size=500), outcome * 0.2 + random.normal(size=500)
    for measure in ("roc_auc", "average_precision", "lift_at_10"):
        assert paired_risk_bootstrap(outcome, good, bad, None, measure=measure, rounds=200).low > 0
    same = paired_risk_bootstrap(outcome, good, good * 2, None, rounds=20)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)


def test_the_calibration_table_holds_every_row_once_and_keeps_equal_probabilities_together():
    random = np.random.default_rng(2)
    probability = np.round(random.beta(1, 20, 1000), 2)
    outcome = random.random(1000) < probability
    table = calibration_by_quantile(outcome, probability, bins=8)
    assert sum(row.count for row in table) == 1000
    assert all(low.high < high.low for low, high in itertools.pairwise(table))
    assert calibration_by_quantile([], []) == []


def test_an_unknown_measure_is_refused():
    with pytest.raises(ValueError, match="roc_auc"):
        risk_bootstrap([0, 1], [0, 1], None, measure="gini")
