"""``fenzhen run-daily``: everything that a scheduler must do every day, in order."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.options import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fenzhen.settings import Settings

LOCK = "run-daily.lock"


def command(
    as_of: Annotated[str | None, typer.Option(
        "--as-of", help="Date or ISO 8601 time to score at.", show_default="midnight of today")] = None,
    workspace: Workspace = Path(),
) -> None:
    """Load what happened to tickets, score every cohort that has a champion, open alerts, export champions.

    Safe to repeat. A step that fails does not stop the others, but a model's alerts wait for its scores; the command
    then exits with 1 and says why.
    """
    from fenzhen.workspace import load_workspace
    from training.champions.doors import open_doors, settings_of
    from training.daily import run_daily

    settings, loaded = settings_of(workspace), load_workspace(workspace)
    moment = loaded.moment(as_of or today(loaded.time_zone))
    with alone(settings), open_doors(settings) as doors:
        daily = run_daily(loaded, doors, moment, typer.echo)
    for step, reason in daily.failures:
        typer.echo(f"fenzhen: {step} failed: {reason}", err=True)
    if daily.failures:
        raise typer.Exit(1)


def today(time_zone: str) -> str:
    """Return the day where the workspace is."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(time_zone)).date().isoformat()


@contextmanager
def alone(settings: "Settings") -> "Iterator[None]":
    """Keep a second day's work from beginning while one is under way; ``StoreBusy`` if one is."""
    from filelock import FileLock, Timeout

    from fenzhen.errors import StoreBusy

    settings.state_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.state_dir / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreBusy(f"another `fenzhen run-daily` is at work (it holds {settings.state_dir / LOCK})") from error
    try:
        yield
    finally:
        lock.release()
