"""A past period once more under another policy: who gets each ticket, how often it moves, how long it waits.

What is taken from the past: when tickets came, who solved them and how long that took once they had it, who was at
work. What the policy decides: who gets a ticket; a customer's fixed person or group goes before it while somebody of
those is there and has room, as in the service. A person *fits* a ticket if they belong to the group that really
solved it (where no group is known: if they solved it, or have solved some of its topic). Who does not fit hands it on
after the time a move really took, and then somebody who fits gets it.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.routing.assignment import BALANCE, Method, Queue, Team, assign
from training.routing.matchmaker import Matchmaker
from training.routing.replay_past import PastTeam, PastTickets
from training.routing.team_habits import Habits

__all__ = ["ReplayPolicy", "Replayed", "move_hours", "replay"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
DRAIN_HOURS = 24.0 * 28
"""So long after the period waiting tickets may still find somebody."""
MOST_WAITING = 500
JUDGED_HOURS = 4.0
MOVE_HOURS = (0.25, 72.0)


@dataclass(frozen=True, slots=True)
class ReplayPolicy:
    """Who gets what: ``capacity`` of everybody (None: as listed or as carried), every ``interval_hours``.

    ``skills``: only who lists a ticket's topic as a skill, or has solved some of it, may get it. ``vip_weight`` is how
    much more the tickets of ``vip_tiers`` count.
    """

    method: Method = "solver"
    skills: bool = True
    capacity: int | None = None
    vip_weight: float = 2.0
    vip_tiers: tuple[str, ...] = ("VIP",)
    balance: float = BALANCE
    interval_hours: float = 0.25


@dataclass(frozen=True)
class Replayed:
    """One entry a ticket of the period: who got it at last (-1: nobody), since when, and how often it moved.

    ``settled`` is float64 hours since 1970, NaN for those that nobody got.
    """

    person: Int64
    settled: Float64
    moves: Int64


@dataclass
class _Desk:
    """What changes while time goes by."""

    matchmaker: Matchmaker
    held: Int64
    released: list[tuple[float, int]] = field(default_factory=list)
    returning: list[tuple[float, int]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    judged: dict[int, tuple[float, Float64]] = field(default_factory=dict)

    def quality(self, row: int, now: float) -> Float64:
        """Return how well everybody suits a waiting ticket, judged anew every few hours."""
        at, found = self.judged.get(row, (-np.inf, np.zeros(0)))
        if now - at > JUDGED_HOURS:
            found = self.matchmaker.quality(row, now)
            self.judged[row] = now, found
        return found


@dataclass(frozen=True)
class _Scene:
    """What stays the same."""

    past: PastTickets
    team: PastTeam
    habits: Habits
    policy: ReplayPolicy
    urgency: Int64
    weight: Float64
    capacity: Int64
    move_hours: float


def replay(
    past: PastTickets, team: PastTeam, habits: Habits, matchmaker: Matchmaker, urgency: Int64, policy: ReplayPolicy,
    start: float, until: float, advance: Callable[[int], None] = lambda _: None,
) -> tuple[NDArray[np.bool_], Replayed]:
    """Replay the tickets created in [start, until), hours since 1970; return which those are and what became of them.

    ``past`` holds everything before and after too: the ``matchmaker`` learns from what really happened, and work under
    way at the start takes places. ``urgency`` ranks all tickets, 0 is the most urgent.
    """
    inside = (past.created >= start) & (past.created < until)
    weight = np.where(np.isin(past.tier, policy.vip_tiers), policy.vip_weight, 1.0)
    capacity = habits.capacity if policy.capacity is None else np.full(len(team.ids), policy.capacity)
    scene = _Scene(past, team, habits, policy, urgency, weight, capacity, move_hours(past, start))
    desk = _opened(scene, matchmaker, start)
    found = Replayed(np.full(len(past), -1), np.full(len(past), np.nan), np.zeros(len(past), dtype=np.int64))
    arrivals, arrived, now = np.flatnonzero(inside), 0, start
    while now < until + DRAIN_HOURS and (arrived < len(arrivals) or desk.waiting or desk.returning):
        now += policy.interval_hours
        matchmaker.advance(now)
        while arrived < len(arrivals) and past.created[arrivals[arrived]] <= now:
            desk.waiting.append(int(arrivals[arrived]))
            arrived += 1
            advance(1)
        _let_go(desk, now)
        if desk.waiting:
            _give_out(scene, desk, found, now)
    return inside, Replayed(found.person[inside], found.settled[inside], found.moves[inside])


def _opened(scene: _Scene, matchmaker: Matchmaker, start: float) -> _Desk:
    """Return the desk at the start: whoever was really at work on something still is."""
    past = scene.past
    desk = _Desk(matchmaker, np.zeros(len(scene.team.ids), dtype=np.int64))
    for row in np.flatnonzero((past.settled < start) & (past.resolved > start)):
        desk.held[past.person[row]] += 1
        heapq.heappush(desk.released, (float(past.resolved[row]), int(past.person[row])))
    return desk


def _let_go(desk: _Desk, now: float) -> None:
    while desk.released and desk.released[0][0] <= now:
        desk.held[heapq.heappop(desk.released)[1]] -= 1
    while desk.returning and desk.returning[0][0] <= now:
        desk.waiting.append(heapq.heappop(desk.returning)[1])


def _give_out(scene: _Scene, desk: _Desk, found: Replayed, now: float) -> None:
    """Give the waiting tickets, the most urgent at most, to those who are at work and have room."""
    present = np.flatnonzero(scene.habits.available(now) & (desk.held < scene.capacity))
    if not len(present):
        return
    desk.waiting.sort(key=lambda row: (scene.urgency[row], -scene.weight[row], scene.past.created[row]))
    rows = np.array(desk.waiting[:MOST_WAITING])
    quality = np.array([desk.quality(row, now)[present] for row in desk.waiting[:MOST_WAITING]])
    allowed = np.array([_allowed(scene, desk, row, present)[present] for row in rows])
    team = Team(desk.held[present], scene.capacity[present])
    chosen = assign(quality, allowed, Queue(scene.urgency[rows], scene.weight[rows]), team,
                    method=scene.policy.method, balance=scene.policy.balance)
    for row, place in zip(rows.tolist(), chosen.tolist(), strict=True):
        if place >= 0:
            _given(scene, desk, found, row, int(present[place]), now)
    given = {row for row, place in zip(rows.tolist(), chosen.tolist(), strict=True) if place >= 0}
    desk.waiting = [row for row in desk.waiting if row not in given]


def _allowed(scene: _Scene, desk: _Desk, row: int, present: Int64) -> NDArray[np.bool_]:
    """Return who may get a ticket, bool (people,), while those at ``present`` are there and have room."""
    if row in desk.moved:
        return _fitting(scene, desk, row)
    if (owners := _owners(scene, row))[present].any():
        return owners
    everybody = np.ones(len(scene.team.ids), dtype=bool)
    if not scene.policy.skills:
        return everybody
    topics = {values[row] for name, values in scene.past.facts.items() if name != "customer_id" and values[row]}
    listed = np.array([bool(topics & skills) for skills in scene.team.skills])
    able = listed | desk.matchmaker.skilled(row)
    return able if able.any() else everybody


def _owners(scene: _Scene, row: int) -> NDArray[np.bool_]:
    """Return the fixed person of a ticket's customer, or everybody of the fixed group, bool (people,)."""
    owner, team = scene.past.fixed[row], scene.team
    if not owner:
        return np.zeros(len(team.ids), dtype=bool)
    group = team.groups.index(owner) if owner in team.groups else -2
    return np.asarray((np.array(team.ids, dtype=object) == owner) | (team.group == group), dtype=bool)


def _fitting(scene: _Scene, desk: _Desk, row: int) -> NDArray[np.bool_]:
    """Return who fits a ticket, bool (people,); who solved it always does."""
    past, team = scene.past, scene.team
    known = past.group[row] >= 0
    fitting = (team.group == past.group[row]) if known else desk.matchmaker.skilled(row).copy()
    fitting[past.person[row]] = True
    return np.asarray(fitting, dtype=bool)


def _given(scene: _Scene, desk: _Desk, found: Replayed, row: int, person: int, now: float) -> None:
    past = scene.past
    desk.judged.pop(row, None)
    desk.held[person] += 1
    if _fitting(scene, desk, row)[person]:
        found.person[row], found.settled[row] = person, now
        heapq.heappush(desk.released, (now + float(past.resolved[row] - past.settled[row]), person))
        return
    found.moves[row] += max(int(past.moves[row]), 1)
    desk.moved.add(row)
    back = now + scene.move_hours
    heapq.heappush(desk.released, (back, person))
    heapq.heappush(desk.returning, (back, row))


def move_hours(past: PastTickets, start: float) -> float:
    """Return how long a move takes: the median of those before the start, of all where there are none."""
    moved = past.moves > 0
    known = moved & (past.resolved < start) if (moved & (past.resolved < start)).any() else moved
    hours = (past.settled[known] - past.created[known]) / past.moves[known]
    return float(np.clip(np.median(hours), *MOVE_HOURS)) if len(hours) else MOVE_HOURS[0]
