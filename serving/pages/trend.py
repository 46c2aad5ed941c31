"""The course of a score, as the chart and its table take it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from serving.pages.amounts import day

__all__ = ["trend_rows"]


class Score(Protocol):
    """A score of the past."""

    @property
    def as_of(self) -> datetime:
        """When it was scored."""

    @property
    def probability(self) -> float:
        """How probable it was."""

    @property
    def risk_level(self) -> str:
        """How high that was."""


def trend_rows(scores: Iterable[Score], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return scores in order, with the seconds that the chart needs."""
    return [{"seconds": round(each.as_of.timestamp()), "day": day(each.as_of, zone),
             "probability": each.probability, "risk_level": each.risk_level} for each in scores]
