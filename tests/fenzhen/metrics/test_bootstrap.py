import numpy as np
import pytest

from fenzhen.metrics import bootstrap, macro_f1, paired_bootstrap, paired_bootstrap_macro_f1


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.integers(0, 5, 600)
    good = np.where(random.random(600) < 0.85, truth, random.integers(0, 5, 600))
    bad = np.where(random.random(600) < 0.6, truth, random.integers(0, 5, 600))
    return truth, good, bad


def test_the_estimate_is_the_plain_metric(rows) -> None:
    truth, good, bad = rows
    assert bootstrap(truth, good, None, measure="macro_f1", rounds=5).estimate == pytest.approx(macro_f1(truth, good))
    expected = macro_f1(truth, good) - macro_f1(truth, bad)
    assert paired_bootstrap_macro_f1(truth, good, bad, None, rounds=5).estimate == pytest.approx(expected)


def test_a_clearly_better_model_has_an_interval_above_0(rows) -> None:
    truth, good, bad = rows
    assert paired_bootstrap(truth == good, truth == bad, None, rounds=300).low > 0
    assert paired_bootstrap_macro_f1(truth, good, bad, None, rounds=300).low > 0
    assert paired_bootstrap_macro_f1(truth, bad, good, None, rounds=300).high < 0


def test_accuracy_interval_has_the_width_of_the_normal_one(rows) -> None:
    truth, good, _ = rows
    found = bootstrap(truth, good, None, rounds=2000)
    expected = 2 * 1.96 * np.sqrt(found.estimate * (1 - found.estimate) / truth.size)
    assert found.high - found.low == pytest.approx(expected, rel=0.1)


def test_repeating_each_row_in_its_group_does_not_narrow_the_interval(rows) -> None:
    truth, good, _ = rows
    groups = np.arange(truth.size)
    once = bootstrap(truth, good, groups, rounds=200, seed=3)
    often = bootstrap(np.repeat(truth, 4), np.repeat(good, 4), np.repeat(groups, 4), rounds=200, seed=3)
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_groups_may_be_text_and_need_no_order(rows) -> None:
    truth, good, _ = rows
    names = np.array([f"客户{i % 90}" for i in range(truth.size)], dtype=object)
    assert bootstrap(truth, good, names, rounds=50, seed=1) == bootstrap(truth, good, names, rounds=50, seed=1)


def test_the_seed_decides(rows) -> None:
    truth, good, _ = rows
    assert bootstrap(truth, good, None, rounds=50, seed=1) != bootstrap(truth, good, None, rounds=50, seed=2)


def test_no_rows_give_nan() -> None:
    assert np.isnan(bootstrap([], [], None).estimate)
    assert np.isnan(paired_bootstrap([], [], None).low)


def test_wrong_lengths_and_measures_are_refused() -> None:
    with pytest.raises(ValueError, match="expected one each"):
        bootstrap([0, 1], [0, 1], [1])
    with pytest.raises(ValueError, match="one row each"):
        paired_bootstrap([0, 1], [0], None)
    with pytest.raises(ValueError, match="'accuracy' or 'macro_f1'"):
        bootstrap([0], [0], None, measure="auc")
