"""Thresholds keep the precision that was asked for, or are not given."""

import numpy as np
import pytest

from models.thresholds import TargetPrecision, learn_thresholds

CLASSES = ("甲", "乙", "丙")
PRECISION = TargetPrecision(auto=0.9, suggest=0.7)


def believable(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and classes drawn from them."""
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet([0.5] * 3, rows)
    return probabilities, np.array([random.choice(3, p=row) for row in probabilities])


def two_columns(confidence: list[float]) -> np.ndarray:
    return np.column_stack([confidence, 1 - np.array(confidence)])


@pytest.mark.parametrize("seed", range(4))
def test_the_target_is_kept_on_new_rows(seed: int) -> None:
    thresholds = learn_thresholds(*believable(3_000, seed), CLASSES, PRECISION)
    probabilities, targets = believable(20_000, seed + 100)
    best = probabilities.argmax(axis=1)
    for index, name in enumerate(CLASSES):
        for decision, target in (("auto", 0.9), ("suggest", 0.7)):
            limit = thresholds[name][decision]
            assert limit is not None
            decided = (best == index) & (probabilities[:, index] >= limit)
            assert decided.sum() > 500
            assert (targets[decided] == index).mean() > target - 0.02


def test_a_threshold_is_not_needlessly_high() -> None:
    probabilities = two_columns([0.6] * 300)
    limits = learn_thresholds(probabilities, np.zeros(300, dtype=np.int64), ("是", "否"), PRECISION)["是"]
    assert limits == {"auto": 0.6, "suggest": 0.6}


def test_too_little_evidence_gives_no_threshold() -> None:
    few = np.zeros(8, dtype=np.int64)
    assert learn_thresholds(two_columns([0.99] * 8), few, ("是", "否"), PRECISION)["是"]["auto"] is None
    nothing = learn_thresholds(np.zeros((0, 2)), few[:0], ("是", "否"), PRECISION)
    assert nothing == {"是": {"auto": None, "suggest": None}, "否": {"auto": None, "suggest": None}}


def test_a_class_predicted_rarely_is_suggested_as_all_together_and_never_applied() -> None:
    probabilities = two_columns([0.9] * 200 + [0.05] * 19)
    targets = np.array([0] * 200 + [1] * 19)
    limits = learn_thresholds(probabilities, targets, ("是", "否"), PRECISION)
    assert limits["否"] == {"auto": None, "suggest": 0.9}
    assert learn_thresholds(
        two_columns([0.9] * 200 + [0.05] * 40), np.array([0] * 200 + [1] * 40), ("是", "否"), PRECISION
    )["否"]["auto"] == 0.95


def test_a_class_that_is_mostly_wrong_is_never_decided() -> None:
    limits = learn_thresholds(two_columns([0.9] * 100), np.arange(100) % 2, ("是", "否"), PRECISION)
    assert limits["是"] == {"auto": None, "suggest": None}


def test_rows_of_equal_confidence_stand_or_fall_together() -> None:
    confidence = [0.9] * 100 + [0.8] * 100
    right_first = np.array([0] * 100 + [0] * 50 + [1] * 50)
    limits = learn_thresholds(two_columns(confidence), right_first, ("是", "否"), PRECISION)["是"]
    assert limits == {"auto": 0.9, "suggest": 0.8}


def test_rows_that_differ_beyond_six_decimals_are_equal() -> None:
    confidence = [0.80000009] * 100 + [0.80000001] * 100
    limits = learn_thresholds(two_columns(confidence), np.array([0] * 100 + [1] * 100), ("是", "否"), PRECISION)["是"]
    assert limits == {"auto": None, "suggest": None}


def test_what_may_be_applied_may_be_suggested() -> None:
    found = [limits for seed in range(5)
             for limits in learn_thresholds(*believable(200, seed), CLASSES, PRECISION).values()]
    applied = [limits for limits in found if limits["auto"] is not None]
    assert applied
    for limits in applied:
        assert limits["suggest"] is not None
        assert limits["suggest"] <= limits["auto"]
