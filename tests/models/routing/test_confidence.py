"""Ranking scores become probabilities that hold."""

import numpy as np
import pytest

from fenzhen.errors import ArtefactError
from models.routing.confidence import ANYBODY, RankConfidence, fit_rank_confidence, rank_thresholds
from models.thresholds import TargetPrecision


def drawn(rows=4000, seed=0):
    random = np.random.default_rng(seed)
    scores = random.normal(size=(rows, 5))
    true = RankConfidence(1.7, 0.4).probabilities(scores)
    place = (random.random(rows)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    return scores, np.where(place == 5, -1, place)


def test_the_true_scale_and_the_share_of_nobody_are_found():
    found = fit_rank_confidence(*drawn())
    assert found.scale == pytest.approx(1.7, abs=0.1)
    assert found.nobody == pytest.approx(0.4, abs=0.15)


def test_probabilities_leave_room_for_nobody_and_none_for_who_is_excluded():
    found = RankConfidence(1.0, 0.0).probabilities(np.array([[0.0, -np.inf], [-np.inf, -np.inf]]))
    np.testing.assert_allclose(found, [[0.5, 0.0], [0.0, 0.0]])
    assert RankConfidence().probabilities(np.zeros((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("scores", [[], [2.0], [-np.inf, 0.3, -4.0], [700.0, -700.0, 699.0]])
def test_a_single_ticket_gets_what_many_get(scores):
    confidence = RankConfidence(1.7, 0.4)
    among_many = confidence.probabilities(np.array([scores]))[0]
    np.testing.assert_allclose(confidence.of_ticket(scores), among_many, atol=1e-12)


def test_without_tickets_nothing_is_learnt():
    assert fit_rank_confidence(np.zeros((0, 3)), np.zeros(0, dtype=np.int64)) == RankConfidence()


@pytest.mark.parametrize("facts", [{"scale": 0, "nobody": 1}, {"scale": float("nan"), "nobody": 1}])
def test_strange_facts_are_refused(facts):
    with pytest.raises(ArtefactError, match="expected a positive scale"):
        RankConfidence.from_facts(facts)


def test_thresholds_keep_precision_for_all_and_for_who_came_first_often():
    confidence = np.linspace(0.01, 0.99, 400)
    values = np.array(["often"] * 390 + ["seldom"] * 10, dtype=object)
    found = rank_thresholds(values, confidence, confidence > 0.5, TargetPrecision(0.95, 0.5))
    assert set(found) == {ANYBODY, "often"}
    assert 0.4 < found[ANYBODY]["auto"] < 0.6
