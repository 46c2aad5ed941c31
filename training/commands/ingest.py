"""``fenzhen ingest``: load what happened to tickets from the workspace's tables into the store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.options import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fenzhen.store import Store, TicketEvent
    from fenzhen.workspace import Workspace as LoadedWorkspace

Batch = Annotated[int, typer.Option("--batch", min=1, max=50_000, help="Events a transaction, a whole number.")]


def command(batch: Batch = 2000, workspace: Workspace = Path()) -> None:
    """Load tickets and ticket_events into the store: the same facts as POST /v1/events, each once.

    May be stopped at any moment and started again: what is there already is not written twice.
    """
    from fenzhen.errors import TableError
    from fenzhen.store import open_store
    from fenzhen.workspace import load_workspace
    from training.doors import settings_of

    settings, loaded = settings_of(workspace), load_workspace(workspace)
    if not told_tables(loaded):
        raise TableError("the workspace has neither tickets nor ticket_events; expected one of them in workspace.toml")
    with open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds) as store:
        for told in load_events(loaded, store, batch):
            typer.echo(told)


def load_events(workspace: "LoadedWorkspace", store: "Store", batch: int) -> "Iterator[str]":
    """Load each table in turn; yield a line that says what became of its events."""
    from training.screen import rows_progress

    for name in told_tables(workspace):
        rows, events = read(workspace, name)
        with rows_progress(f"{name}: events", rows) as advance:
            new, known, unfit = ingest(store, events, batch, advance)
        left_out = f", {unfit} rows left out (no ticket, no time or an unknown event; see `fenzhen validate`)"
        yield f"{name}: {new} inserted, {known} already there{left_out if unfit else ''}"


def told_tables(workspace: "LoadedWorkspace") -> list[str]:
    """Return the tables that tell of events: as workspace.toml names them, or as an event log of tickets implies."""
    named: list[str] = [name for name in ("tickets", "ticket_events") if name in workspace.table_names]
    implied = named == ["tickets"] and not workspace.tables("ticket_events")["ticket_events"].empty
    return [*named, "ticket_events"] if implied else named


def read(workspace: "LoadedWorkspace", name: str) -> "tuple[int, Iterable[TicketEvent | None]]":
    """Return how many events a table holds at most, and those events."""
    from training.ingest import MOMENTS, events_of_ticket_events, events_of_tickets, require_ids

    frame = workspace.table(name)
    if name == "ticket_events":
        return len(frame), events_of_ticket_events(frame)
    require_ids(frame)
    filled = sum(int(frame[moment].notna().sum()) for moment in MOMENTS.values())
    return filled, events_of_tickets(frame)


def ingest(store: "Store", events: "Iterable[TicketEvent | None]", batch: int,
           advance: "Callable[[int], None]") -> tuple[int, int, int]:
    """Write events in batches of one transaction; return how many were new, known already and unfit."""
    from itertools import islice

    new = known = unfit = 0
    source = iter(events)
    while chunk := list(islice(source, batch)):
        fit = [event for event in chunk if event is not None]
        added = sum(_written(store, fit))
        new, known, unfit = new + added, known + len(fit) - added, unfit + len(chunk) - len(fit)
        advance(len(chunk))
    return new, known, unfit


def _written(store: "Store", events: "list[TicketEvent]", tries: int = 3) -> list[bool]:
    """Write a batch, again if the running service was in the way."""
    import time

    from fenzhen.errors import StoreBusy

    for _ in range(tries - 1):
        try:
            return store.write_events(events)
        except StoreBusy as busy:
            time.sleep(busy.retry_after)
    return store.write_events(events)
