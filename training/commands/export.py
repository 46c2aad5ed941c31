"""``fenzhen export``: bring the exports folder into line with registry and ledger."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.options import Workspace

if TYPE_CHECKING:
    from training.champions.doors import Doors


def command(
    watch: Annotated[float | None, typer.Option(
        "--watch", min=0.1, help="Go on for ever, looking every so many seconds.", show_default="once")] = None,
    workspace: Workspace = Path(),
) -> None:
    """Export the champions and the policy; an alias moved by hand in MLflow is adopted, with a warning."""
    from training.champions.doors import open_doors, settings_of

    with open_doors(settings_of(workspace)) as doors:
        if watch is None:
            once(doors, workspace)
        else:
            go_on(doors, workspace, watch)


def once(doors: "Doors", workspace: Path) -> None:
    """Export everything; the first failure is raised after all models were tried."""
    from rich import print as show

    from training.champions.exporting import export_all

    lines, failures = export_all(doors, workspace, thorough=True)
    show("\n".join(lines) or "no model has a champion yet")
    for failure in failures[1:]:
        doors.warn(str(failure))
    if failures:
        raise failures[0]


def go_on(doors: "Doors", workspace: Path, seconds: float) -> None:
    """Export again and again until interrupted; tell only what changed."""
    from training.champions.exporting import export_all

    told: list[str] | None = None
    try:
        while True:
            lines, failures = export_all(doors, workspace, thorough=told is None)
            news = [*lines, *(f"fenzhen: {failure}" for failure in failures)]
            if news != told:
                sys.stderr.write("".join(f"{line}\n" for line in news))
                sys.stderr.flush()
            told = news
            time.sleep(seconds)
    except KeyboardInterrupt:
        return
