"""Labelled tickets as a model learns from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Examples"]

Objects = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Examples:
    """Tickets with a known label, one entry a row in every array.

    ``subjects`` and ``bodies`` hold text or None; ``labels`` text; ``second`` the label below it or None (all None
    without a second level). ``created_at`` and ``resolved_at`` are datetime64[us, UTC] Series, or None where the table
    has no times. ``slices`` are the columns by which a report breaks results down. ``left_out`` counts rows by why
    they are not here (``no_label``, ``inactive_label``, ``no_text``, ``near_duplicate``); ``merged`` maps rare classes
    to the rest class.
    """

    ids: Objects
    subjects: Objects
    bodies: Objects
    labels: Objects
    second: Objects
    created_at: pd.Series | None
    resolved_at: pd.Series | None
    slices: pd.DataFrame
    segmented: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[np.int64]) -> "Examples":
        """Return the rows at these positions, in this order."""
        return replace(
            self, ids=self.ids[rows], subjects=self.subjects[rows], bodies=self.bodies[rows], labels=self.labels[rows],
            second=self.second[rows], slices=self.slices.iloc[rows],
            created_at=None if self.created_at is None else self.created_at.iloc[rows],
            resolved_at=None if self.resolved_at is None else self.resolved_at.iloc[rows],
        )

    @property
    def texts(self) -> list[str]:
        """Subject and body of each ticket as one text."""
        return [
            f"{subject or ''} {body or ''}".strip() for subject, body in zip(self.subjects, self.bodies, strict=True)
        ]
