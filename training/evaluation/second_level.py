"""How good the second level of a label is, on rows that nothing was fitted on."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.decision import SURE_SECOND
from models.text.examples import Examples

__all__ = ["Below", "SecondLevelScore", "second_level_score", "values_below"]

Below = tuple[NDArray[np.object_], NDArray[np.float64]]
"""A value below each row's predicted first level (None where none is known), and its probability (0 for none)."""


@dataclass(frozen=True, slots=True)
class SecondLevelScore:
    """Numbers over the ``rows`` that carry a second label.

    ``accuracy`` is the share of right values below a first level that is right; ``path_accuracy`` the share of rows
    in which both are right; ``answered`` the share in which the second level is sure enough to be told, and
    ``answered_precision`` the share of those in which both are right. NaN where there is nothing to take a share of.
    """

    rows: int
    accuracy: float
    path_accuracy: float
    answered: float
    answered_precision: float

    def metrics(self) -> dict[str, float]:
        """Return the numbers with names for MLflow."""
        return {f"second_level_{name}": float(value) for name, value in asdict(self).items()}


def values_below(scorer: Any, examples: Examples, predicted: NDArray[np.object_]) -> Below | None:
    """Return what the scorer says below the first level that it predicts; None for a scorer of one level."""
    if scorer.second is None:
        return None
    found = scorer.second_levels(
        examples.subjects, examples.bodies, predicted.tolist(), segmented=examples.segmented)
    values = np.array([each and each[0] for each in found] + [None], dtype=object)[:-1]
    return values, np.array([each[1] if each else 0.0 for each in found])


def second_level_score(
    examples: Examples, predicted: NDArray[np.object_], below: Below,
) -> SecondLevelScore | None:
    """Return how right ``below`` is; None where no row carries a second label."""
    told = np.array([second is not None for second in examples.second], dtype=bool)
    if not told.any():
        return None
    first = (predicted == examples.labels)[told]
    both = first & (below[0] == examples.second)[told]
    answered = below[1][told] >= SURE_SECOND
    return SecondLevelScore(
        rows=int(told.sum()), accuracy=_share(both, first), path_accuracy=_share(both, np.ones_like(both)),
        answered=_share(answered, np.ones_like(both)), answered_precision=_share(both, answered),
    )


def _share(hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(hits[among].mean()) if among.any() else float("nan")
