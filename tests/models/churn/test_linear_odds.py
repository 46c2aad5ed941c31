"""The written-out regression against scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fenzhen.errors import ArtefactError
from models.churn.linear_odds import LinearOdds, fit_linear_odds


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    matrix = np.column_stack([random.normal(size=800), random.exponential(5, 800), np.ones(800)])
    return matrix, (random.random(800) < 1 / (1 + np.exp(-matrix[:, 0]))).astype(float)


def test_scores_agree_with_scikit_learn(rows):
    matrix, outcome = rows
    ours = fit_linear_odds(matrix, outcome, [0, 1, 2], 1.0)
    logs = np.sign(matrix[:, :2]) * np.log1p(np.abs(matrix[:, :2]))
    standard = np.clip((logs - logs.mean(axis=0)) / logs.std(axis=0), -4, 4)
    theirs = LogisticRegression(C=1.0, max_iter=1000).fit(standard, outcome)
    assert ours.scores(matrix) == pytest.approx(theirs.decision_function(standard), abs=1e-6)


def test_constant_columns_are_left_out_and_terms_add_up(rows):
    matrix, outcome = rows
    fitted = LinearOdds.from_facts(fit_linear_odds(matrix, outcome, [0, 1, 2], 1.0).facts(), 3)
    assert fitted.columns.tolist() == [0, 1]
    grouped = fitted.contributions(matrix, [0, 1, 1], 2)
    assert fitted.intercept + grouped.sum(axis=1) == pytest.approx(fitted.scores(matrix))


def test_a_missing_value_counts_as_the_mean(rows):
    matrix, outcome = rows
    fitted = fit_linear_odds(matrix, outcome, [0], 1.0)
    assert fitted.scores(np.full((1, 3), np.nan))[0] == pytest.approx(fitted.intercept)


def test_without_a_column_that_varies_there_is_the_base_rate():
    fitted = fit_linear_odds(np.ones((100, 1)), np.repeat([0.0, 1.0], [80, 20]), [0], 1.0)
    assert 1 / (1 + np.exp(-fitted.scores(np.ones((1, 1)))[0])) == pytest.approx(0.2, abs=0.01)


def test_weights_that_do_not_fit_the_matrix_are_refused(rows):
    facts = fit_linear_odds(*rows, [0, 1], 1.0).facts()
    with pytest.raises(ArtefactError, match="matrix of 1"):
        LinearOdds.from_facts(facts, 1)
