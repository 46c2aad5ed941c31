"""What decisions ask of a model that gives tickets a label, whatever it reads of them."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from features.text.ticket_text import Texts
from models.text.reasons import Reason
from models.thresholds import Thresholds

__all__ = ["LabelScorer"]


class LabelScorer(Protocol):
    """Answers ``field`` with one of ``classes``, each decided by its ``thresholds``.

    ``second_field`` is the field of what stands below a class in the taxonomy, empty without a second level.
    """

    @property
    def field(self) -> str: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def thresholds(self) -> Thresholds: ...

    @property
    def second_field(self) -> str: ...

    def probabilities(
        self, subjects: Texts, bodies: Texts,
    ) -> tuple[NDArray[np.float64], list[tuple[str, ...]]]:
        """Return float64 of shape (tickets, classes), rows summing to 1, and each ticket's warnings."""

    def second_level(self, subject: str | None, body: str | None, value: str) -> tuple[str, float] | None:
        """Return the likeliest value below ``value`` and its probability given ``value``; None where none is known."""

    def explain(self, subject: str | None, body: str | None, value: str) -> Sequence[Reason]:
        """Return what spoke for ``value``, the weightiest first."""
