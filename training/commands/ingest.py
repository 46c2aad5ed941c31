"""``fenzhen ingest``: load what happened to tickets from the workspace's tables into the store."""

from pathlib import Path
from typing import Annotated

import typer

from training.event_batch import EVENTS_A_TRANSACTION
from training.options import Workspace

Batch = Annotated[int, typer.Option("--batch", min=1, max=50_000, help="Events a transaction, a whole number.")]


def command(batch: Batch = EVENTS_A_TRANSACTION, workspace: Workspace = Path()) -> None:
    """Load tickets and ticket_events into the store: the same facts as POST /v1/events, each once.

    May be stopped at any moment and started again: what is there already is not written twice.
    """
    from fenzhen.errors import TableError
    from fenzhen.store import open_store
    from fenzhen.workspace import load_workspace
    from training.champions.doors import settings_of
    from training.event_loading import load_events, told_tables

    settings, loaded = settings_of(workspace), load_workspace(workspace)
    if not told_tables(loaded):
        raise TableError("the workspace has neither tickets nor ticket_events; expected one of them in workspace.toml")
    with open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds) as store:
        for told in load_events(loaded, store, batch):
            typer.echo(told)
