"""When people were there and how much they carried, read from when they really got and solved tickets.

A dispatcher knows the roster of a day; a replay has no other sign of it than the work that was done.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.routing.replay_past import PastTeam, PastTickets

__all__ = ["Habits", "habits_of"]

Float64 = NDArray[np.float64]
HOURS_A_WEEK = 168
EPOCH_HOUR = 72  # 1970-01-01 was a Thursday: three days after Monday
FEW = 20
"""Somebody with fewer signs of work is taken to work whenever anybody does."""
RARE = 0.01
"""An hour of the week with a smaller share of somebody's work, neighbours included, is out of their shift."""
LEAVE_HOURS = 96.0
"""Somebody without a sign of work for so long before and after a moment is away."""
BUSY = 0.95


@dataclass(frozen=True)
class Habits:
    """``on_duty`` bool (people, 168) by hour of the local week, ``worked`` the sorted times at which each
    person got or solved a ticket.

    ``capacity`` int64 (people,) is listed, or the load that was exceeded 5 % of the time.
    """

    on_duty: NDArray[np.bool_]
    worked: tuple[Float64, ...]
    capacity: NDArray[np.int64]
    offset_hours: float

    def available(self, hour: float) -> NDArray[np.bool_]:
        """Return who is at work at a moment, bool (people,)."""
        present = self.on_duty[:, week_hour(hour, self.offset_hours)].copy()
        for person in np.flatnonzero(present):
            times = self.worked[person]
            near = int(np.searchsorted(times, hour))
            before = hour - times[near - 1] if near else np.inf
            after = times[near] - hour if near < len(times) else np.inf
            present[person] = min(before, after) <= LEAVE_HOURS
        return present


def habits_of(past: PastTickets, team: PastTeam, offset_hours: float) -> Habits:
    """Return the habits of everybody; ``offset_hours`` is the local time's distance from UTC."""
    people = len(team.ids)
    times, who = np.concatenate([past.settled, past.resolved]), np.tile(past.person, 2)
    order = np.lexsort((times, who))
    cuts = np.searchsorted(who[order], np.arange(1, people))
    worked = tuple(np.split(times[order], cuts)) if people else ()
    return Habits(_shifts(worked, offset_hours), worked, _capacity(past, team), offset_hours)


def week_hour(hour: Any, offset_hours: float) -> Any:
    """Return the hour of the local week, 0 on Monday at midnight.

    >>> int(week_hour(0.0, 0.0)), int(week_hour(0.0, 8.0))
    (72, 80)
    """
    return (np.floor(np.asarray(hour) + offset_hours).astype(np.int64) + EPOCH_HOUR) % HOURS_A_WEEK


def _shifts(worked: tuple[Float64, ...], offset_hours: float) -> NDArray[np.bool_]:
    counts = np.array([np.bincount(week_hour(times, offset_hours), minlength=HOURS_A_WEEK) for times in worked])
    counts = counts.reshape(-1, HOURS_A_WEEK) + 0.0
    everybody = _worked(counts.sum(axis=0, keepdims=True))
    return np.where(counts.sum(axis=1, keepdims=True) >= FEW, _worked(counts), everybody)


def _worked(counts: Float64) -> NDArray[np.bool_]:
    """Return the hours whose share, their neighbours' of the same week included, is not rare."""
    near = counts + np.roll(counts, 1, axis=1) + np.roll(counts, -1, axis=1)
    return np.asarray(near >= np.maximum(RARE * counts.sum(axis=1, keepdims=True), 1e-9), dtype=bool)


def _capacity(past: PastTickets, team: PastTeam) -> NDArray[np.int64]:
    found = np.ones(len(team.ids), dtype=np.int64)
    for person in range(len(team.ids)):
        mine = past.person == person
        starts, ends = np.sort(past.settled[mine]), np.sort(past.resolved[mine])
        load = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="right")
        found[person] = max(1, int(np.ceil(np.quantile(load, BUSY)))) if len(load) else 1
    return np.where(np.isnan(team.capacity), found, np.nan_to_num(team.capacity)).astype(np.int64)
