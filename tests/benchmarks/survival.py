"""Workers and parents are killed with -9 under load: is anything lost that was acknowledged, or kept twice?"""

import contextlib
import json
import os
import random
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from fenzhen.store import SCOPES, Store, open_store
from tests.benchmarks.bench import Bench
from tests.benchmarks.clients import request_bytes
from tests.benchmarks.contestants import FENZHEN, publish, serving
from tests.benchmarks.posting import Post, Posting
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import Server, free_port

__all__ = ["survival"]

CLIENTS, WORKERS = 16, 2
EVENTS_ACTORS = 4
RESTART_SECONDS = 60.0
PARENT, WORKER = "parent", "worker"
COLUMNS = ("store", "posts", "acknowledged", "workers killed", "parents killed", "connections torn", "told again",
           "refused", "lost", "doubled", "seconds")


@dataclass(frozen=True)
class Plan:
    """How many events and feedbacks are told, how often whom is killed, and the most seconds that it may take."""

    events: int
    feedback: int
    kills: tuple[str, ...]
    seconds: float


FULL = Plan(8_000, 2_000, (WORKER, WORKER, PARENT, WORKER, WORKER, WORKER, PARENT, WORKER), 600.0)
QUICK = Plan(150, 40, (WORKER, PARENT), 120.0)


@dataclass(frozen=True)
class Outcome:
    """One store's run."""

    name: str
    posts: int
    posting: Posting
    kills: Counter[str]
    lost: int
    doubled: int
    seconds: float

    def cells(self) -> list[str]:
        """Return the row of the table."""
        return [self.name, f"{self.posts:,}", f"{len(self.posting.acknowledged):,}", str(self.kills[WORKER]),
                str(self.kills[PARENT]), str(self.posting.torn), str(self.posting.repeats),
                str(self.posting.refused.total()), str(self.lost), str(self.doubled), number(self.seconds, 0)]


def survival(bench: Bench) -> Section:
    """Return the section: the same posts and kills over SQLite and, where it is installed, over PostgreSQL."""
    plan = QUICK if bench.quick else FULL
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        publish(bench, folder)
        found.append(_run(bench, folder, "SQLite", f"sqlite:///{folder}/.fenzhen/store.db", plan))
        with _postgres() as url:
            if url:
                found.append(_run(bench, folder, "PostgreSQL", url, plan))
    aims = [aim for each in found for aim in _aims(each)]
    return Section("survival", _ABOUT, [Table(COLUMNS, [each.cells() for each in found])], aims)


@contextlib.contextmanager
def _postgres() -> Iterator[str]:
    """Lend the address of a PostgreSQL server, empty where none is installed."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        yield ""
        return
    from tests.fenzhen.store.postgres_server import PostgresServer

    server = PostgresServer()
    try:
        yield server.url
    finally:
        server.remove()


def _run(bench: Bench, folder: Path, name: str, url: str, plan: Plan) -> Outcome:
    bench.say(f"survival: {name}")
    chance, port, started = random.Random(bench.seed), free_port(), time.monotonic()
    with open_store(url) as store, contextlib.ExitStack() as stack:
        key = store.create_key(SCOPES).text
        server = stack.enter_context(_server(folder, url, port))
        posts = _posts(plan, key, _predictions(server, plan, key))
        chance.shuffle(posts)
        posting = Posting(port, posts, CLIENTS, time.monotonic() + plan.seconds)
        thread = posting.start()
        kills: Counter[str] = Counter()
        for share, whom in enumerate(plan.kills, start=1):
            _wait_for(posting, len(posts) * (share - chance.random() * 0.5) / (len(plan.kills) + 0.5))
            kills[whom] += 1
            if whom == PARENT:
                os.kill(server.process.pid, signal.SIGKILL)
                stack.close()
                _wait_until_free(port)  # the orphans end by themselves
                server = stack.enter_context(_server(folder, url, port))
            else:
                os.kill(_worker(server, chance), signal.SIGKILL)
        thread.join(plan.seconds + 60)
        counts = _kept(store)
        lost = sum(counts[each] == 0 for each in posting.acknowledged)
        doubled = sum(counts[post.name] > 1 for post in posts)
    return Outcome(name, len(posts), posting, kills, lost, doubled, time.monotonic() - started)


def _server(folder: Path, url: str, port: int) -> contextlib.AbstractContextManager[Server]:
    return serving(FENZHEN, folder, WORKERS, port=port, FENZHEN_STORE_URL=url)


def _predictions(server: Server, plan: Plan, key: str) -> list[str]:
    """Return the ids of predictions for people to talk about."""
    wanted = max(plan.feedback // EVENTS_ACTORS, 1)
    items = [{"ticket": {"id": f"F-{number}", "subject": "打印机卡纸"}} for number in range(wanted)]
    answers = json.loads(server.post("/v1/triage/batch", {"items": items}, key))["items"]
    return [each["answer"]["prediction_id"] for each in answers]


def _posts(plan: Plan, key: str, predictions: list[str]) -> list[Post]:
    posts = [
        Post(f"E-{index}", request_bytes(
            {"ticket_id": f"T-{index}", "event": "assigned", "at": "2026-11-21T09:05:00+08:00",
             "event_id": f"E-{index}", "group": "硬件"}, "/v1/events", key=key))
        for index in range(plan.events)
    ]
    for index in range(plan.feedback):
        about, actor = predictions[index % len(predictions)], f"A-{index // len(predictions)}"
        told = {"prediction_id": about, "field": "category", "verdict": "rejected", "actor": actor}
        posts.append(Post(f"{about}/{actor}", request_bytes(told, "/v1/feedback", key=key)))
    return posts


def _worker(server: Server, chance: random.Random) -> int:
    """Return the process id of a worker, waiting for one where the last one killed has no successor yet."""
    deadline = time.monotonic() + RESTART_SECONDS
    while not (workers := server.workers()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the parent replaced no worker within {RESTART_SECONDS:g} s")
        time.sleep(0.05)
    return chance.choice(workers)


def _wait_until_free(port: int) -> None:
    deadline = time.monotonic() + RESTART_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the port was not free within {RESTART_SECONDS:g} s after the parent was killed")


def _wait_for(posting: Posting, acknowledged: float) -> None:
    while len(posting.acknowledged) < acknowledged and time.monotonic() < posting.until:
        time.sleep(0.005)


def _kept(store: Store) -> Counter[str]:
    """Return how often the store holds each fact that was told."""
    with store.reading() as connection:
        found = [*connection.execute(text("SELECT event_id FROM ticket_events")).scalars()]
        told = connection.execute(text("SELECT prediction_id, actor FROM feedback")).all()
    return Counter([*found, *(f"{prediction}/{actor}" for prediction, actor in told)])


def _aims(outcome: Outcome) -> list[Aim]:
    none = {"wanted": 0, "at_least": False, "digits": 0}
    return [
        Aim(f"{outcome.name}: posts acknowledged in the end", len(outcome.posting.acknowledged), outcome.posts,
            digits=0),
        Aim(f"{outcome.name}: acknowledged and lost", outcome.lost, **none),
        Aim(f"{outcome.name}: kept twice", outcome.doubled, **none),
    ]


_ABOUT = (
    f"`fenzhen serve` with {WORKERS} workers; {CLIENTS} clients post single events and feedback and tell again, over "
    "another connection, what was not acknowledged. At random moments a worker (which the parent replaces), or the "
    "parent, is killed with SIGKILL; the orphans of a parent end by themselves, and the service is started anew on the "
    "same port, as a supervisor would. Then the store is read: *lost* was acknowledged and is not there, *doubled* is "
    f"there more than once. At most {FULL.seconds / 60:g} minutes for each store."
)
