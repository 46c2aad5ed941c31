"""The service over HTTP: time until ready, latency, rate and memory, beside a constant answer of plain BentoML.

Requests carry the first key, which the service checks; what it answers, it also writes to its store.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from fenzhen.exports import Exports
from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import raw_messages
from tests.benchmarks.clients import Latencies, ask, request_bytes
from tests.benchmarks.constant import ANSWER
from tests.benchmarks.footprint import save_fenzhen
from tests.benchmarks.results import Section, Table, number
from tests.benchmarks.servers import Server, constant_command, fenzhen_command, free_port, key_of, running

__all__ = ["over_http"]

MODEL = "ticket_category"
CLIENTS = (1, 16)
TICKETS = 200
NO_RATE_LIMIT = "1000000"
OURS, PEER = "Fenzhen, /v1/classify", "BentoML, constant answer"
LOAD_COLUMNS = ("requests/s", "p50, ms", "p99, ms", "slowest round, requests/s", "requests", "not 200")
START_COLUMNS = ("server", "ready, s", "slowest start, s", "largest worker, MiB")


@dataclass(frozen=True)
class Plan:
    """How long everything takes."""

    starts: int
    rounds: int
    seconds: float


FULL, QUICK = Plan(3, 5, 2.0), Plan(1, 1, 0.2)


def over_http(bench: Bench) -> Section:
    """Return the section: a champion trained on the hotline, asked about the hotline's raw messages."""
    plan = QUICK if bench.quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _publish(bench, folder)
        starts, memory = _starts(bench, folder, plan)
        with _both(folder) as servers:
            found = _loads(bench, servers, plan, key_of(folder))
            memory = {name: max(memory[name], server.worker_memory()) for name, server in servers.items()}
    start_rows = [
        [name, number(median(seconds), 2), number(max(seconds), 2), number(memory[name], 0)]
        for name, seconds in starts.items()
    ]
    tables = [Table(START_COLUMNS, start_rows), *(_load_table(clients, found) for clients in CLIENTS)]
    return Section("http", _ABOUT, tables)


def _publish(bench: Bench, folder: Path) -> None:
    artefact = folder / "artefact"
    save_fenzhen(bench.kept_fit("raw", "Fenzhen").fitted, artefact)
    Exports(folder / ".fenzhen" / "exports").publish(MODEL, 1, artefact, registry_alias=1)
    (folder / "answer.json").write_text("{}", encoding="utf-8")


@contextlib.contextmanager
def _both(folder: Path) -> Iterator[dict[str, Server]]:
    """Run both servers; the constant answer is one that Fenzhen gave."""
    with _running(OURS, folder) as ours:
        answer = ours.post("/v1/classify", _ticket("打印机卡纸", "重启也不行"), key_of(folder))
        (folder / "answer.json").write_bytes(answer)
        with _running(PEER, folder) as peer:
            yield {OURS: ours, PEER: peer}


def _running(name: str, folder: Path) -> contextlib.AbstractContextManager[Server]:
    port = free_port()
    command = fenzhen_command(folder, port) if name == OURS else constant_command(port)
    return running(command, port, folder, {ANSWER: str(folder / "answer.json"), "FENZHEN_RATE": NO_RATE_LIMIT})


def _starts(bench: Bench, folder: Path, plan: Plan) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the seconds of each start, and each server's memory when it is ready."""
    seconds: dict[str, list[float]] = {OURS: [], PEER: []}
    memory: dict[str, float] = {}
    for turn in range(plan.starts):
        for name in (OURS, PEER) if turn % 2 == 0 else (PEER, OURS):
            bench.say(f"http: start {turn + 1}/{plan.starts} of {name}")
            with _running(name, folder) as server:
                seconds[name].append(server.ready_seconds)
                memory[name] = server.worker_memory()
    return seconds, memory


def _loads(bench: Bench, servers: dict[str, Server], plan: Plan, key: str) -> dict[tuple[str, int], list[Latencies]]:
    """Ask both servers in turn; the other one is idle. The first round is not counted."""
    requests = _requests(key)
    found: dict[tuple[str, int], list[Latencies]] = {(name, clients): [] for name in servers for clients in CLIENTS}
    for turn in range(plan.rounds + 1):
        bench.say(f"http: round {turn}/{plan.rounds}" if turn else "http: warming up")
        names = list(servers) if turn % 2 == 0 else list(servers)[::-1]
        for name in names:
            for clients in CLIENTS:
                latencies = ask(servers[name].port, requests, clients, plan.seconds)
                if turn:
                    found[name, clients].append(latencies)
    return found


def _requests(key: str) -> list[bytes]:
    subjects, bodies = raw_messages()
    pairs = zip(subjects[:TICKETS], bodies[:TICKETS], strict=True)
    return [request_bytes(_ticket(subject, body.strip()), key=key) for subject, body in pairs]


def _ticket(subject: str, body: str) -> dict[str, dict[str, str]]:
    return {"ticket": {"subject": subject, "body": body}}


def _load_table(clients: int, found: dict[tuple[str, int], list[Latencies]]) -> Table:
    title = f"{clients} client{'s' if clients > 1 else ''}"
    rows = [_load_row(name, rounds) for (name, count), rounds in found.items() if count == clients]
    return Table((title, *LOAD_COLUMNS), rows)


def _load_row(name: str, rounds: list[Latencies]) -> list[str]:
    rates = [each.rate for each in rounds]
    seconds = [second for each in rounds for second in each.seconds]
    p50, p99 = (quantiles(seconds, n=100)[place] * 1000 for place in (49, 98))
    failed = sum(each.failed for each in rounds)
    return [name, number(median(rates), 0), number(p50, 2), number(p99, 2), number(min(rates), 0), f"{len(seconds):,}",
            str(failed)]


_ABOUT = (
    "The hotline's model behind `fenzhen serve` with one worker, asked with a key about 200 of the hotline's raw "
    "messages, beside plain BentoML with the same settings that reads the same bodies and always gives the same answer "
    f"(one that Fenzhen gave): both servers run, one is asked at a time, {FULL.rounds} rounds of {FULL.seconds:g} s in "
    "changing order. The clients are coroutines on raw connections in the benchmark's process, on the same machine. "
    "*Ready* is from the start of the command to 200 from /readyz. Memory is resident, mapped files included."
)
