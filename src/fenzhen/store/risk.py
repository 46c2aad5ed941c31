"""The risk of one entity as a cohort model saw it in one run, and its course so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["CHANGES", "LEVELS", "RiskScore", "TrendPoint"]

LEVELS = ("low", "medium", "high")
CHANGES = ("none", "new", "rose", "fell", "reason")
"""What happened last: nothing yet, first scored, a higher or a lower level, the same level for another first reason."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A score of the past: when, how likely, which level."""

    as_of: datetime
    probability: float
    risk_level: str


@dataclass(frozen=True, slots=True)
class RiskScore:
    """One entity's risk in one run. ``component`` is "" where the model has none.

    ``change`` is what happened last (one of :data:`CHANGES`) and ``changed_at`` the ``as_of`` at which it was seen;
    ``previous_level`` and ``previous_reason`` are what held before it. ``history`` ends with this score: at most
    ``HISTORY`` points, the last of each week.
    """

    entity: str
    component: str
    probability: float
    risk_level: str
    change: str
    changed_at: datetime
    previous_level: str | None = None
    previous_reason: str | None = None
    reason: str | None = None
    name: str | None = None
    owner: str | None = None
    customer_tier: str | None = None
    region: str | None = None
    renewal_at: datetime | None = None
    value_at_risk: float | None = None
    currency: str | None = None
    history: Sequence[TrendPoint] = field(default_factory=tuple)
