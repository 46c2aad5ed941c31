"""Levels: sized to capacity, steady between scorings."""

import numpy as np
import pytest

from models.churn.levels import SLACK, level_limits, risk_levels


def test_about_as_many_are_high_as_can_be_looked_after():
    levels = risk_levels(np.random.default_rng(0).random(1000), 50)
    assert [(levels == level).sum() for level in ("high", "medium", "low")] == [50, 100, 850]


def test_small_movements_do_not_change_levels_and_sizes_stay_near_capacity():
    random = np.random.default_rng(1)
    scores = random.normal(size=2000)
    steady = jumpy = 0
    levels = free = risk_levels(scores, 200)
    for _ in range(10):
        scores = scores + random.normal(0, 0.03, 2000)
        following, alone = risk_levels(scores, 200, levels.tolist()), risk_levels(scores, 200)
        steady, jumpy = steady + (following != levels).sum(), jumpy + (alone != free).sum()
        levels, free = following, alone
        assert abs((levels == "high").sum() - 200) <= 200 * SLACK
    assert steady < jumpy / 2


def test_who_was_never_scored_enters_by_rank_alone():
    assert risk_levels([3.0, 2.0, 1.0], 1, [None, "high", None]).tolist() == ["high", "medium", "medium"]


def test_a_capacity_of_one_can_change_hands():
    assert risk_levels([2.0, 1.0], 1, ["low", "high"]).tolist() == ["high", "medium"]


def test_levels_before_must_be_one_a_row():
    with pytest.raises(ValueError, match="1 levels"):
        risk_levels([1.0, 2.0], 1, ["high"])


def test_limits_hold_as_many_rows_as_wanted():
    probabilities = np.random.default_rng(2).random(500)
    limits = level_limits(probabilities, 0.1)
    assert (probabilities >= limits["high"]).sum() == 50
    assert (probabilities >= limits["medium"]).sum() == 150
