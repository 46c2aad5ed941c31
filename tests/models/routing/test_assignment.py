"""Whole assignments against brute force, a linear programme and what the rules promise."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.routing.assignment import Queue, Team, assign


def queue(*urgency: int, weight: list[float] | None = None) -> Queue:
    return Queue(np.array(urgency), np.ones(len(urgency)) if weight is None else np.array(weight))


def team(*room: int, load: list[int] | None = None) -> Team:
    taken = np.zeros(len(room), dtype=np.int64) if load is None else np.array(load)
    return Team(taken, taken + np.array(room))


def everybody(quality: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.ones(quality.shape, dtype=bool)


def kept(found: NDArray[np.int64], allowed: NDArray[np.bool_], people: Team) -> bool:
    taken = np.bincount(found[found >= 0], minlength=len(people.capacity))
    return bool((taken <= people.room).all()) and all(allowed[row, who] for row, who in enumerate(found) if who >= 0)


def score(found: tuple[int, ...], quality: NDArray[np.float64], tickets: Queue) -> tuple[object, ...]:
    levels = tickets.levels()
    placed = [row for row, who in enumerate(found) if who >= 0]
    counts = [sum(levels[row] == level for row in placed) for level in range(int(levels.max()) + 1)]
    return (*counts, round(sum(tickets.weight[row] * quality[row, found[row]] for row in placed), 9))


@given(st.integers(0, 10_000))
def test_no_assignment_is_better_level_by_level_and_in_quality(seed: int) -> None:
    dice = np.random.default_rng(seed)
    tickets, people = int(dice.integers(1, 5)), int(dice.integers(1, 4))
    quality, allowed = dice.random((tickets, people)), dice.random((tickets, people)) < 0.7
    waiting = Queue(dice.integers(0, 3, tickets), dice.choice([1.0, 2.0], tickets))
    crew = team(*dice.integers(0, 3, people).tolist())
    found = assign(quality, allowed, waiting, crew, balance=0.0)
    assert kept(found, allowed, crew)
    every = (np.array(each) for each in itertools.product(range(-1, people), repeat=tickets))
    best = max(score(tuple(each), quality, waiting) for each in every if kept(each, allowed, crew))
    assert score(tuple(found), quality, waiting) == best


def test_the_same_total_as_a_linear_programme() -> None:
    from scipy.optimize import linprog

    dice = np.random.default_rng(3)
    quality, crew = dice.random((40, 7)), team(*[4] * 7)
    found = assign(quality, everybody(quality), queue(*[0] * 40), crew, balance=0.0)
    once, places = np.kron(np.eye(40), np.ones(7)), np.tile(np.eye(7), 40)
    solved = linprog(-(quality + 100).ravel(), A_ub=np.vstack([once, places]), b_ub=[1] * 40 + [4] * 7, bounds=(0, 1))
    assert (found >= 0).sum() == 28
    assert sum(quality[row, who] for row, who in enumerate(found) if who >= 0) == pytest.approx(-solved.fun - 2800)


def test_urgent_tickets_come_first_even_where_others_fit_better() -> None:
    quality = np.array([[0.99, 0.2], [0.02, 0.0], [0.98, 0.1]])
    assert assign(quality, everybody(quality), queue(1, 0, 1), team(1, 1)).tolist() == [0, 1, -1]
    assert assign(quality, everybody(quality), queue(1, 0, 1), team(1, 0)).tolist() == [-1, 0, -1]


def test_of_equally_urgent_tickets_the_heavier_comes_first() -> None:
    quality = np.array([[0.9], [0.1]])
    assert assign(quality, everybody(quality), queue(0, 0, weight=[1.0, 2.0]), team(1)).tolist() == [-1, 0]


@pytest.mark.parametrize("method", ["solver", "greedy"])
def test_equal_quality_is_spread_by_share_of_taken_places(method: str) -> None:
    quality = np.full((6, 3), 0.5)
    found = assign(quality, everybody(quality), queue(*[0] * 6), team(10, 10, 10), method=method)  # type: ignore[arg-type]
    assert np.bincount(found).tolist() == [2, 2, 2]
    loaded = assign(quality, everybody(quality), queue(*[0] * 6), team(10, 4, 10, load=[0, 6, 0]), method=method)  # type: ignore[arg-type]
    assert np.bincount(loaded, minlength=3).tolist() == [3, 0, 3]


def test_a_specialist_with_much_room_may_take_all_of_a_long_queue() -> None:
    quality = np.zeros((50, 20))
    quality[:, 7] = 0.9
    assert (assign(quality, everybody(quality), queue(*[0] * 50), team(*[100] * 20)) == 7).all()


def test_greedy_takes_the_best_left_and_may_miss_what_the_solver_finds() -> None:
    quality = np.array([[0.9, 0.8], [0.85, 0.1]])
    assert assign(quality, everybody(quality), queue(0, 0), team(1, 1), method="greedy").tolist() == [0, 1]
    assert assign(quality, everybody(quality), queue(0, 0), team(1, 1)).tolist() == [1, 0]


@pytest.mark.parametrize("method", ["solver", "greedy"])
def test_nobody_there_nobody_allowed_and_nobody_with_room_leave_tickets_alone(method: str) -> None:
    quality = np.full((2, 2), 0.5)
    nobody = np.zeros((2, 0))
    for found in (
        assign(nobody, nobody > 1, queue(0, 0), team(), method=method),  # type: ignore[arg-type]
        assign(quality, quality > 1, queue(0, 0), team(1, 1), method=method),  # type: ignore[arg-type]
        assign(quality, everybody(quality), queue(0, 0), team(0, -3, load=[5, 9]), method=method),  # type: ignore[arg-type]
    ):
        assert found.tolist() == [-1, -1]


def test_an_empty_queue_is_assigned_to_nobody() -> None:
    assert assign(np.zeros((0, 3)), np.zeros((0, 3), dtype=bool), queue(), team(1, 1, 1)).tolist() == []


@pytest.mark.parametrize(("change", "message"), [
    ({"quality": np.array([[1.5]])}, "above 1"), ({"quality": np.array([[np.nan]])}, "not a number"),
    ({"queue": Queue(np.array([0]), np.array([0.0]))}, "weight"), ({"team": Team(np.array([0]), np.array([-1]))}, "-?"),
    ({"allowed": np.ones((2, 1), dtype=bool)}, "allowed"), ({"method": "luck"}, "solver or greedy"),
])
def test_numbers_that_make_no_sense_are_refused(change: dict[str, object], message: str) -> None:
    right = {"quality": np.array([[0.5]]), "allowed": np.array([[True]]), "queue": queue(0), "team": team(1)}
    with pytest.raises(ValueError, match=message):
        assign(**{**right, **change})  # type: ignore[arg-type]


def test_500_tickets_find_their_people_among_100_in_well_under_a_second() -> None:
    dice = np.random.default_rng(1)
    quality, allowed = dice.random((500, 100)) ** 3, dice.random((500, 100)) < 0.8
    started = time.process_time()
    found = assign(quality, allowed, queue(*dice.integers(0, 4, 500).tolist()), team(*[6] * 100))
    assert (found >= 0).all()
    assert time.process_time() - started < 0.5
