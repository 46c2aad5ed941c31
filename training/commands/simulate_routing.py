"""``fenzhen simulate-routing``: a past period once more under another policy, beside what really happened."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from training.options import Workspace

if TYPE_CHECKING:
    from training.routing.simulation import Simulation

Since = Annotated[str | None, typer.Option(
    "--from", help="First date (midnight in the workspace's time zone) or ISO 8601 time. Default: 28 days earlier.")]
Until = Annotated[str | None, typer.Option(
    "--until", help="Date or ISO 8601 time at which the period ends, exclusive. Default: after the last ticket.")]
MethodOption = Annotated[Literal["solver", "greedy"], typer.Option(
    "--method", help="solver: the best assignment of the whole queue; greedy: one ticket after the other.")]
Skills = Annotated[bool, typer.Option(
    "--skills/--no-skills", help="Whether only people with a ticket's topic as a skill, listed or shown, may get it.")]
Capacity = Annotated[int | None, typer.Option(
    "--capacity", min=1, help="Most open tickets a person, a whole number. Default: as listed or really carried.")]
VipWeight = Annotated[float, typer.Option(
    "--vip-weight", min=1, max=100, help="How much more a VIP's ticket counts, a factor from 1.")]
VipTiers = Annotated[list[str], typer.Option("--vip-tier", help="A customer tier that is VIP; may be repeated.")]
Priorities = Annotated[list[str] | None, typer.Option(
    "--priority", help="Priorities, the most urgent first; repeated. Default: by their names.")]
Balance = Annotated[float, typer.Option(
    "--balance", min=0, max=1, help="How much more probable a full person must be than one without work, 0 to 1.")]
Minutes = Annotated[float, typer.Option(
    "--interval", min=1, max=1440, help="How often the queue is given out, in minutes.")]
OutputOption = Annotated[Path | None, typer.Option("--output", help="File for the table, .csv or .parquet.")]


def command(
    since: Since = None, until: Until = None, method: MethodOption = "solver", skills: Skills = True,
    capacity: Capacity = None, vip_weight: VipWeight = 2.0, vip_tier: VipTiers = ["VIP"],  # noqa: B006 - typer copies it
    priority: Priorities = None, interval: Minutes = 15.0,
    balance: Balance = 0.05,
    output: OutputOption = None, workspace: Workspace = Path(),
) -> None:
    """Replay a past period under another policy: reassignments avoided, load and waiting beside what really happened.

    Who fits a ticket is judged by the group that really solved it; working times are the real ones.
    """
    from fenzhen.workspace import load_workspace
    from training.routing.replay import ReplayPolicy
    from training.routing.simulation import simulate_routing
    from training.scoring import write_rows
    from training.screen import rows_progress

    policy = ReplayPolicy(method, skills, capacity, vip_weight, tuple(vip_tier), balance, interval / 60)
    loaded = load_workspace(workspace)
    with rows_progress("replaying tickets", None) as advance:
        found = simulate_routing(loaded, policy, since, until, priority or [], advance)
    _show(found)
    if output is not None:
        write_rows(found.table, output)
        typer.echo(f"{len(found.table)} rows written to {output}")


def _show(found: "Simulation") -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    shown = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "priority", "really", "policy", "difference"):
        shown.add_column(name, justify="right" if name not in ("", "priority") else "left", no_wrap=True)
    for measure, priority, *numbers in found.table.to_numpy(dtype=object).tolist():
        shown.add_row(measure, priority, *(_number(each) for each in numbers))
    console.print(shown)
    for line in found.about:
        console.print(line, markup=False)
    moved = found.table.set_index("measure").loc["reassignments"]
    avoided, really = moved["really"] - moved["policy"], moved["really"]
    share = f" ({avoided / really:.0%})" if really else ""
    console.print(f"reassignments avoided: {avoided:.0f} of {really:.0f}{share}")


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.0f}" if value == round(value) else f"{value:.3f}"
