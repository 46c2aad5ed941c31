"""What recent tickets alike say about a ticket's urgency: which numbers there are, and the tokens made of them.

Levels are counted from 0, the most urgent. A *fact* is that a ticket was filed, or that it was seen at a level for the
first time; it counts for each *key*, a combination of fields in which tickets are alike. Both paths end here: the
online state (``features.priority.state``) and the vectorised one (``features.priority.as_of``).
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "IDENTITIES", "LONGEST", "SECOND", "WINDOWS", "CountTokens", "Key", "key_name", "kinds_of", "level_kinds",
    "numbers_of",
]

Key = tuple[str, ...]
"""Fields; the empty one is all tickets together."""

SECOND = 1_000_000  # microseconds
_HOUR = 3600 * SECOND
_DAY = 24 * _HOUR
WINDOWS = {"2h": 2 * _HOUR, "1d": _DAY, "7d": 7 * _DAY, "30d": 30 * _DAY, "90d": 90 * _DAY}
LONGEST = max(WINDOWS.values())
IDENTITIES = frozenset({"customer_id", "device_id"})
"""Fields whose missing value is nobody: tickets without them have no history in common."""
_FILED_STEPS = (1, 3, 10)
_SEEN_STEPS = (1, 2, 4)
_SEEN_WINDOWS = ("2h", "1d", "7d", "30d")
_RATE_WINDOWS = ("7d", "90d")
_LOW_STEPS = (-1.0, -0.5)
_HIGH_STEPS = (0.1, 0.5, 1.0, 1.5, 2.0)
_RATE_STEPS = (*(f"<={step:g}" for step in _LOW_STEPS), *(f">={step:g}" for step in _HIGH_STEPS))
_LOW, _HIGH = np.array(_LOW_STEPS)[:, None], np.array(_HIGH_STEPS)[:, None]
_FIRST_RATED, _LAST_RATED = (list(WINDOWS).index(window) for window in _RATE_WINDOWS)
_RATED = slice(_FIRST_RATED, _LAST_RATED + 1, _LAST_RATED - _FIRST_RATED)  # a view, where a list of places copies
_DAMPING = 10.0


_COUNTED = re.compile(r"(?P<rate>rate_)?(?P<kind>[a-z]+\d*)_(?P<window>\d+[hd])\[(?P<key>[^]]*)](?:>=|<=)(?P<step>.+)")


def key_name(key: Key) -> str:
    """Return the fields of a key as one word.

    >>> key_name(("site", "category")), key_name(())
    ('site*category', 'all')
    """
    return "*".join(key) or "all"


def kinds_of(levels: int) -> tuple[str, ...]:
    """Return the kinds of facts that are counted: filed, seen at any level, at each of the urgent ones or above, last.

    >>> kinds_of(4)
    ('filed', 'seen', 'urgent1', 'urgent2', 'lowest')
    """
    return ("filed", "seen", *(f"urgent{number}" for number in range(1, max(levels - 1, 2))), "lowest")


def level_kinds(level: int, levels: int) -> list[int]:
    """Return the kinds that being seen at ``level`` counts for, as positions in ``kinds_of``.

    >>> level_kinds(1, 4), level_kinds(3, 4)
    ([1, 3], [1, 4])
    """
    urgent = [1 + number for number in range(1, max(levels - 1, 2)) if level < number]
    last = len(kinds_of(levels)) - 1
    return [1, *urgent, *([last] if level == levels - 1 else [])]


@dataclass(frozen=True)
class CountTokens:
    """Turns counts into tokens: a name for every step that a count or a rate reaches.

    Counts are int64 of shape (keys, kinds, windows, rows), ``keys`` beginning with ``()``. The token ``urgent1_7d
    [customer_id]>=2`` says that the customer had at least two tickets seen at the first level within seven days;
    ``rate_urgent1_7d[site]>=0.5`` that the log of its damped share lies that far above that of all tickets.
    """

    keys: tuple[Key, ...]
    levels: int

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every token, in the order of :meth:`reached`'s columns."""
        found = []
        for key in self.keys[1:]:
            found += [f"{kind}_{window}[{key_name(key)}]>={step}" for kind, window, step in self._steps]
            found += [f"rate_{kind}_{window}[{key_name(key)}]{step}" for window in _RATE_WINDOWS
                      for kind in self._rated for step in _RATE_STEPS]
        return tuple(found)

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        return kinds_of(self.levels)

    @cached_property
    def _rated(self) -> tuple[str, ...]:
        return self._kinds[2:]

    @cached_property
    def _steps(self) -> list[tuple[str, str, int]]:
        filed = [("filed", window, step) for window in WINDOWS for step in _FILED_STEPS]
        return filed + [(kind, window, step) for kind in self._rated for window in _SEEN_WINDOWS
                        for step in _SEEN_STEPS]

    def reached(self, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which tokens hold, bool of shape (rows, tokens)."""
        columns, limits = self._limits
        keys, rows, rated = len(self.keys) - 1, counts.shape[-1], len(self._rated) * len(_RATE_STEPS)
        found = np.empty((keys, len(limits) + len(_RATE_WINDOWS) * rated, rows), dtype=bool)
        flat = counts[1:].reshape(keys, counts.shape[1] * counts.shape[2], rows)
        np.greater_equal(flat.take(columns, axis=1), limits[:, None], out=found[:, :len(limits)])
        rates = self._log_odds_over_all(counts[:, :, _RATED].astype(np.float64))[1:].swapaxes(1, 2)[:, :, :, None]
        steps = found[:, len(limits):].reshape(keys, len(_RATE_WINDOWS), len(self._rated), len(_RATE_STEPS), rows)
        np.less_equal(rates, _LOW, out=steps[:, :, :, :len(_LOW)])
        np.greater_equal(rates, _HIGH, out=steps[:, :, :, len(_LOW):])
        return found.reshape(keys * found.shape[1], rows).T

    @cached_property
    def _limits(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each step the place of its kind and window among a key's counts, and the count from which it holds."""
        windows = list(WINDOWS)
        found = [(self._kinds.index(kind) * len(windows) + windows.index(window), step)
                 for kind, window, step in self._steps]
        columns, steps = np.array(found, dtype=np.int64).T
        return columns, steps

    def _log_odds_over_all(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the damped share of each rated kind lies above that of all tickets, (keys, rated, …)."""
        share = (totals[0, 2:] + 0.5) / (totals[0, 1] + 1.0)
        damped = (totals[:, 2:] + _DAMPING * share) / (totals[:, 1:2] + _DAMPING)
        over: NDArray[np.float64] = np.log(damped / share)
        return over


def numbers_of(token: str) -> dict[str, Any] | None:
    """Return what a token of a count says, for reasons; None for one of a field.

    >>> numbers_of("urgent1_7d[customer_id]>=2")
    {'kind': 'urgent1', 'days': 7.0, 'key': 'customer_id', 'at_least': 2.0}
    >>> numbers_of("rate_lowest_90d[site*category]<=-0.5")["times"]
    0.61
    >>> numbers_of("site=143") is None
    True
    """
    found = _COUNTED.fullmatch(token)
    if found is None:
        return None
    told = {"kind": found["kind"], "days": WINDOWS[found["window"]] / _DAY, "key": found["key"]}
    if found["rate"]:
        return {**told, "times": round(float(np.exp(float(found["step"]))), 2)}
    return {**told, "at_least": float(found["step"])}
