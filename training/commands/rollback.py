"""``fenzhen rollback``: let an earlier champion decide again."""

from pathlib import Path
from typing import Annotated

import typer

from training.commands.promote import Actor, Reason
from training.options import Model, Workspace


def command(
    model: Model,
    to: Annotated[int | None, typer.Option(
        "--to", min=1, help="Version to go back to, a whole number.", show_default="the champion before")] = None,
    reason: Reason = "by hand",
    actor: Actor = None,
    workspace: Workspace = Path(),
) -> None:
    """Go back to an earlier champion; works with MLflow down as long as the version is among the kept exports."""
    from rich import print as show

    from training.actor import os_user
    from training.champions.doors import open_doors, settings_of
    from training.champions.promotion import rollback

    with open_doors(settings_of(workspace)) as doors:
        champion = rollback(doors, model, to, actor=actor or os_user(), reason=reason)
    show(f"{model}: version [bold]{champion.version}[/bold] decides again")
