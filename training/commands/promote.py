"""``fenzhen promote``: make a registered version the champion."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import Model, Workspace

Reason = Annotated[str, typer.Option("--reason", help="Why, in words; kept in the ledger.")]
Actor = Annotated[str | None, typer.Option("--actor", help="Who decides; kept in the ledger.",
                                           show_default="the OS user")]


def command(
    model: Model,
    version: Annotated[int | None, typer.Option(
        "--version", min=1, help="Version to promote, a whole number.", show_default="the challenger")] = None,
    reason: Reason = "by hand",
    actor: Actor = None,
    force: Annotated[bool, typer.Option("--force", help="Promote a version that did not pass its gate.")] = False,
    workspace: Workspace = Path(),
) -> None:
    """Make a version champion: verify it, write the ledger, move MLflow's alias, export it and the policy.

    Refuses a version that failed its gate (see --force) or whose artefact does not verify.
    """
    from rich import print as show

    from fenzhen.workspace import load_workspace
    from training.actor import os_user
    from training.champions.doors import open_doors, settings_of
    from training.champions.promotion import promote
    from training.policy import policy_of

    policy = policy_of(load_workspace(workspace))
    with open_doors(settings_of(workspace)) as doors:
        champion = promote(doors, model, version, actor=actor or os_user(), reason=reason, force=force)
        doors.exports.write_policy(policy)
    show(f"{model}: version [bold]{champion.version}[/bold] is champion, exported to {champion.folder}")
