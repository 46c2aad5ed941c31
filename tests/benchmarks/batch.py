"""A thousand tickets in one request, beside the same thousand decided in this process by the same model."""

import json
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from models.artefact import load_scorer
from models.decision import decide
from models.policy import Policy
from tests.benchmarks.bench import Bench
from tests.benchmarks.bulk import ratio
from tests.benchmarks.cases import raw_messages
from tests.benchmarks.contestants import FENZHEN, publish, serving
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import Server, key_of

__all__ = ["batch"]

TICKETS, ROUNDS, QUICK_ROUNDS, SHARE = 1_000, 9, 2, 0.8
LENGTHS = {"as written": None, "their first 80 characters": 80}
COLUMNS = ("tickets/s", "slowest round", "fastest round", "CPU ms a ticket", "share of in-process")
OVER_HTTP, IN_PROCESS = "over HTTP, /v1/triage/batch", "in process, models.decision.decide"
SETTLE_SECONDS = 0.3
"""For the store's thread to write the last batch before the next contestant is timed."""

Texts = Sequence[str]


@dataclass
class Rounds:
    """Wall and processor seconds of each round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def batch(bench: Bench) -> Section:
    """Return the section: the hotline's messages, whole and cut short, a thousand a request."""
    subjects, bodies = (texts[:TICKETS] for texts in raw_messages())
    tables, aims = [], []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        publish(bench, folder)
        with serving(FENZHEN, folder) as server:
            for name, length in LENGTHS.items():
                bench.say(f"batch: {name}")
                texts = subjects, [body.strip()[:length] for body in bodies]
                found = _compared(bench, server, folder, *texts)
                tables.append(_table(f"{TICKETS:,} messages, {name}", found))
                share = ratio(found[IN_PROCESS].wall, found[OVER_HTTP].wall)
                aims.append(Aim(f"share of the in-process rate, messages {name}", share, SHARE, digits=2))
    return Section("batch", _ABOUT, tables, aims)


def _compared(bench: Bench, server: Server, folder: Path, subjects: Texts, bodies: Texts) -> dict[str, Rounds]:
    scorer, policy, body = load_scorer(folder / "artefact"), Policy(), _body(subjects, bodies)
    key = key_of(folder)

    def over_http() -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/triage/batch", body, {
            "Content-Type": "application/json", "Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()

    jobs: dict[str, tuple[Callable[[], object], Callable[[], float]]] = {
        OVER_HTTP: (over_http, server.cpu_seconds),
        IN_PROCESS: (lambda: decide(scorer, policy, subjects, bodies), time.process_time),
    }
    found = {name: Rounds() for name in jobs}
    for turn in range((QUICK_ROUNDS if bench.quick else ROUNDS) + 1):
        for name in list(jobs)[:: 1 if turn % 2 else -1]:
            _time(found[name] if turn else Rounds(), *jobs[name])
    return found


def _time(rounds: Rounds, job: Callable[[], object], cpu: Callable[[], float]) -> None:
    before, started = cpu(), time.perf_counter()
    job()
    rounds.wall.append(time.perf_counter() - started)
    time.sleep(SETTLE_SECONDS)
    rounds.cpu.append(cpu() - before)


def _body(subjects: Texts, bodies: Texts) -> bytes:
    tickets = [{"id": f"B-{index}", "subject": subject, "body": body}
               for index, (subject, body) in enumerate(zip(subjects, bodies, strict=True))]
    return json.dumps({"items": [{"ticket": ticket} for ticket in tickets]}, ensure_ascii=False).encode()


def _table(title: str, found: dict[str, Rounds]) -> Table:
    rows = []
    for name, rounds in found.items():
        rates = [TICKETS / seconds for seconds in rounds.wall]
        rows.append([name, number(median(rates), 0), number(min(rates), 0), number(max(rates), 0),
                     number(median(rounds.cpu) * 1000 / TICKETS, 3),
                     number(ratio(found[IN_PROCESS].wall, rounds.wall), 2)])
    return Table((title, *COLUMNS), rows)


_ABOUT = (
    f"One client sends {TICKETS:,} of the hotline's raw messages in one request to `fenzhen serve` with one worker, "
    f"and this process decides the same ones by the same model; in turn, {ROUNDS} rounds, after one that does not "
    "count. The request is read, each ticket checked on its own, scored, answered as JSON and logged to the store; in "
    "process there are only the decisions. The share is the median of the rounds' own; CPU is of the server with all "
    "its processes, writing to the store included."
)
