"""``fenzhen simulate``: a workspace folder of a made-up company."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from training.options import Seed


def command(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to write; a simulated one is overwritten.")
                         ] = Path("demo"),
    tickets: Annotated[int, typer.Option("--tickets", min=1, help="Number of tickets.")] = 4000,
    days: Annotated[int, typer.Option("--days", min=1, max=1500, help="Length of the history, in days.")] = 365,
    until: Annotated[datetime | None, typer.Option(
        "--until", formats=["%Y-%m-%d"], metavar="DATE", show_default="today",
        help="First day after the history, YYYY-MM-DD.")] = None,
    seed: Seed = 1,
) -> None:
    """Write a workspace of a made-up Chinese after-sales company (the same options, the same bytes)."""
    from rich.console import Console

    from fenzhen.simulate import simulate_workspace

    last = until.date() if until else _today()
    done = simulate_workspace(directory, tickets, days, last, seed)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"数据为虚构 (made-up data): {done.tickets} tickets in the {days} days before {last}, seed {seed}")
    for file in done.files:
        console.print(f"  {file}", markup=False)
    console.print(f"Next: fenzhen validate --workspace {directory}", markup=False)


def _today() -> date:
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).date()
