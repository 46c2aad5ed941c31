"""A score's course as a small drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from fenzhen.store import TrendPoint

__all__ = ["Sparkline", "sparkline"]

WIDTH, HEIGHT, EDGE = 100, 28, 3


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line through ``points`` (as SVG writes them) that ends at ``x``, ``y``; 0 is at the bottom, 1 at the top."""

    points: str
    x: float
    y: float


def sparkline(history: Sequence[TrendPoint]) -> Sparkline | None:
    """Return the line of a history by time; None where there is none, a short line for a single point.

    >>> from datetime import datetime, timedelta, UTC
    >>> start = datetime(2026, 11, 1, tzinfo=UTC)
    >>> found = sparkline([TrendPoint(start + timedelta(days=day), day / 10, "low") for day in (0, 5, 10)])
    >>> found.points, found.y
    ('3.0,25.0 50.0,14.0 97.0,3.0', 3.0)
    >>> sparkline([]) is None
    True
    """
    if not history:
        return None
    start, span = history[0].as_of, (history[-1].as_of - history[0].as_of).total_seconds()
    places = [
        (WIDTH - EDGE if span == 0 else EDGE + (point.as_of - start).total_seconds() / span * (WIDTH - 2 * EDGE),
         HEIGHT - EDGE - point.probability * (HEIGHT - 2 * EDGE))
        for point in history
    ]
    if len(places) == 1:
        places.insert(0, (EDGE, places[0][1]))
    return Sparkline(" ".join(f"{x:.1f},{y:.1f}" for x, y in places), round(places[-1][0], 1), round(places[-1][1], 1))
