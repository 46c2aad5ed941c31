"""Trees as data: deterministic, readable without LightGBM's help, contributions that add up and agree with Shapley."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from lightgbm.basic import LightGBMError

from fenzhen.errors import ArtefactError
from models.row_scorer import MOST_ROWS
from models.trees import Trees, TreeSettings, fit_trees

NAMES = ("天数", "订单", "无关", "缺失")


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(3000, 4))
    matrix[random.random(3000) < 0.3, 3] = np.nan
    odds = 1.5 * matrix[:, 0] - matrix[:, 1] + np.where(np.isnan(matrix[:, 3]), 1.0, 0.0) - 0.5
    return matrix, (random.random(3000) < 1 / (1 + np.exp(-odds))).astype(float)


@pytest.fixture(scope="module")
def trees(rows):
    return fit_trees(*rows, NAMES, TreeSettings(rounds=60, learning_rate=0.1), seed=3)


def test_the_same_seed_gives_the_same_text_and_a_text_the_same_scores(rows, trees):
    again = fit_trees(*rows, NAMES, TreeSettings(rounds=60, learning_rate=0.1), seed=3)
    assert again.text == trees.text
    assert np.array_equal(Trees(trees.text, NAMES).scores(rows[0]), trees.scores(rows[0]))


@pytest.mark.parametrize("size", [1, 10, MOST_ROWS, MOST_ROWS + 1])
def test_a_few_rows_are_scored_as_among_many(rows, trees, size):
    many, again = trees.scores(rows[0]), Trees(trees.text, NAMES)
    for start in (0, 100):
        few = rows[0][start:start + size]
        for matrix in (few, np.asfortranarray(few)):
            assert again.scores(matrix).tolist() == many[start:start + size].tolist()


def test_a_few_rows_are_scored_by_several_threads_as_by_one(rows, trees):
    parts = [rows[0][start:start + 5] for start in range(0, 3000, 5)]
    with ThreadPoolExecutor(4) as pool:
        found = np.concatenate(list(pool.map(trees.scores, parts)))
    assert found.tolist() == trees.scores(rows[0]).tolist()


def test_no_rows_have_no_scores_and_rows_of_other_features_are_refused(trees):
    assert trees.scores(np.zeros((0, 4))).shape == (0,)
    with pytest.raises(LightGBMError):
        trees.scores(np.zeros((2, 3)))


def test_contributions_and_base_add_up_to_the_score(rows, trees):
    matrix = rows[0]
    assert trees.base + trees.contributions(matrix).sum(axis=1) == pytest.approx(trees.scores(matrix), abs=1e-9)


def test_grouped_contributions_are_sums_of_single_ones(rows, trees):
    single, grouped = trees.contributions(rows[0]), trees.contributions(rows[0], [0, 1, 1, 0])
    assert grouped == pytest.approx(np.stack([single[:, [0, 3]].sum(1), single[:, 1:3].sum(1)], axis=1))


def test_contributions_point_where_shapley_values_point(rows, trees):
    exact = trees.booster.predict(rows[0], pred_contrib=True)[:, :-1]
    ours = trees.contributions(rows[0])
    for column in (0, 1, 3):
        assert np.corrcoef(exact[:, column], ours[:, column])[0, 1] > 0.95
    assert (exact.argmax(axis=1) == ours.argmax(axis=1)).mean() > 0.8


def test_a_tree_without_decisions_contributes_nothing():
    constant = fit_trees(np.zeros((50, 1)), np.arange(50) % 2.0, ("x",), TreeSettings(rounds=2), seed=0)
    assert constant.contributions(np.zeros((2, 1))).tolist() == [[0.0], [0.0]]
    assert constant.base == pytest.approx(constant.scores(np.zeros((1, 1)))[0])


def test_no_rows_give_no_contributions(trees):
    assert trees.contributions(np.zeros((0, 4))).shape == (0, 4)


def test_what_is_no_model_or_of_other_features_is_refused(trees):
    with pytest.raises(ArtefactError):
        _ = Trees("tree\nnonsense", NAMES).paths
    with pytest.raises(ArtefactError):
        _ = Trees(trees.text, NAMES[:2]).booster
    with pytest.raises(ValueError, match="4 features"):
        trees.contributions(np.zeros((1, 4)), [0])
