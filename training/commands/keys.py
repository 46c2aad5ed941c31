"""``fenzhen keys``: who may ask the service for what."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.options import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from fenzhen.store import KeyRecord, Store

app = typer.Typer(help="Create, list and revoke the service's keys.", no_args_is_help=True)

Scopes = Annotated[str, typer.Option("--scopes", help="Comma-separated: triage, events, feedback, churn, devices, "
                                                      "hooks, admin.")]
Owner = Annotated[str | None, typer.Option("--owner", help="Account manager whose customers alone the key shows, spelt "
                                                "as in the table customers.",
                                           show_default="all customers")]
Name = Annotated[str, typer.Option("--name", help="What the key is for, in words.")]
Expires = Annotated[str | None, typer.Option("--expires", help="A date (midnight in the workspace's time zone), an ISO "
                                                               "8601 time, or a number of days from now.",
                                             show_default="never")]


@app.command("create")
def create(scopes: Scopes, owner: Owner = None, name: Name = "", expires: Expires = None,
           workspace: Workspace = Path()) -> None:
    """Make a key and print it: this once, for only its hash is kept."""
    given = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    until = None if expires is None else expiry(workspace, expires)
    with _store(workspace) as store:
        made = store.create_key(given, owner=owner, name=name, expires_at=until)
    if owner is not None and (warning := _about_owner(workspace, owner)) is not None:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(f"{made.record.id} with {', '.join(sorted(made.record.scopes))}. The key, shown only now:", err=True)
    typer.echo(made.text)


@app.command("list")
def listed(workspace: Workspace = Path()) -> None:
    """List all keys, those that no longer open anything included."""
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    with _store(workspace) as store:
        keys = store.keys()
    zone, now = _zone(workspace), datetime.now(UTC)
    key_id, *days = (Column(name, no_wrap=True, min_width=10) for name in ("id", "created", "expires"))
    key_id.min_width = 14
    table = Table(key_id, "name", "scopes", "owner", *days, "state", title=f"Keys (days in {zone})")
    for key in keys:
        table.add_row(key.id, escape(key.name), ", ".join(sorted(key.scopes)), escape(key.owner or ""),
                      _shown(key.created_at, zone), _shown(key.expires_at, zone), state_of(key, now))
    Console().print(table if keys else "there are no keys; `fenzhen serve` makes a first one, or `fenzhen keys create`")


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as `fenzhen keys list` shows it.")],
           workspace: Workspace = Path()) -> None:
    """Take a key away; running services refuse it within seconds."""
    from fenzhen.errors import StoreError

    with _store(workspace) as store:
        if not store.revoke_key(key_id):
            held = store.keys()
            known = ", ".join(key.id for key in held if key.revoked_at is None) or "none"
            raise StoreError(f"got the key {key_id!r}, expected one that is not revoked: {known}")
    typer.echo(f"{key_id} is revoked")


def expiry(workspace: Path, text: str) -> "datetime":
    """Return the moment that ``--expires`` names; ``SettingsError`` for one that has passed."""
    from datetime import UTC, datetime, timedelta

    from fenzhen.errors import SettingsError
    from fenzhen.workspace import load_workspace

    now = datetime.now(UTC)
    if text.isascii() and text.isdigit() and len(text) < 6:
        moment = now + timedelta(days=int(text))
    else:
        moment = load_workspace(workspace).moment(text).to_pydatetime()
    if moment <= now:
        raise SettingsError(f"got --expires {text}, expected a moment to come or a number of days of at least 1")
    return moment


def state_of(key: "KeyRecord", now: "datetime") -> str:
    """Return ``usable``, ``expired`` or ``revoked``."""
    return "usable" if key.usable(now) else "expired" if key.revoked_at is None else "revoked"


def _about_owner(workspace: Path, owner: str) -> str | None:
    from fenzhen.workspace import load_workspace
    from training.owners import owner_warning

    return owner_warning(load_workspace(workspace), owner)


def _store(workspace: Path) -> "Store":
    from fenzhen.store import open_store
    from training.champions.doors import settings_of

    settings = settings_of(workspace)
    return open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds)


def _zone(workspace: Path) -> str:
    from fenzhen.workspace import load_workspace

    return load_workspace(workspace).time_zone


def _shown(moment: "datetime | None", zone: str) -> str:
    from zoneinfo import ZoneInfo

    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d")
