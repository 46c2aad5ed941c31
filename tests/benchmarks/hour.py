"""An hour's traffic of a busy helpdesk, in as little time as it takes: do memory and metrics stay as they are?"""

import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fenzhen.store import SCOPES, open_store
from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import raw_messages
from tests.benchmarks.contestants import FENZHEN, publish, serving
from tests.benchmarks.crowd import Crowd, asking
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import Server
from tests.benchmarks.traffic import Traffic

__all__ = ["hour"]

CLIENTS, WORKERS, MESSAGES = 16, 2, 500
SAMPLES = 20
SETTLED = 5
"""The sample after which nothing is to grow any more: a quarter of the way."""
GROWTH = 0.10
COLUMNS = ("requests answered", "minutes", "largest worker, MiB", "all processes, MiB", "lines of /metrics",
           "store, MiB")


@dataclass(frozen=True)
class Plan:
    """How many requests, and the most seconds that they may take."""

    requests: int
    seconds: float


FULL, QUICK = Plan(200_000, 3_600.0), Plan(2_000, 120.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server held at a moment."""

    requests: int
    seconds: float
    worker: float
    memory: float
    lines: int
    store: float

    def cells(self) -> list[str]:
        """Return the row of the table."""
        return [f"{self.requests:,}", number(self.seconds / 60, 1), number(self.worker, 0), number(self.memory, 0),
                f"{self.lines:,}", number(self.store, 1)]


def hour(bench: Bench) -> Section:
    """Return the section: mixed traffic over two workers, looked at twenty times."""
    plan = QUICK if bench.quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        publish(bench, folder)
        file = folder / ".fenzhen" / "store.db"
        with open_store(f"sqlite:///{file}") as store:
            key = store.create_key(SCOPES).text
        subjects, bodies = (texts[:MESSAGES] for texts in raw_messages())
        traffic = Traffic(plan.requests, subjects, [body.strip()[:300] for body in bodies], key, bench.seed)
        with serving(FENZHEN, folder, WORKERS) as server, asking(server.port, traffic, CLIENTS, keep=False) as crowd:
            samples = _samples(bench, server, crowd, plan, file, key)
    table = Table(COLUMNS, [each.cells() for each in samples])
    statuses = Table(("status", "answers"), [[str(status), f"{count:,}"] for status, count in
                                             sorted(crowd.statuses.items())])
    return Section("hour", _ABOUT, [table, statuses], _aims(samples, crowd.statuses, crowd.torn, plan))


def _samples(bench: Bench, server: Server, crowd: Crowd, plan: Plan, file: Path, key: str) -> list[Sample]:
    started, found = time.monotonic(), []
    for number_of in range(1, SAMPLES + 1):
        wanted = plan.requests * number_of // SAMPLES
        while crowd.statuses.total() < wanted and time.monotonic() - started < plan.seconds:
            time.sleep(0.05)
        found.append(_sample(server, crowd, file, key, time.monotonic() - started))
        bench.say(f"hour: {found[-1].requests:,} requests, {found[-1].memory:.0f} MiB, {found[-1].lines} lines")
    return found


def _sample(server: Server, crowd: Crowd, file: Path, key: str, seconds: float) -> Sample:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/metrics",
                                     headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        lines = len(answer.read().splitlines())
    return Sample(crowd.statuses.total(), seconds, server.worker_memory(), server.memory(), lines,
                  file.stat().st_size / 2**20)


def _aims(samples: list[Sample], statuses: Counter[int], torn: int, plan: Plan) -> list[Aim]:
    settled, last = samples[SETTLED - 1], samples[-1]
    failed = sum(count for status, count in statuses.items() if status >= 500)
    return [
        Aim("requests answered", last.requests, plan.requests, digits=0),
        Aim("growth of the largest worker after the first quarter", last.worker / settled.worker - 1, GROWTH,
            at_least=False, digits=3),
        Aim("growth of all processes after the first quarter", last.memory / settled.memory - 1, GROWTH,
            at_least=False, digits=3),
        Aim("more lines of /metrics after the first quarter", last.lines - settled.lines, 0, at_least=False, digits=0),
        Aim("answers of 500 and more", failed, 0, at_least=False, digits=0),
        Aim("connections torn", torn, 0, at_least=False, digits=0),
    ]


_ABOUT = (
    f"`fenzhen serve` with {WORKERS} workers over SQLite, {CLIENTS} clients without pause: {FULL.requests:,} requests, "
    f"at most an hour. Singles with and without reasons, flat, batches of 20, events, feedback; about a tenth is wrong "
    "on purpose (not JSON, wrong types, unknown fields, random paths, unknown keys, unknown predictions). Memory is "
    "resident, of the parent and all below it, files mapped into memory included."
)
