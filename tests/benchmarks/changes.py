"""Sixty-four clients ask without pause while champions are swapped, the kill switch is thrown and the server ends."""

import contextlib
import json
import signal
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from fenzhen.exports import Exports
from fenzhen.store import SCOPES, Store, open_store
from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import raw_messages
from tests.benchmarks.clients import request_bytes
from tests.benchmarks.contestants import FENZHEN, MODEL, publish, serving
from tests.benchmarks.crowd import Crowd, asking
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import Server

__all__ = ["changes"]

CLIENTS, WORKERS, TICKETS = 64, 2, 200
SWITCH_SECONDS = 3.0
"""Within how long the kill switch must hold on all workers."""
SEEN_SECONDS = 60.0
LAST = "T-last"
"""The ticket that is asked about while the server ends."""
COLUMNS = ("what happens", "requests", "not 200", "connections torn", "seconds until it held", "lost", "unanswered")


@dataclass(frozen=True)
class Plan:
    """How many swaps, and seconds of asking before and after each change."""

    swaps: int
    seconds: float


FULL, QUICK = Plan(6, 2.0), Plan(1, 0.5)


@dataclass(frozen=True)
class Change:
    """What clients saw of a change; ``lost`` answers are not in the store, ``unanswered`` are there alone."""

    name: str
    crowd: Crowd
    held_after: float = float("nan")
    lost: int = 0
    unanswered: int = 0

    @property
    def failed(self) -> int:
        """How many answers were not 200."""
        return sum(each.status != 200 for each in self.crowd.answers)

    def cells(self) -> list[str]:
        """Return the row of the table."""
        return [self.name, f"{len(self.crowd.answers):,}", str(self.failed), str(self.crowd.torn),
                number(self.held_after, 2), str(self.lost), str(self.unanswered)]


def changes(bench: Bench) -> Section:
    """Return the section: two workers over the hotline's model, each change under a crowd of its own."""
    plan = QUICK if bench.quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        publish(bench, folder)
        url = f"sqlite:///{folder}/.fenzhen/store.db"
        with open_store(url) as store:
            key = store.create_key(SCOPES).text
            with serving(FENZHEN, folder, WORKERS) as server:
                bench.say("changes: swaps")
                swap = _swaps(server, folder, plan, key)
                bench.say("changes: kill switch")
                switch = _kill_switch(server, plan, key)
                bench.say("changes: SIGTERM")
                end = _sigterm(server, store, plan, key)
    rows = (swap, switch, end)
    return Section("changes", _ABOUT, [Table(COLUMNS, [each.cells() for each in rows])], _aims(*rows))


def _swaps(server: Server, folder: Path, plan: Plan, key: str) -> Change:
    exports, slowest = Exports(folder / ".fenzhen" / "exports"), 0.0
    with asking(server.port, _requests(key), CLIENTS) as crowd:
        time.sleep(plan.seconds)
        for version in range(2, plan.swaps + 2):
            exports.publish(MODEL, version, folder / "artefact", registry_alias=version)
            published = time.monotonic()
            old = f'"{MODEL}/{version - 1}"'.encode()
            _until(lambda old=old: _quiet_since(crowd, old, plan.seconds))
            slowest = max(slowest, _last(crowd, old) - published)
    return Change(f"{plan.swaps} swaps of the champion", crowd, slowest)


def _kill_switch(server: Server, plan: Plan, key: str) -> Change:
    with asking(server.port, _requests(key), CLIENTS) as crowd:
        time.sleep(plan.seconds)
        thrown = time.monotonic()
        _put(server, "/v1/modes/*", {"mode": "off", "reason": "benchmark"}, key)
        time.sleep(SWITCH_SECONDS + plan.seconds)
    held = max((each.at for each in crowd.answers if b'"decision":"abstain"' not in each.body), default=thrown)
    _put(server, "/v1/modes/*", {"mode": "default", "reason": "benchmark"}, key)
    return Change("kill switch", crowd, max(held - thrown, 0.0))


def _sigterm(server: Server, store: Store, plan: Plan, key: str) -> Change:
    with asking(server.port, _requests(key, LAST), CLIENTS, reconnect=False) as crowd:
        time.sleep(plan.seconds)
        server.process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        server.process.wait(SEEN_SECONDS)
    answered = {json.loads(each.body)["prediction_id"] for each in crowd.answers if each.status == 200}
    with store.reading() as connection:
        found = connection.execute(text("SELECT prediction_id FROM predictions WHERE ticket_id = :id"), {"id": LAST})
        stored = set(found.scalars())
    return Change("SIGTERM", crowd, time.monotonic() - asked, len(answered - stored), len(stored - answered))


def _quiet_since(crowd: Crowd, old: bytes, seconds: float) -> bool:
    """Return whether the last answers of that many seconds all came from another version."""
    newest = time.monotonic()
    return _last(crowd, old) < newest - seconds and len(crowd.answers) > 0


def _last(crowd: Crowd, model: bytes) -> float:
    return next((each.at for each in reversed(crowd.answers) if model in each.body), 0.0)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SEEN_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it did not happen within {SEEN_SECONDS:g} s")
        time.sleep(0.1)


def _put(server: Server, path: str, body: dict[str, Any], key: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", json.dumps(body).encode(), headers, method="PUT"
    )
    with contextlib.closing(urllib.request.urlopen(request, timeout=15)) as answer:
        answer.read()


def _requests(key: str, ticket_id: str = "T-1") -> list[bytes]:
    subjects, bodies = raw_messages()
    pairs = zip(subjects[:TICKETS], bodies[:TICKETS], strict=True)
    return [request_bytes({"ticket": {"id": ticket_id, "subject": subject, "body": body.strip()[:200]}}, key=key)
            for subject, body in pairs]


def _aims(swap: Change, switch: Change, end: Change) -> list[Aim]:
    none = {"wanted": 0, "at_least": False, "digits": 0}
    return [
        Aim("failed requests and torn connections during swaps", swap.failed + swap.crowd.torn, **none),
        Aim("failed requests and torn connections while the kill switch was thrown", switch.failed + switch.crowd.torn,
            **none),
        Aim("seconds until the kill switch held on all workers", switch.held_after, SWITCH_SECONDS, at_least=False,
            digits=2),
        Aim("SIGTERM: requests that were processed and not answered", end.unanswered, **none),
        Aim("SIGTERM: answers that the store does not have", end.lost, **none),
        Aim("SIGTERM: answers other than 200", end.failed, **none),
    ]


_ABOUT = (
    f"`fenzhen serve` with {WORKERS} workers over SQLite, {CLIENTS} clients that ask without pause. Swaps: a version "
    "is published, then the next one once no worker answers by the old one; *seconds until it held* is the longest "
    "from publishing to the last answer of the old version. Kill switch: seconds from asking for `PUT /v1/modes/*` "
    "with `off` to the last answer that was no abstention. SIGTERM: seconds until the server had ended; clients do "
    "not connect again, and a connection that is closed before an answer began was never read from: *unanswered* are "
    "predictions in the store that no client got, *lost* are answers that the store does not have."
)
