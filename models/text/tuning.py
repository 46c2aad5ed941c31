"""Which configuration of the linear model suits a label, found on held-out rows.

What a ticket is about stands in its opening, how the customer feels often at its end; noisy labels want a firmer hand
than clean ones. Few candidates, one choice after the other, each fitted on at most ``CHARACTERS`` of text.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fenzhen.metrics import macro_f1
from models.text.fit_linear import LinearSettings

__all__ = ["CHARACTERS", "best_settings"]

CHARACTERS = 1_000_000
"""Each candidate is fitted on rows of about so many characters at most."""
_THREADS = 2
_LEADS = (1.0, 3.0)
_STRENGTHS = (0.1, 0.2, 0.5, 1.0)

Predict = Callable[[LinearSettings], NDArray[np.object_]]


def best_settings(
    start: LinearSettings, truth: NDArray[np.object_], predict: Predict, *, leads: bool, strengths: bool,
) -> LinearSettings:
    """Return the settings of highest macro-F1 on the held-out rows; ties go to the first candidate.

    ``predict`` gives the held-out rows' labels under a configuration, ``truth`` are the right ones. The weight of the
    opening is chosen first (if ``leads``), then the strength (if ``strengths``); what is not chosen stays as in
    ``start``. No configuration is fitted twice.
    """
    best, scores = start, dict[LinearSettings, float]()
    if leads:
        candidates = [replace(best, lead=replace(best.lead, weight=weight)) for weight in _LEADS]
        best = _best(candidates, truth, predict, scores)
    if strengths:
        best = _best([replace(best, strength=strength) for strength in _STRENGTHS], truth, predict, scores)
    return best


def _best(
    candidates: list[LinearSettings], truth: NDArray[np.object_], predict: Predict, scores: dict[LinearSettings, float],
) -> LinearSettings:
    new = [each for each in candidates if each not in scores]
    with ThreadPoolExecutor(_THREADS) as pool:
        scores |= zip(new, (macro_f1(truth, predicted) for predicted in pool.map(predict, new)), strict=True)
    return max(candidates, key=scores.__getitem__)
