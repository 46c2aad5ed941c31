"""Probabilities that mean what they say."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special

from fenzhen.errors import ArtefactError
from fenzhen.metrics import expected_calibration_error
from models.calibration import Calibrator, calibration_loss, fit_calibrator, softmax
from models.text.scorer import TextLabelScorer
from tests.models.made_up import SEGMENTER, simulated


def drawn(rows: int, scale: float, shift: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and classes drawn from the probabilities that scale and shift make of them."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 1, (rows, len(shift)))
    chances = scipy.special.softmax(scale * scores + shift, axis=1)
    return scores, np.array([random.choice(len(shift), p=row) for row in chances])


def test_probabilities_are_the_softmax_of_scaled_and_shifted_scores(scorer: TextLabelScorer) -> None:
    tickets = simulated(2_000, 5)
    from features.text.ticket_text import text_batch

    scores = scorer.linear.scores(text_batch(tickets.subjects, tickets.bodies, SEGMENTER))
    expected = scipy.special.softmax(scorer.calibrator.scale * scores + scorer.calibrator.shift, axis=1)
    found, _ = scorer.probabilities(tickets.subjects, tickets.bodies)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-12)


def test_softmax_survives_huge_numbers() -> None:
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0], [-1e4, -1e4]])), [[1, 0], [0.5, 0.5]])


def test_the_gradient_is_that_of_the_loss() -> None:
    random = np.random.default_rng(0)
    scores, shares = random.normal(0, 1, (40, 4)), random.dirichlet(np.ones(4), 40)
    for _ in range(5):
        at = random.normal(0, 1, 5)
        numeric = scipy.optimize.approx_fprime(at, lambda each: calibration_loss(each, scores, shares)[0], 1e-7)
        np.testing.assert_allclose(calibration_loss(at, scores, shares)[1], numeric, rtol=1e-4, atol=1e-4)


def test_scale_and_shifts_are_found_again() -> None:
    shift = np.array([0.8, -0.5, -0.3])
    found = fit_calibrator(*drawn(8_000, 2.5, shift, seed=1))
    assert found.scale == pytest.approx(2.5, rel=0.05)
    np.testing.assert_allclose(found.shift - found.shift.mean(), shift - shift.mean(), atol=0.1)


@pytest.mark.parametrize("scale", [0.3, 1.0, 6.0])
def test_new_rows_are_calibrated(scale: float) -> None:
    shift = np.array([0.5, 0.0, 0.0, -1.0])
    calibrator = fit_calibrator(*drawn(3_000, scale, shift, seed=2))
    scores, targets = drawn(5_000, scale, shift, seed=3)
    probabilities = calibrator.probabilities(scores)
    correct = probabilities.argmax(axis=1) == targets
    assert expected_calibration_error(probabilities.max(axis=1), correct) < 0.03


def test_new_tickets_are_calibrated(scorer: TextLabelScorer) -> None:
    tickets = simulated(2_000, 5)
    probabilities, _ = scorer.probabilities(tickets.subjects, tickets.bodies)
    correct = np.array(scorer.classes, dtype=object)[probabilities.argmax(axis=1)] == tickets.labels
    assert expected_calibration_error(probabilities.max(axis=1), correct) < 0.04


def test_few_rows_without_a_mistake_are_no_certainty() -> None:
    targets = np.arange(30) % 3
    surest = fit_calibrator(np.eye(3)[targets] * 2 - 1, targets).probabilities(np.array([[1.0, -1.0, -1.0]])).max()
    assert 0.9 < surest < 0.99


def test_no_rows_leave_the_shifts_at_zero() -> None:
    found = fit_calibrator(np.zeros((0, 3)), np.zeros(0, dtype=np.int64))
    assert found.shift.tolist() == [0, 0, 0]
    assert found.scale == pytest.approx(3)


def test_facts_lead_back() -> None:
    found = Calibrator.from_facts(Calibrator(2.0, np.array([0.1, -0.1])).facts(), 2)
    assert (found.scale, found.shift.tolist()) == (2.0, [0.1, -0.1])


@pytest.mark.parametrize("facts", [
    {"scale": float("nan"), "shift": [0, 0]}, {"scale": 1, "shift": [0]}, {"scale": 1, "shift": [0, float("inf")]},
    {"scale": 1, "shift": [[0, 0]]},
])
def test_facts_that_do_not_fit_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ArtefactError, match="expected a finite scale and 2 shifts"):
        Calibrator.from_facts(facts, 2)
