"""A workspace's past period under another policy, from its tables to the table that compares both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fenzhen.errors import TrainingRefused
from fenzhen.workspace import Workspace
from models.priority.urgency import urgency_order, urgency_ranks
from training.routing.comparison import compared
from training.routing.experience import Experience
from training.routing.replay import ReplayPolicy, move_hours, replay
from training.routing.replay_past import PastTickets, read_past, read_team
from training.routing.team_habits import habits_of

__all__ = ["Simulation", "simulate_routing"]

TABLES = ("tickets", "ticket_events", "assignees", "customers")
DEFAULT_HOURS = 24.0 * 28


@dataclass(frozen=True)
class Simulation:
    """The comparison, see :func:`training.routing.comparison.compared`, and in words what was replayed."""

    table: pd.DataFrame
    about: tuple[str, ...]


def simulate_routing(
    workspace: Workspace, policy: ReplayPolicy, since: str | None, until: str | None, priorities: Sequence[str],
    advance: Callable[[int], None] = lambda _: None,
) -> Simulation:
    """Replay the tickets created from ``since`` until ``until`` (exclusive), as the workspace reads dates and times.

    ``priorities`` names them, the most urgent first; by their names where empty. Raises ``TrainingRefused`` where the
    period holds no solved ticket.
    """
    tables = workspace.tables(*TABLES)
    team = read_team(tables)
    past = read_past(tables, team, _context(workspace), _fixed_owner(workspace))
    start, end = _period(workspace, past, since, until)
    order = list(priorities) or urgency_order(each for each in past.priority if each)
    urgency = np.array(urgency_ranks([each or None for each in past.priority], order), dtype=np.int64)
    habits = habits_of(past, team, _offset_hours(workspace, start))
    matchmaker = Experience(past, len(team.ids))
    inside, replayed = replay(past, team, habits, matchmaker, urgency, policy, start, end, advance)
    if not inside.any():
        raise TrainingRefused(f"no solved ticket was created from {_moment(workspace, start)} until "
                              f"{_moment(workspace, end)}; expected a period that holds some")
    mine = past.take(inside)
    seen = [name for name in order if (mine.priority == name).any()]
    table = compared(mine, replayed, len(team.ids), seen)
    listed = "as listed" if not np.isnan(team.capacity).all() else "as really carried (95 % of the time)"
    about = (
        f"{len(mine)} solved tickets created from {_moment(workspace, start)} until {_moment(workspace, end)}, "
        f"{len(team.ids)} people, {len(team.groups)} groups",
        f"policy: {policy.method} every {policy.interval_hours * 60:g} minutes, skills "
        f"{'needed' if policy.skills else 'ignored'}, capacity {policy.capacity or listed}, "
        f"{'/'.join(policy.vip_tiers)} weigh {policy.vip_weight:g}",
        f"whoever gets a ticket wrongly hands it on after {move_hours(past, start):.1f} hours, as before the period",
        f"a ticket is known by {', '.join(past.facts) or 'nothing'}, as recorded at last (as if classified rightly)",
    )
    return Simulation(table, about)


def _context(workspace: Workspace) -> list[str]:
    """Return the columns that models of the workspace take as context."""
    settings = (workspace.model_settings(name) for name in workspace.model_names())
    return [str(column) for each in settings for column in each.get("context", ())]


def _fixed_owner(workspace: Workspace) -> str:
    """Return the column of customers that names their fixed person or group, "" where no model is told of one."""
    settings = (workspace.model_settings(name) for name in workspace.model_names())
    return next((str(each["fixed_owner"]) for each in settings if each.get("fixed_owner")), "")


def _period(workspace: Workspace, past: PastTickets, since: str | None, until: str | None) -> tuple[float, float]:
    end = _hours(workspace.moment(until)) if until else float(np.floor(past.created.max())) + 1
    start = _hours(workspace.moment(since)) if since else end - DEFAULT_HOURS
    if start >= end:
        raise TrainingRefused(f"got a period from {_moment(workspace, start)} until {_moment(workspace, end)}, "
                              "expected one that ends after it begins")
    return start, end


def _hours(moment: pd.Timestamp) -> float:
    return float((moment - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1))


def _moment(workspace: Workspace, hours: float) -> str:
    moment = pd.Timestamp(0, tz="UTC") + pd.Timedelta(hours=hours)
    return f"{moment.tz_convert(workspace.time_zone):%Y-%m-%d %H:%M}"


def _offset_hours(workspace: Workspace, hours: float) -> float:
    moment = pd.Timestamp(0, tz="UTC") + pd.Timedelta(hours=hours)
    offset = moment.tz_convert(workspace.time_zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds() / 3600
