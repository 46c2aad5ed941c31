"""What ``fenzhen doctor`` finds of the store and of a running service: last scorings, alerts, stale data."""

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pandas as pd

from fenzhen.errors import FenzhenError
from fenzhen.exports import Exports
from fenzhen.settings import Settings
from fenzhen.store import AlertFilter, Store, StoredRun, look_into
from fenzhen.workspace import Workspace
from models.specs import spec_of
from training.doctor.finding import Finding
from training.freshness import newest_fact

__all__ = ["look_at_data", "look_at_service", "look_at_store"]

STALE = timedelta(days=9)
"""Scores and facts that are older are stale: a week, and a weekend's delay."""
OWN_PROBLEM = "urn:fenzhen:problem:"
FIRST_KEY = "first_key"
MOST_ALERTS = 1_000


def look_at_data(workspace: Workspace, now: datetime) -> Iterator[Finding]:
    """Say how old the newest fact of the tables is; nothing where none has a time."""
    named = [name for name in workspace.table_names if workspace.config.tables[name].schema.time is not None]
    newest = newest_fact(workspace, named, pd.Timestamp(now)) if named else None
    if newest is not None:
        yield _aged("newest fact", f"{_shown(newest, workspace)} in the tables", newest, now)


def look_at_store(workspace: Workspace, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Say what the store holds: keys, the last scoring of each cohort model, open alerts."""
    store = look_into(settings.store_url, lock_timeout_seconds=min(settings.lock_timeout_seconds, 5))
    if store is None:
        yield Finding("absent", "store", "nothing yet: fenzhen ingest, fenzhen score and fenzhen serve make it")
        return
    with store:
        usable = [key for key in store.keys() if key.usable(now)]  # noqa: SIM118
        text = f"{store.address}; {store.event_count():,} ticket events, {len(usable)} usable keys"
        yield Finding("ok", "store", text)
        for model in _cohort_models(workspace, settings):
            yield from _scorings(workspace, store, model, now)


def _cohort_models(workspace: Workspace, settings: Settings) -> list[str]:
    """Return the models that score a whole cohort: those of the workspace and those with a champion."""
    names = {*workspace.model_names(), *_champions(settings)}
    found = []
    for name in sorted(names):
        try:
            if spec_of(name, workspace.model_settings(name)).table != "tickets":
                found.append(name)
        except FenzhenError:  # told where models are
            continue
    return found


def _champions(settings: Settings) -> dict[str, int]:
    """Return the exported champions' versions; none where nothing was ever exported."""
    if not settings.exports_dir.is_dir():
        return {}
    exports = Exports(settings.exports_dir, settings.exports_keep)
    return {model: each.version for model, each in exports.champions().items()}


def _scorings(workspace: Workspace, store: Store, model: str, now: datetime) -> Iterator[Finding]:
    run = store.newest_scores(model)
    if run is None:
        yield Finding("absent", f"scores {model}", f"nothing scored yet: fenzhen score {model}, or fenzhen run-daily")
        return
    yield _aged(f"scores {model}", _told(workspace, run), min(run.run.as_of, run.run.data_until or run.run.as_of), now)
    alerts = [each for each in store.alerts(AlertFilter(state="open"), MOST_ALERTS) if each.model == model]
    if alerts:
        yield Finding("ok", f"alerts {model}", f"{len(alerts):,} open")


def _told(workspace: Workspace, run: StoredRun) -> str:
    known = "" if run.run.data_until is None else f", data until {_shown(run.run.data_until, workspace)}"
    return f"{run.row_count:,} by version {run.run.version} as of {_shown(run.run.as_of, workspace)}{known}"


def _aged(what: str, said: str, moment: datetime, now: datetime) -> Finding:
    age = now - moment
    stale = age > STALE
    return Finding("stale" if stale else "ok", what, f"{said}{f'; {age.days} days old' if stale else ''}")


def _shown(moment: datetime, workspace: Workspace) -> str:
    return moment.astimezone(ZoneInfo(workspace.time_zone)).strftime("%Y-%m-%d %H:%M")


def look_at_service(url: str, settings: Settings) -> Iterator[Finding]:
    """Say whether a service answers at an address, and which versions it serves, if a key allows to ask.

    The key is that of ``FENZHEN_KEY``; on this machine, else the workspace's first key.
    """
    address = url.rstrip("/")
    status, body = _asked(f"{address}/v1/models", _key(address, settings))
    if status == 200 and isinstance(body.get("models"), list):
        served = {str(each["model"]): each["version"] for each in (*body["models"], *(body.get("cohorts") or ()))}
        said = ", ".join(f"{model} {version}" for model, version in sorted(served.items())) or "no model"
        other = [model for model, version in _champions(settings).items() if served.get(model, version) != version]
        hint = f"; other versions than this workspace exports: {', '.join(other)}" if other else ""
        yield Finding("stale" if other else "ok", "service", f"{address} serves {said}{hint}")
    elif status and str(body.get("type", "")).startswith(OWN_PROBLEM):
        ready, _ = _asked(f"{address}/readyz", None)
        state = "is ready" if ready == 200 else "is not ready: no champion, or no store"
        keyed = "" if status == 503 else "; set FENZHEN_KEY to a key that may see its models (scope triage)"
        yield Finding("ok" if ready == 200 else "stale", "service", f"{address} answers and {state}{keyed}")
    else:
        hint = "something else answers there" if status else "nothing answers"
        yield Finding("absent", "service", f"{address}: {hint}; fenzhen serve, or name another with --port or --url")


def _key(address: str, settings: Settings) -> str | None:
    if given := os.environ.get("FENZHEN_KEY"):
        return given
    first = settings.state_dir / FIRST_KEY
    here = urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")
    return first.read_text("utf-8").strip() if here and first.is_file() else None


def _asked(url: str, key: str | None) -> tuple[int, Mapping[str, Any]]:
    """Return status and JSON of an address; (0, {}) where nobody answers."""
    request = urllib.request.Request(url, headers={} if key is None else {"X-API-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.status, _object(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _object(error.read())
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
