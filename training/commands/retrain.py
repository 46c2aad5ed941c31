"""``fenzhen retrain``: what a scheduler runs: harvest, train, gate, promote, export."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import AsOf, Seed, Workspace


def command(
    models: Annotated[
        list[str] | None, typer.Argument(help="Models to retrain. Default: all that the workspace names.")
    ] = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    workspace: Workspace = Path(),
) -> None:
    """Train each model with what people said of its predictions, promote what passes its gate, and export the champions
    and the workspace's policy.

    A model that cannot be trained does not stop the others; the command then exits with 1 and says why.
    """
    from fenzhen.errors import FenzhenError
    from fenzhen.workspace import load_workspace
    from training.actor import os_user
    from training.champions.doors import open_doors, settings_of
    from training.champions.reconciliation import reconcile_all
    from training.moment import moment_of
    from training.policy import policy_of
    from training.screen import show_outcome, training_progress
    from training.train import Order, train

    loaded = load_workspace(workspace)
    moment = moment_of(loaded, as_of)
    refusals: list[FenzhenError] = []
    with open_doors(settings_of(workspace)) as doors:
        for model in models or loaded.model_names():
            try:
                with training_progress(model) as progress:
                    order = Order(model, moment, seed, "auto", actor=os_user(), harvest=True)
                    outcome = train(loaded, doors, order, progress)
                show_outcome(outcome)
            except FenzhenError as error:
                refusals.append(error)
        doors.exports.write_policy(policy_of(loaded))
        refusals += reconcile_all(doors)[1]
    for refusal in refusals:
        typer.echo(f"fenzhen: {refusal}", err=True)
    if refusals:
        raise typer.Exit(1)
