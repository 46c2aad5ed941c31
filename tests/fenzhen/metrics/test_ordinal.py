"""Metrics of ordered classes against independent implementations."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from fenzhen.metrics import mean_cost, quadratic_weighted_kappa, recall_at_load


@pytest.mark.parametrize("seed", range(5))
def test_kappa_agrees_with_scikit_learn(seed):
    chance = np.random.default_rng(seed)
    truth, said = chance.integers(0, 4, 200), chance.integers(0, 4, 200)
    said = np.where(chance.random(200) < 0.6, truth, said)
    expected = cohen_kappa_score(truth, said, weights="quadratic", labels=range(4))
    assert quadratic_weighted_kappa(truth, said, 4) == pytest.approx(expected)


def test_kappa_of_answers_that_are_all_the_same_is_none_at_all():
    assert quadratic_weighted_kappa([0, 1, 1], [1, 1, 1], 2) == pytest.approx(0.0)
    assert np.isnan(quadratic_weighted_kappa([1, 1], [1, 1], 2))


def test_recall_counts_ties_at_the_edge_by_their_chance():
    urgent, scores = np.array([1, 0, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    assert recall_at_load(urgent, scores, 0.4) == pytest.approx((1 + 1 / 3) / 2)
    assert recall_at_load(urgent, scores, 1.0) == 1.0
    assert np.isnan(recall_at_load([0, 0], [1, 2], 0.5))


def test_recall_does_not_depend_on_the_order_of_rows():
    chance = np.random.default_rng(0)
    urgent, scores = chance.random(100) < 0.2, chance.integers(0, 5, 100) / 5
    order = chance.permutation(100)
    assert recall_at_load(urgent, scores, 0.13) == pytest.approx(recall_at_load(urgent[order], scores[order], 0.13))


def test_costs_are_those_of_true_and_answered_class():
    costs = np.array([[0.0, 5.0], [1.0, 0.0]])
    assert mean_cost([0, 0, 1, 1], [0, 1, 0, 1], costs) == 1.5
    assert np.isnan(mean_cost([], [], costs))


def test_unequal_lists_are_refused():
    with pytest.raises(ValueError, match="expected equal sizes"):
        recall_at_load([1, 0], [0.5], 0.5)
    with pytest.raises(ValueError, match="expected two equal lists"):
        quadratic_weighted_kappa([1], [1, 0], 2)
