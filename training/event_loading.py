"""The workspace's events loaded into the store, in batches that may be stopped and repeated."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from fenzhen.errors import StoreBusy
from fenzhen.store import Store, TicketEvent
from fenzhen.workspace import Workspace
from training.ingest import MOMENTS, events_of_ticket_events, events_of_tickets, require_ids
from training.screen import rows_progress

__all__ = ["load_events", "told_tables"]


def load_events(workspace: Workspace, store: Store, batch: int) -> Iterator[str]:
    """Load each table in turn; yield a line that says what became of its events."""
    fresh = 0
    for name in told_tables(workspace):
        rows, events = _read(workspace, name)
        with rows_progress(f"{name}: events", rows) as advance:
            new, known, unfit = _ingested(store, events, batch, advance)
        left_out = f", {unfit} rows left out (no ticket, no time or an unknown event; see `fenzhen validate`)"
        twice = " (tickets tell the same)" if known and fresh else ""
        yield f"{name}: {new} inserted, {known} already there{twice}{left_out if unfit else ''}"
        fresh += new


def told_tables(workspace: Workspace) -> list[str]:
    """Return the tables that tell of events: as workspace.toml names them, or as an event log of tickets implies."""
    named: list[str] = [name for name in ("tickets", "ticket_events") if name in workspace.table_names]
    implied = named == ["tickets"] and not workspace.tables("ticket_events")["ticket_events"].empty
    return [*named, "ticket_events"] if implied else named


def _read(workspace: Workspace, name: str) -> tuple[int, Iterable[TicketEvent | None]]:
    """Return how many events a table holds at most, and those events."""
    frame = workspace.table(name)
    if name == "ticket_events":
        return len(frame), events_of_ticket_events(frame)
    require_ids(frame)
    filled = sum(int(frame[moment].notna().sum()) for moment in MOMENTS.values())
    return filled, events_of_tickets(frame)


def _ingested(store: Store, events: Iterable[TicketEvent | None], batch: int,
              advance: Callable[[int], None]) -> tuple[int, int, int]:
    """Write events in batches of one transaction; return how many were new, known already and unfit."""
    new = known = unfit = 0
    source = iter(events)
    while chunk := list(islice(source, batch)):
        fit = [event for event in chunk if event is not None]
        added = sum(_written(store, fit))
        new, known, unfit = new + added, known + len(fit) - added, unfit + len(chunk) - len(fit)
        advance(len(chunk))
    return new, known, unfit


def _written(store: Store, events: list[TicketEvent], tries: int = 3) -> list[bool]:
    """Write a batch, again if the running service was in the way."""
    for _ in range(tries - 1):
        try:
            return store.write_events(events)
        except StoreBusy as busy:
            time.sleep(busy.retry_after)
    return store.write_events(events)
