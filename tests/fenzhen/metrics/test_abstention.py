import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fenzhen.metrics import coverage_at_precision, risk_coverage, wilson_lower

ROWS = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.7, 0.9]), st.booleans()), min_size=1, max_size=30)


@given(ROWS, st.sampled_from([0.5, 0.9, 0.95, 1.0]))
def test_coverage_equals_trying_every_threshold(rows: list[tuple[float, bool]], precision: float) -> None:
    confidence, correct = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    tried = [np.mean(confidence >= t) for t in set(confidence) if correct[confidence >= t].mean() >= precision]
    assert coverage_at_precision(confidence, correct, precision) == pytest.approx(max(tried, default=0.0))


@given(ROWS)
def test_the_curve_ends_at_all_rows_and_the_error_rate(rows: list[tuple[float, bool]]) -> None:
    curve = risk_coverage([row[0] for row in rows], [row[1] for row in rows])
    assert curve.coverage[-1] == 1.0
    assert curve.risk[-1] == pytest.approx(1 - np.mean([row[1] for row in rows]))
    assert (np.diff(curve.coverage) > 0).all()
    assert 0 <= curve.area <= 1


def test_the_order_of_equal_confidences_does_not_matter() -> None:
    assert coverage_at_precision([0.9, 0.9], [1, 0], 0.95) == coverage_at_precision([0.9, 0.9], [0, 1], 0.95) == 0.0


def test_no_rows_give_nan() -> None:
    assert np.isnan(coverage_at_precision([], [], 0.9))
    assert np.isnan(risk_coverage([], []).area)


@pytest.mark.parametrize("precision", [0.0, 1.5, -1.0])
def test_impossible_precisions_are_refused(precision: float) -> None:
    with pytest.raises(ValueError, match="expected more than 0"):
        coverage_at_precision([0.5], [1], precision)


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (3, 3), (50, 60), (999, 1000)])
def test_wilson_lower_equals_scipy(successes: int, n: int) -> None:
    expected = binomtest(successes, n).proportion_ci(0.95, method="wilson").low
    assert wilson_lower(successes, n, z=1.959963984540054) == pytest.approx(expected)


def test_wilson_refuses_more_successes_than_trials() -> None:
    with pytest.raises(ValueError, match="4 successes of 3"):
        wilson_lower(4, 3)
