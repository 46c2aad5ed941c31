"""When tickets arrive: growth over the span, weekdays, working hours."""

from datetime import date, datetime, timedelta

import numpy as np

from fenzhen.simulate.dice import Dice

__all__ = ["arrival_times", "arrivals_between", "is_sale_season", "midnight"]

WEEKDAYS = (1.28, 1.12, 1.02, 1.0, 1.04, 0.78, 0.62)
HOURS = (2, 1, 1, 1, 1, 2, 6, 18, 62, 96, 100, 74, 48, 62, 88, 90, 80, 62, 40, 32, 30, 24, 14, 6)
GROWTH = 0.25
PEAKS = (((6, 12), (6, 28), 1.25), ((11, 6), (11, 26), 1.35))


def midnight(day: date) -> datetime:
    """Return the first moment of ``day``, in local time."""
    return datetime(day.year, day.month, day.day)


def is_sale_season(day: date) -> bool:
    """Return whether ``day`` is in the weeks after one of the two big online sales.

    >>> is_sale_season(date(2026, 11, 12)), is_sale_season(date(2026, 12, 12))
    (True, False)
    """
    return any(first <= (day.month, day.day) <= last for first, last, _ in PEAKS)


def arrival_times(count: int, start: date, until: date, dice: Dice) -> list[datetime]:
    """Return ``count`` local times in ``[start, until)``, in order, to the second."""
    days = [start + timedelta(days=number) for number in range((until - start).days)]
    weights = np.array([_day_weight(day, number / len(days)) for number, day in enumerate(days)])
    drawn = dice.generator.choice(len(days), size=count, p=weights / weights.sum())
    moments = zip(drawn, _seconds(count, dice), strict=True)
    return sorted(midnight(days[day]) + timedelta(seconds=int(second)) for day, second in moments)


def arrivals_between(count: int, after: datetime, before: datetime, dice: Dice) -> list[datetime]:
    """Return ``count`` local times in ``[after, before)``, in order, mostly in working hours where there are any."""
    span = int((before - after).total_seconds())
    tries = [after + timedelta(seconds=dice.number(0, span - 1)) for _ in range(count * 8)]
    weights = np.array([HOURS[moment.hour] for moment in tries], dtype=float)
    drawn = dice.generator.choice(len(tries), size=count, replace=False, p=weights / weights.sum())
    return sorted(tries[position] for position in drawn)


def _seconds(count: int, dice: Dice) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    hours = np.array(HOURS, dtype=float)
    return dice.generator.choice(24, size=count, p=hours / hours.sum()) * 3600 + dice.generator.integers(0, 3600, count)


def _day_weight(day: date, position: float) -> float:
    peak = next((factor for first, last, factor in PEAKS if first <= (day.month, day.day) <= last), 1.0)
    return WEEKDAYS[day.weekday()] * peak * (1 + GROWTH * position)
