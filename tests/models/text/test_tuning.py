"""One choice after the other, on held-out rows."""

from dataclasses import replace

import numpy as np

from models.text.fit_linear import LinearSettings
from models.text.tuning import best_settings

TRUTH = np.array(list("甲乙丙丁"), dtype=object)


def predict(settings: LinearSettings) -> np.ndarray:
    """Be right about more rows the nearer the settings are to a heavy opening and a strength of 0.2."""
    wrong = int(settings.lead.weight != 3.0) + int(settings.strength != 0.2)
    found = TRUTH.copy()
    found[:wrong] = "戊"
    return found


def test_the_best_of_each_choice_is_taken() -> None:
    found = best_settings(LinearSettings(), TRUTH, predict, leads=True, strengths=True)
    assert (found.lead.weight, found.strength) == (3.0, 0.2)


def test_what_is_not_chosen_stays() -> None:
    start = LinearSettings(strength=0.7)
    assert best_settings(start, TRUTH, predict, leads=False, strengths=False) == start
    assert best_settings(start, TRUTH, predict, leads=True, strengths=False).strength == 0.7
    assert best_settings(start, TRUTH, predict, leads=False, strengths=True) == replace(start, strength=0.2)


def test_of_equals_the_first_is_taken() -> None:
    found = best_settings(LinearSettings(), TRUTH, lambda _settings: TRUTH, leads=True, strengths=True)
    assert (found.lead.weight, found.strength) == (1.0, 0.1)
