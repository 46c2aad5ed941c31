"""Fresh tickets of the made-up company, asked of the running service over HTTP."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fenzhen.workspace import Workspace

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def next_tickets(workspace: "Workspace", seed: int, number: int) -> list[dict[str, Any]]:
    """Return tickets of the day after the newest of the workspace, each with what is true of it."""
    from datetime import timedelta

    from fenzhen.simulate import fresh_tickets

    newest = workspace.table("tickets")["created_at"].max().tz_convert(workspace.time_zone)
    after = newest.to_pydatetime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return fresh_tickets(seed, number, after)


def ready(url: str) -> bool:
    """Return whether an address answers with success."""
    try:
        with _OPENER.open(url, timeout=5):
            return True
    except OSError:
        return False


def served(url: str, directory: Path) -> bool:
    """Return whether the service has looked at every exported champion: it answers with it or says why not."""
    from fenzhen.exports import Exports
    from fenzhen.settings import read_settings

    try:
        with _OPENER.open(f"{url}/v1/models", timeout=5) as answer:
            said = json.load(answer)
    except OSError:
        return False
    known = {(each["model"], each["version"]) for part in ("models", "refused") for each in said[part]}
    champions = Exports(read_settings(directory.resolve()).exports_dir).champions().values()
    return {(each.model, each.version) for each in champions} <= known


def answer(url: str, ticket: dict[str, Any]) -> dict[str, Any]:
    """Return what ``/v1/classify`` says of a ticket, with its reasons."""
    body = json.dumps({"ticket": ticket, "options": {"explain": True}}).encode()
    request = urllib.request.Request(f"{url}/v1/classify", body, {"Content-Type": "application/json"})
    with _OPENER.open(request, timeout=15) as response:
        found: dict[str, Any] = json.load(response)
    return found
