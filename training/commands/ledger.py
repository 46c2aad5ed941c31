"""``fenzhen ledger``: who made which version decide, when and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.options import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from fenzhen.store import LedgerEntry, Store


def command(
    model: Annotated[str | None, typer.Argument(help="Registered model.", show_default="all models")] = None,
    at: Annotated[str | None, typer.Option(
        "--at", help="Moment (a date is midnight in the workspace's time zone, or an ISO 8601 time): "
                     "tell which version decided then.", show_default="the whole ledger")] = None,
    workspace: Workspace = Path(),
) -> None:
    """List promotions, rollbacks and changes of modes; with --at, the version of each model that decided then."""
    from rich.console import Console

    from fenzhen.settings import read_settings
    from fenzhen.store import open_store
    from fenzhen.workspace import load_workspace

    opened = load_workspace(workspace)
    settings = read_settings(workspace)
    with open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds) as store:
        moment = None if at is None else opened.moment(at).to_pydatetime()
        entries = store.ledger(model) if moment is None else decided_at(store, model, moment)
    Console().print(table_of(entries, opened.time_zone) if entries else "the ledger has no entry for this")


def decided_at(store: "Store", model: str | None, moment: "datetime") -> "list[LedgerEntry]":
    """Return the entry of each model (or the one asked for) whose version decided at ``moment``."""
    names = sorted({entry.model for entry in store.ledger(model) if entry.model})
    found = [store.champion_at(name, moment) for name in names]
    return [entry for entry in found if entry is not None]


def table_of(entries: "list[LedgerEntry]", time_zone: str) -> "Table":
    """Return a table for people, with times in the workspace's time zone."""
    from zoneinfo import ZoneInfo

    from rich.markup import escape
    from rich.table import Table

    table = Table("at", "model", "action", "from", "to", "who", "why", "manifest", title="Ledger")
    for entry in entries:
        at = entry.at.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M:%S %Z")
        table.add_row(at, *(escape(cell) for cell in _change(entry)), escape(entry.actor), escape(entry.reason),
                      (entry.manifest_sha256 or "")[:12])
    return table


def _change(entry: "LedgerEntry") -> tuple[str, str, str, str]:
    """Return what changed, how, from what and to what; of a mode the field and value that it is about."""
    if entry.action == "mode":
        return f"{entry.field} {entry.value}", "mode", entry.from_mode or "default", entry.to_mode or "default"
    return entry.model, entry.action, _version(entry.from_version), _version(entry.to_version)


def _version(number: int | None) -> str:
    return "–" if number is None else str(number)
