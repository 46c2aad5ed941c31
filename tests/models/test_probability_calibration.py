"""Calibrations against scikit-learn, written out and read again."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from fenzhen.errors import ArtefactError
from fenzhen.metrics import expected_calibration_error
from models.probability_calibration import ProbabilityCalibration, fit_probability_calibration, fit_smooth_calibration


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    score = random.normal(size=8000) * 2
    return score, (random.random(8000) < 1 / (1 + np.exp(-(0.5 * score - 1)))).astype(float)


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_probabilities_are_right_never_fall_and_survive_json(rows, kind):
    fitted = fit_probability_calibration(*rows, kind=kind)
    again = ProbabilityCalibration.from_facts(fitted.facts())
    scores = np.linspace(-20, 20, 500)
    found = again.probabilities(scores)
    assert np.array_equal(found, fitted.probabilities(scores))
    assert (np.diff(found) >= 0).all()
    assert 0 < found.min() < found.max() < 1
    assert expected_calibration_error(fitted.probabilities(rows[0]), rows[1]) < 0.02


def test_platt_finds_slope_and_shift(rows):
    assert fit_probability_calibration(*rows, kind="platt").x == pytest.approx([0.5, -1.0], abs=0.06)


def test_isotonic_stays_near_the_step_function_of_scikit_learn(rows):
    theirs = IsotonicRegression(out_of_bounds="clip").fit(*rows).predict(rows[0])
    ours = fit_probability_calibration(*rows, kind="isotonic").probabilities(rows[0])
    assert np.abs(ours - theirs).mean() < 0.02


def test_few_rows_get_the_sigmoid_and_many_the_step_function(rows):
    assert fit_probability_calibration(rows[0][:500], rows[1][:500]).kind == "platt"
    assert fit_probability_calibration(*rows).kind == "isotonic"


def test_a_weight_counts_like_as_many_rows(rows):
    score, outcome = rows[0][:300], rows[1][:300]
    weights = np.arange(300) % 3 + 1.0
    repeated = fit_probability_calibration(np.repeat(score, weights.astype(int)), np.repeat(outcome,
                                           weights.astype(int)), kind="platt")
    assert fit_probability_calibration(score, outcome, "platt", weights).x == pytest.approx(repeated.x, abs=1e-4)


def test_one_outcome_only_is_never_certain():
    found = fit_probability_calibration(np.zeros(20), np.ones(20)).probabilities([0.0])[0]
    assert 0.9 < found < 1


@pytest.mark.parametrize("facts", [
    {"kind": "isotonic", "x": [0.0, 0.0], "y": [0.1, 0.2]}, {"kind": "isotonic", "x": [0.0, 1.0], "y": [0.3, 0.2]},
    {"kind": "isotonic", "x": [0.0], "y": [1.0]}, {"kind": "platt", "x": [float("nan"), 0.0], "y": []},
    {"kind": "spline", "x": [1.0], "y": [0.5]},
])
def test_forged_calibrations_are_refused(facts):
    with pytest.raises(ArtefactError, match="calibration"):
        ProbabilityCalibration.from_facts(facts)


def test_the_smooth_curve_rises_everywhere_and_keeps_the_order(rows):
    fitted = ProbabilityCalibration.from_facts(fit_smooth_calibration(*rows).facts())
    found = fitted.probabilities(np.sort(np.unique(rows[0])))
    assert (np.diff(found) > 0).all()
    assert expected_calibration_error(fitted.probabilities(rows[0]), rows[1]) < 0.02
