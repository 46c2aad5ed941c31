import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from fenzhen.metrics import expected_calibration_error, reliability_table


def test_reliability_table_equals_scikit_learn() -> None:
    random = np.random.default_rng(0)
    confidence = random.random(2000)
    correct = random.random(2000) < confidence
    right, mean = calibration_curve(correct, confidence, n_bins=15)
    table = reliability_table(confidence, correct)
    np.testing.assert_allclose([row.accuracy for row in table], right)
    np.testing.assert_allclose([row.confidence for row in table], mean)


def test_a_calibrated_model_has_a_small_error_and_an_overconfident_one_a_large_one() -> None:
    random = np.random.default_rng(1)
    confidence = random.random(20_000)
    correct = random.random(20_000) < confidence
    assert expected_calibration_error(confidence, correct) < 0.02
    assert expected_calibration_error(np.sqrt(confidence), correct) > 0.1


def test_a_confidence_at_a_boundary_belongs_to_the_lower_bin() -> None:
    assert [row.count for row in reliability_table([0.0, 0.5, 0.50001, 1.0], [0, 1, 1, 1], bins=2)] == [2, 2]


def test_empty_bins_are_left_out_and_no_rows_give_nan() -> None:
    assert len(reliability_table([0.95], [1])) == 1
    assert np.isnan(expected_calibration_error([], []))


@pytest.mark.parametrize("wrong", [[1.2], [-0.1], [float("nan")]])
def test_confidences_outside_0_to_1_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 0 to 1"):
        expected_calibration_error(wrong, [1])


def test_bins_must_be_positive() -> None:
    with pytest.raises(ValueError, match="bins=0"):
        reliability_table([0.5], [1], bins=0)
