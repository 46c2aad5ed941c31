"""A whole queue assigned: how fast, how many urgent tickets find somebody, and how good the assignment is."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from models.routing.assignment import Queue, Team, assign
from serving.champions import Snapshot
from serving.routing.assign import assign_queue
from serving.schemas import AssignRequest
from tests.benchmarks.bench import Bench
from tests.benchmarks.bulk import alternate
from tests.benchmarks.results import Aim, Section, Table, number

__all__ = ["routing"]

ROUNDS, QUICK_ROUNDS = 5, 1
TICKETS, PEOPLE, QUICK_SHARE = 500, 100, 10
LEVELS = 4
MOST, SKILLS, KNOWN_SKILLS = 1_000, 100, 2_000
OURS, GREEDY, PROGRAMME = "Fenzhen, solver", "Fenzhen, greedy", "SciPy HiGHS, linear programme"
COLUMNS = ("seconds", "slowest round", "assigned", "of the most urgent", "expected solved")

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class _Case:
    """A made-up queue and team: everybody may take about four of five tickets; quality is skewed, as a ranker's is."""

    title: str
    quality: Float64
    allowed: NDArray[np.bool_]
    queue: Queue
    team: Team


def routing(bench: Bench) -> Section:
    """Return the section: enough places, and too few."""
    cases = [_case(bench, "places for all", 6), _case(bench, "places for 60 %", 3)]
    tables, seconds = [], 0.0
    for case in cases:
        bench.say(f"routing: {case.title}")
        jobs: dict[str, Callable[[], Int64]] = {
            OURS: lambda case=case: _ours(case, "solver"),  # type: ignore[misc]
            GREEDY: lambda case=case: _ours(case, "greedy"),  # type: ignore[misc]
            PROGRAMME: lambda case=case: _programme(case),  # type: ignore[misc]
        }
        timings = alternate(dict(jobs), QUICK_ROUNDS if bench.quick else ROUNDS)
        rows = [_row(name, job(), case, timings[name].wall) for name, job in jobs.items()]
        head = f"{len(case.quality)} tickets, {case.quality.shape[1]} people, {case.title}"
        tables.append(Table((head, *COLUMNS), rows))
        seconds = max(seconds, median(timings[OURS].wall))
    largest, whole = _largest(bench)
    aims = [Aim(f"{TICKETS} tickets to {PEOPLE} people, seconds", seconds, 1.0, at_least=False, digits=3),
            Aim("the largest queue with skills, seconds", whole, 3.0, at_least=False, digits=2)]
    tables.append(largest)
    return Section("routing", _ABOUT, tables, aims)


def _largest(bench: Bench) -> tuple[Table, float]:
    """Return how long the largest queue that a request may bring takes, and the seconds of the slower way."""
    dice = np.random.default_rng(bench.seed)
    most, skills = (MOST // QUICK_SHARE, SKILLS // QUICK_SHARE) if bench.quick else (MOST, SKILLS)
    team = [{"id": f"a{person}", "skills": _skills(dice, skills)} for person in range(most)]
    rows, slowest = [], 0.0
    for needs in (2, skills):
        queue = [{"ticket": {"subject": "坏了", "needs": _skills(dice, needs)}} for _ in range(most)]
        request = AssignRequest.model_validate({"tickets": queue, "assignees": team})
        wall = alternate({OURS: lambda request=request: assign_queue(Snapshot(), request)},  # type: ignore[misc]
                         QUICK_ROUNDS if bench.quick else ROUNDS)[OURS].wall
        rows.append([f"{needs} skills needed by each ticket", number(median(wall), 2), number(max(wall), 2),
                     number(assign_queue(Snapshot(), request).answer.assigned, 0)])
        slowest = max(slowest, median(wall))
    head = f"a request of {most} tickets, {most} people with {skills} skills each"
    return Table((head, *COLUMNS[:3]), rows), slowest


def _skills(dice: np.random.Generator, count: int) -> list[str]:
    return [f"技能{skill}" for skill in dice.choice(KNOWN_SKILLS, count, replace=False).tolist()]


def _case(bench: Bench, title: str, places: int) -> _Case:
    dice = np.random.default_rng(bench.seed)
    tickets, people = (TICKETS // QUICK_SHARE, PEOPLE // QUICK_SHARE) if bench.quick else (TICKETS, PEOPLE)
    quality = dice.dirichlet(np.full(people, 0.1), tickets)
    queue = Queue(dice.integers(0, LEVELS, tickets), dice.choice([1.0, 2.0], tickets, p=[0.9, 0.1]))
    team = Team(np.zeros(people, dtype=np.int64), np.full(people, places))
    return _Case(title, quality, dice.random((tickets, people)) < 0.8, queue, team)


def _ours(case: _Case, method: str) -> Int64:
    return assign(case.quality, case.allowed, case.queue, case.team, method=method, balance=0.0)  # type: ignore[arg-type]


def _programme(case: _Case) -> Int64:
    """Return the same optimum from SciPy's general solver, given the level weights that Fenzhen's proof allows."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    rows, columns = np.nonzero(case.allowed)
    count = np.arange(len(rows))
    levels = case.queue.levels()
    base = case.queue.weight.sum() + 1
    worth = (levels.max() + 1 - levels)[rows] * base + case.queue.weight[rows] * case.quality[rows, columns]
    tickets, people = case.quality.shape
    once = csr_array((np.ones(len(rows)), (rows, count)), shape=(tickets, len(rows)))
    places = csr_array((np.ones(len(rows)), (columns, count)), shape=(people, len(rows)))
    limits = np.concatenate([np.ones(tickets), case.team.room])
    solved = linprog(-worth, A_ub=vstack([once, places]), b_ub=limits, bounds=(0, 1), method="highs")
    found = np.full(tickets, -1, dtype=np.int64)
    taken = solved.x > 0.5
    found[rows[taken]] = columns[taken]
    return found


def _row(name: str, found: Int64, case: _Case, wall: list[float]) -> list[str]:
    placed = found >= 0
    urgent = case.queue.levels() == 0
    solved = float(case.quality[placed, found[placed]].sum())
    return [
        name, number(median(wall), 3), number(max(wall), 3), number(float(placed.sum()), 0),
        f"{int((placed & urgent).sum())} of {int(urgent.sum())}", number(solved, 1),
    ]


_ABOUT = (
    f"A made-up queue of four urgencies, a tenth VIP; every person may take four of five tickets. Median of {ROUNDS} "
    "rounds in one process, contenders in turn. *Greedy* takes tickets by urgency and gives each the best person left; "
    "the *linear programme* is SciPy's HiGHS on the same objective, so its assignment is as good, not better. "
    "The *request* is all that `POST /v1/assign` does once it is read, without a model that judges people."
)
