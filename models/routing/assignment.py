"""Who takes which ticket of a queue: a whole assignment that respects capacities and maximises expected quality.

Urgent first: as many of the most urgent tickets as possible find somebody, then as many of the next, and so on; among
all assignments of that kind the one with the highest weighted quality is chosen. One linear assignment over places does
both. The sets of tickets that can find somebody together form a matroid (Edmonds and Fulkerson, "Transversals and
matroid partition", 1965), in which a heaviest set is best level by level whatever the weights, as long as they fall
with the level; so a level's weight need only outweigh all quality there is.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["BALANCE", "Method", "Queue", "Team", "assign"]

Method = Literal["solver", "greedy"]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

BALANCE = 0.05
"""How much more probable a person must be than one without any work, to be chosen with all places taken but one."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The tickets: ``urgency`` int64 (tickets,), 0 is the most urgent; ``weight`` float64 (tickets,), above 0.

    Of equally urgent tickets the heavier come first (VIP), and a ticket's quality counts by its weight.
    """

    urgency: Int64
    weight: Float64

    def levels(self) -> Int64:
        """Return each ticket's level, 0 for those that come first.

        >>> Queue(np.array([1, 0, 1]), np.array([1.0, 1.0, 2.0])).levels().tolist()
        [2, 0, 1]
        """
        keys = np.column_stack([self.urgency.astype(np.float64), -self.weight])
        return np.asarray(np.unique(keys, axis=0, return_inverse=True)[1], dtype=np.int64).reshape(-1)


@dataclass(frozen=True, slots=True)
class Team:
    """The people: ``open_tickets`` and ``capacity`` int64 (people,); nobody gets more than their difference."""

    open_tickets: Int64
    capacity: Int64

    @property
    def room(self) -> Int64:
        """How many more tickets each can take; never below 0."""
        return np.asarray(np.maximum(self.capacity - self.open_tickets, 0), dtype=np.int64)


def assign(
    quality: Float64, allowed: NDArray[np.bool_], queue: Queue, team: Team, *, method: Method = "solver",
    balance: float = BALANCE,
) -> Int64:
    """Return the person of each ticket as int64 (tickets,), -1 for those that find nobody.

    ``quality`` is float64 (tickets, people) from 0 to 1, where ``allowed`` says that a person may take a ticket at
    all. Equal quality is spread by load: a person whose share of taken places is 1 needs ``balance`` more than one
    without work. ``greedy`` takes the tickets in their order of urgency, weight and arrival and gives each the best
    person that is left. Raises ``ValueError`` for shapes that do not fit and numbers out of range.

    >>> one_place = Team(np.array([0]), np.array([1]))
    >>> later_but_urgent = Queue(np.array([1, 0]), np.ones(2))
    >>> assign(np.array([[0.9], [0.1]]), np.ones((2, 1), dtype=bool), later_but_urgent, one_place).tolist()
    [-1, 0]
    """
    _check(quality, allowed, queue, team, method)
    if not allowed.any():
        return np.full(len(quality), -1, dtype=np.int64)
    if method == "greedy":
        return _greedy(quality, allowed, queue, team, balance)
    return _solved(quality, allowed, queue, team, balance)


def _greedy(
    quality: Float64, allowed: NDArray[np.bool_], queue: Queue, team: Team, balance: float
) -> Int64:
    found = np.full(len(quality), -1, dtype=np.int64)
    taken, room = team.open_tickets.astype(np.float64), team.room.copy()
    scale = np.maximum(team.capacity, 1)
    for ticket in np.argsort(queue.levels(), kind="stable"):
        worth = np.where(allowed[ticket] & (room > 0), quality[ticket] - balance * taken / scale, -np.inf)
        best = int(np.argmax(worth))
        if np.isfinite(worth[best]):
            found[ticket] = best
            taken[best] += 1
            room[best] -= 1
    return found


def _solved(
    quality: Float64, allowed: NDArray[np.bool_], queue: Queue, team: Team, balance: float
) -> Int64:
    """Offer each person a few places, and more to those who filled them, until an optimum leaves places free.

    Later places of a person are worth less than earlier ones, so an optimum in which somebody has a free place
    left does not change if they are offered more.
    """
    tickets, people = quality.shape
    wanted = np.minimum(team.room, allowed.sum(axis=0))
    offered = np.minimum(wanted, 2 * tickets // people + 1)
    while True:
        found = _matched(quality, allowed, queue, team, balance, offered)
        full = (np.bincount(found[found >= 0], minlength=people) >= offered) & (offered < wanted)
        if not full.any():
            return found
        offered = np.where(full, np.minimum(4 * offered, wanted), offered)


def _matched(
    quality: Float64, allowed: NDArray[np.bool_], queue: Queue, team: Team, balance: float, offered: Int64
) -> Int64:
    """Return the best assignment to the offered places; a pair that is not allowed is worth nothing."""
    from scipy.optimize import linear_sum_assignment

    owner = np.repeat(np.arange(len(offered)), offered)
    order = np.arange(len(owner)) - np.repeat(np.cumsum(offered) - offered, offered)
    load = (team.open_tickets[owner] + order) / np.maximum(team.capacity[owner], 1)
    weight = queue.weight / queue.weight.max()
    base = (1 + balance) * weight.sum() + 1
    levels = queue.levels()
    worth = (levels.max() + 1 - levels)[:, None] * base + weight[:, None] * (quality[:, owner] - balance * load)
    worth[~allowed[:, owner]] = 0.0
    rows, columns = linear_sum_assignment(worth, maximize=True)
    found = np.full(len(quality), -1, dtype=np.int64)
    real = worth[rows, columns] > 0
    found[rows[real]] = owner[columns[real]]
    return found


def _check(quality: Float64, allowed: NDArray[np.bool_], queue: Queue, team: Team, method: str) -> None:
    shape = len(queue.urgency), len(team.capacity)
    if quality.shape != shape or allowed.shape != shape:
        raise ValueError(f"got quality {quality.shape} and allowed {allowed.shape}, expected {shape} (tickets, "
                              "people)")
    if not ((quality >= 0) & (quality <= 1)).all():
        raise ValueError("got a quality below 0, above 1 or not a number, expected probabilities")
    if not (np.isfinite(queue.weight) & (queue.weight > 0)).all():
        raise ValueError("got a weight that is not above 0, expected positive numbers")
    if (team.capacity < 0).any() or (team.open_tickets < 0).any():
        raise ValueError("got a negative capacity or number of open tickets, expected whole numbers from 0")
    if method not in get_args(Method):
        raise ValueError(f"got the method {method!r}, expected {' or '.join(get_args(Method))}")
