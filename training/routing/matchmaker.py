"""Who knows how well people suit a ticket while a past period is replayed."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Matchmaker"]


class Matchmaker(Protocol):
    """Knows tickets and people by position; what happened at or after its moment it must not know."""

    def advance(self, now: float) -> None:
        """Take in what really happened before a moment, hours since 1970; moments never go back."""

    def quality(self, row: int, now: float) -> NDArray[np.float64]:
        """Return how probable each person is to be the one who solves a ticket, float64 (people,) from 0 to 1."""

    def skilled(self, row: int) -> NDArray[np.bool_]:
        """Return who has shown the skill for a ticket's topic, bool (people,)."""
