"""``fenzhen harvest``: which labels people's feedback gives."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.options import AsOf, Workspace

if TYPE_CHECKING:
    import pandas as pd

    from fenzhen.store import Store
    from fenzhen.workspace import Workspace as LoadedWorkspace
    from training.harvest import Harvested


def command(
    models: Annotated[
        list[str] | None, typer.Argument(help="Models to look at. Default: all that the workspace names.")
    ] = None,
    as_of: AsOf = None,
    output: Annotated[Path | None, typer.Option("--output", help="File to write the labels to, .csv.",
                                                show_default="none")] = None,
    workspace: Workspace = Path(),
) -> None:
    """Show, for each model, which labels its feedback gives and how they meet the workspace's tickets.

    Nothing is changed: `fenzhen retrain` harvests by itself. Values that were applied automatically and touched by
    nobody are no labels.
    """
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from fenzhen.store import open_store
    from fenzhen.workspace import load_workspace
    from training.champions.doors import settings_of
    from training.moment import moment_of

    settings, loaded = settings_of(workspace), load_workspace(workspace)
    moment = moment_of(loaded, as_of)
    names, counts, frames = models or ticket_models(loaded), [], []
    with open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds) as store:
        for model in names:
            found = harvested(loaded, store, model, moment)
            counts.append(found)
            frames.append(pd.DataFrame(found.rows, columns=list(COLUMNS)).assign(model=model))
    table = Table("tickets", *names, title="Harvest")
    for count, meaning in COUNTS.items():
        table.add_row(meaning, *(str(getattr(each, count)) for each in counts))
    Console().print(table)
    if output is not None:
        pd.concat([pd.DataFrame(columns=["model", *COLUMNS]), *frames])[["model", *COLUMNS]].to_csv(output, index=False)
        typer.echo(f"wrote {output}")


def ticket_models(workspace: "LoadedWorkspace") -> list[str]:
    """Return the workspace's models that label tickets; nobody gives feedback on the others."""
    from models.specs import spec_of

    names = workspace.model_names()
    return [name for name in names if spec_of(name, workspace.model_settings(name)).table == "tickets"]


COUNTS = {
    "new": "labelled for the first time", "corrected": "label changed", "accepted": "label confirmed",
    "added": "added with the store's text", "rejected": "label taken away: rejected",
    "unconfirmed": "label taken away: applied automatically, touched by nobody",
    "no_ticket": "confirmed, but in no table",
}
COLUMNS = ("ticket_id", "value", "verdict", "actor", "at", "label")


def harvested(workspace: "LoadedWorkspace", store: "Store", model: str, moment: "pd.Timestamp") -> "Harvested":
    """Return what a model's feedback gives as of a moment."""
    from fenzhen.known import as_known
    from models.specs import spec_of
    from training.harvest import harvest, with_harvest

    spec = spec_of(model, workspace.model_settings(model))
    tickets = as_known(workspace.tables("tickets"), moment)["tickets"]
    return with_harvest(tickets, harvest(store, spec.field, moment), spec.label,
                        segmented=workspace.segmented(spec.table))[1]
