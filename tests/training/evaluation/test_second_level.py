"""Numbers of the second level, by hand and of a scorer."""

import numpy as np
import pytest

from tests.models.made_up import examples_of, objects, simulated, simulated_scorer
from training.evaluation.second_level import second_level_score, values_below

LABELS = ("硬件", "硬件", "网络", "网络", "软件")
SECOND = ("打印", "屏幕", "无线", "无线", None)
PREDICTED = objects(["硬件", "硬件", "网络", "硬件", "软件"])
BELOW = (objects(["打印", "打印", "无线", "无线", "办公"]), np.array([0.9, 0.9, 0.4, 0.8, 0.9]))


def test_numbers_by_hand_are_over_rows_with_a_second_label() -> None:
    found = second_level_score(examples_of(["文"] * 5, LABELS, SECOND), PREDICTED, BELOW)
    assert found is not None
    assert (found.rows, found.accuracy, found.path_accuracy) == (4, pytest.approx(2 / 3), 0.5)
    assert (found.answered, found.answered_precision) == (0.75, pytest.approx(1 / 3))
    assert set(found.metrics()) == {f"second_level_{name}" for name in
                                    ("rows", "accuracy", "path_accuracy", "answered", "answered_precision")}


def test_without_second_labels_there_is_nothing_to_say() -> None:
    assert second_level_score(examples_of(["文"] * 5, LABELS), PREDICTED, BELOW) is None


def test_a_scorer_of_two_levels_is_asked_below_what_it_predicts() -> None:
    scorer, tickets = simulated_scorer(), simulated(120, 6)
    found, _ = scorer.probabilities(tickets.subjects, tickets.bodies)
    predicted = objects([scorer.classes[best] for best in found.argmax(axis=1)])
    below = values_below(scorer, tickets, predicted)
    assert below is not None
    alone = scorer.second_level(tickets.subjects[7], tickets.bodies[7], predicted[7])
    assert (below[0][7], below[1][7]) == alone
    score = second_level_score(tickets, predicted, below)
    assert score is not None
    assert score.accuracy > 0.8
    assert score.path_accuracy <= score.accuracy
