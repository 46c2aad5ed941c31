"""What a candidate's past says about a ticket, as numbers that mean the same for everybody: features, not identities.

Both paths end here: the online state (``features.routing.assignee_history``) and the vectorised one that training uses
(``features.routing.assignee_as_of``) count, and this module turns counts into features.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.routing.fields import FieldValues

__all__ = [
    "BY_KEY", "DAMPING", "HALF_LIVES", "OPEN", "PROFILE", "RECENT", "SHARES", "SOLVED", "Counts", "HistoryKey",
    "history_names", "history_prior", "history_width", "write_history",
]

Float64 = NDArray[np.float64]

_BETWEEN = "\x1f"
_DAY = 86_400.0
HALF_LIVES = (3 * _DAY, 14 * _DAY)
"""Seconds after which being given a ticket counts half: fresh, and recent."""
SHARES = ("fresh", "recent", "solved")
"""Rows of the counts by key: given lately, given in the last weeks, and solved ever."""
BY_KEY = (*SHARES, "latest")
"""What the trees see of each key: the shares, and that of the fresh counts undamped, which tells who came last however
long ago that was."""
RECENT, SOLVED = 1, 2
DAMPING = 1.0
"""Added to totals: as if one more ticket of the kind had gone to somebody else."""
_LONG_AGO = 365 * _DAY
_VANISHING = 1e-200

PROFILE = ("open", "touches", "passes", "solves", "log_hours", "reopens", "csat", "csat_answers", "first_touch",
           "last_touch", "last_solve")
"""Rows of what is counted of a candidate whatever the ticket; times in seconds, NaN where there is none."""
OPEN = PROFILE.index("open")
_FROM_PROFILE = ("open_tickets", "hours_since_assigned", "hours_since_solved", "days_known", "passed_on_rate",
                 "resolution_log_hours_mean", "reopen_rate", "csat_mean")


@dataclass(frozen=True)
class HistoryKey:
    """A field, or a cross of fields, in which tickets are alike.

    >>> HistoryKey(("site", "category")).name
    'site*category'
    """

    fields: tuple[str, ...]

    @cached_property
    def name(self) -> str:
        """The fields, joined."""
        return "*".join(self.fields)

    def of(self, values: FieldValues) -> str:
        """Return a ticket's value of the key."""
        if len(self.fields) == 1:
            return values[self.fields[0]]
        return _BETWEEN.join([values[field] for field in self.fields])

    def parts(self, value: str) -> tuple[str, ...]:
        """Return the fields' values that a value of the key was made of, one a field whatever characters they hold.

        >>> HistoryKey(("site", "category")).parts(HistoryKey(("site", "category")).of({"site": "a", "category": ""}))
        ('a', '')
        """
        return tuple(value.split(_BETWEEN, len(self.fields) - 1))

    def of_columns(self, values: Mapping[str, NDArray[np.object_]]) -> NDArray[np.object_]:
        """Return the same of many tickets."""
        rows = zip(*(values[field] for field in self.fields), strict=True)
        return np.array([_BETWEEN.join(row) for row in rows], dtype=object)


@dataclass(frozen=True, eq=False)
class Counts:
    """What was counted for ``n`` pairs of ticket and candidate, before the ticket was filed (``at``, seconds).

    ``own`` and ``total`` are float64 (keys, len(SHARES), n): of the candidate and of everybody; ``total`` may be of one
    ticket, (keys, len(SHARES), 1). ``profile`` is float64 (len(PROFILE), n).
    """

    own: Float64
    total: Float64
    profile: Float64
    at: Float64

    @cached_property
    def shares(self) -> Float64:
        """The candidate's share of the tickets of each key, damped, float64 (keys, len(SHARES), n)."""
        found: Float64 = self.own / (self.total + DAMPING)
        return found

    def take(self, pairs: NDArray[np.int64]) -> "Counts":
        """Return the pairs at these positions."""
        total = self.total if self.total.shape[2] == 1 else self.total[:, :, pairs]
        return Counts(self.own[:, :, pairs], total, self.profile[:, pairs], self.at[pairs])


def history_names(keys: Sequence[HistoryKey]) -> tuple[str, ...]:
    """Return the names of the features, in order.

    >>> history_names([HistoryKey(("site",))])[:3]
    ('site_share_fresh', 'site_share_recent', 'site_share_solved')
    """
    return (*(f"{key.name}_share_{share}" for key in keys for share in BY_KEY), *_FROM_PROFILE)


def history_width(keys: int) -> int:
    """Return how many features there are of so many keys.

    >>> history_width(1) == len(history_names([HistoryKey(("site",))]))
    True
    """
    return len(BY_KEY) * keys + len(_FROM_PROFILE)


def write_history(counts: Counts, features: Float64) -> None:
    """Write the features, a row each, into float64 (len(history_names), n) that lies in one piece.

    NaN where nothing is known of a candidate.
    """
    keys, _, pairs = counts.own.shape
    by_key = features[:len(BY_KEY) * keys].reshape(keys, len(BY_KEY), pairs)
    by_key[:, :-1] = counts.shares
    by_key[:, -1:] = _latest(counts)
    _write_profile(counts, features[len(BY_KEY) * keys:])


def history_prior(counts: Counts) -> Float64:
    """Return the sum of the recent and the solved shares over the keys, float64 (n,): who is worth a closer look."""
    found: Float64 = np.add.reduce(counts.shares[:, RECENT:], axis=(0, 1))
    return found


def _latest(counts: Counts) -> Float64:
    """Return each candidate's undamped share of the fresh counts, float64 (keys, 1, n); 0 where there were none."""
    own, total = counts.own[:, :1], counts.total[:, :1]
    return np.divide(own, total, out=np.zeros(own.shape), where=total > _VANISHING)


def _write_profile(counts: Counts, features: Float64) -> None:
    """Write ``_FROM_PROFILE``: alike features in one go, for calls on a handful of numbers cost more than these do."""
    profile, told = counts.profile, counts.profile[_TOLD]
    features[_LOAD] = profile[OPEN]
    features[_HOURS_SINCE] = _hours_since(counts.at, profile[_LAST])
    features[_DAYS_KNOWN] = np.minimum(counts.at - profile[_FIRST_TOUCH], _LONG_AGO) / _DAY
    np.divide(profile[_HAPPENED], profile[_OUT_OF] + 1, out=features[_RATES])
    features[_MEANS] = np.where(told > 0, profile[_SUMS] / np.maximum(told, 1), np.nan)


def _hours_since(now: Float64, then: Float64) -> Float64:
    """Return the log of hours, NaN where there was nothing."""
    found: Float64 = np.log1p(np.minimum(np.maximum(now - then, 0), _LONG_AGO) / 3600)
    return found


def _rows(names: Sequence[str], first: str, second: str) -> slice:
    """Return the slice of just two rows: it gives a view, where a list of numbers would copy."""
    start, last = names.index(first), names.index(second)
    return slice(start, last + 1, last - start)


_FIRST_TOUCH = PROFILE.index("first_touch")
_LAST = _rows(PROFILE, "last_touch", "last_solve")
_HAPPENED, _OUT_OF = _rows(PROFILE, "passes", "reopens"), _rows(PROFILE, "touches", "solves")
_SUMS, _TOLD = _rows(PROFILE, "log_hours", "csat"), _rows(PROFILE, "solves", "csat_answers")
_LOAD, _DAYS_KNOWN = _FROM_PROFILE.index("open_tickets"), _FROM_PROFILE.index("days_known")
_HOURS_SINCE = _rows(_FROM_PROFILE, "hours_since_assigned", "hours_since_solved")
_RATES = _rows(_FROM_PROFILE, "passed_on_rate", "reopen_rate")
_MEANS = _rows(_FROM_PROFILE, "resolution_log_hours_mean", "csat_mean")
