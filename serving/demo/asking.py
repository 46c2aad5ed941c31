"""Fresh tickets of the made-up company, and what people say of the answers, sent to the running service over HTTP."""

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fenzhen.errors import FenzhenError

if TYPE_CHECKING:
    from datetime import datetime

    from fenzhen.workspace import Workspace

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
DEMO_SCOPES = ("events", "admin")
PAGE_SCOPES = ("triage", "feedback", "churn", "devices")
KEY_HOURS = 8
PAGE_KEY = "demo_key"
TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True)
class Service:
    """The running service as somebody with a key meets it."""

    url: str
    key: str

    def call(self, path: str, body: Any = None) -> Any:
        """Return what the service answers: to a GET, or to a POST of ``body``; ``FenzhenError`` for a refusal."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(self.url + path, content, headers)
        try:
            with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as got:
                return json.load(got)
        except urllib.error.HTTPError as error:
            with error:
                told = error.read().decode("utf-8", "replace")
            raise FenzhenError(f"the service answered {error.code} to {path}: {told[:500]}") from None


def next_tickets(workspace: "Workspace", seed: int, number: int) -> list[dict[str, Any]]:
    """Return tickets of the day after the newest of the workspace, each with what is true of it."""
    from fenzhen.simulate import fresh_tickets

    return fresh_tickets(seed, number, next_day(workspace))


def team_of(workspace: "Workspace", seed: int) -> list[dict[str, Any]]:
    """Return who is at work on that day, with skills and open tickets."""
    from fenzhen.simulate import fresh_team

    return fresh_team(seed, next_day(workspace))


def next_day(workspace: "Workspace") -> "datetime":
    """Return the midnight after the newest ticket of the workspace."""
    from datetime import timedelta

    newest = workspace.table("tickets")["created_at"].max().tz_convert(workspace.time_zone)
    midnight: datetime = newest.to_pydatetime().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def ready(url: str) -> bool:
    """Return whether an address answers with success."""
    try:
        with _OPENER.open(url, timeout=5):
            return True
    except OSError:
        return False


def key_file(directory: Path) -> Path:
    """Return where the service keeps its first key."""
    from fenzhen.settings import read_settings
    from serving.first_key import FILE

    return read_settings(directory.resolve()).state_dir / FILE


def first_key(directory: Path) -> str:
    """Return the key that the service made for itself; ``FenzhenError`` if its file was taken away."""
    path = key_file(directory)
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise FenzhenError(f"expected the first key in {path}: {error.strerror}; write another there with: "
                           f"fenzhen keys create --scopes triage,feedback > {path}") from None


@contextlib.contextmanager
def borrowed(service: Service, directory: Path, scopes: Sequence[str] = DEMO_SCOPES) -> Iterator[Service]:
    """Lend the service with a key for what the first key does not open; it is revoked after."""
    from datetime import UTC, datetime, timedelta

    from fenzhen.settings import read_settings
    from fenzhen.store import open_store

    with open_store(read_settings(directory.resolve()).store_url) as store:
        until = datetime.now(UTC) + timedelta(hours=KEY_HOURS)
        made = store.create_key(scopes, name="demo", expires_at=until)
        try:
            yield Service(service.url, made.text)
        finally:
            store.revoke_key(made.record.id)


@contextlib.contextmanager
def page_key(service: Service, directory: Path) -> Iterator[Service]:
    """Lend the service with a key for every page, which lies in a file beside the first key for as long."""
    from serving.first_key import write_secret

    path = key_file(directory).with_name(PAGE_KEY)
    with borrowed(service, directory, PAGE_SCOPES) as reader:
        write_secret(path, reader.key + "\n")
        try:
            yield reader
        finally:
            path.unlink(missing_ok=True)


def served(service: Service, directory: Path) -> bool:
    """Return whether the service has looked at every exported champion: it answers with it or says why not."""
    from fenzhen.exports import Exports
    from fenzhen.settings import read_settings

    try:
        said = service.call("/v1/models")
    except OSError:
        return False
    known = {(each["model"], each["version"]) for part in ("models", "cohorts", "refused") for each in said[part]}
    champions = Exports(read_settings(directory.resolve()).exports_dir).champions().values()
    return {(each.model, each.version) for each in champions} <= known


def answers(service: Service, tickets: list[dict[str, Any]], team: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what ``/v1/triage/batch`` says of tickets and who of ``team`` should take each, in their order."""
    items = [{"ticket": ticket} for ticket in tickets]
    found = service.call("/v1/triage/batch", {"items": items, "assignees": team, "options": {"explain": True}})
    return [each["answer"] for each in found["items"]]
