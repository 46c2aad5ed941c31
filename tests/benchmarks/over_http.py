"""The service over HTTP: time until ready, latency, rate, processor time and memory, beside three peers in one run.

Requests carry the first key, which the service checks; what it answers, it also writes to its store.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import raw_messages
from tests.benchmarks.clients import Latencies, ask, request_bytes
from tests.benchmarks.contestants import BARE, CONSTANT, FENZHEN, MLFLOW, PEERS, publish, serving
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import Server, key_of

__all__ = ["over_http"]

CLIENTS = (1, 16, 64)
FIELDS: dict[int, tuple[str, ...]] = {1: (FENZHEN, CONSTANT, BARE, MLFLOW), 2: (FENZHEN, CONSTANT, BARE)}
"""Who is asked with how many workers."""
TICKETS = 200
ADDED_CPU_MS, P99_MS, RATE = 1.5, 10.0, 400.0
LOAD_COLUMNS = ("requests/s", "p50, ms", "p99, ms", "CPU ms a request", "slowest round, requests/s", "requests",
                "not 200")
START_COLUMNS = ("server", "ready, s", "slowest start, s", "largest worker, MiB")


@dataclass(frozen=True)
class Plan:
    """How long everything takes."""

    starts: int
    rounds: int
    seconds: float
    workers: tuple[int, ...] = (1, 2)


FULL, QUICK = Plan(3, 5, 2.0), Plan(1, 1, 0.2, (1,))


@dataclass
class Load:
    """All counted rounds of one contestant at one number of clients; ``cpu`` are the server's seconds."""

    rounds: list[Latencies] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        """The server's processor time for a request, in milliseconds: the median of the rounds."""
        return median(cpu * 1000 / max(len(each.seconds), 1) for cpu, each in zip(self.cpu, self.rounds, strict=True))

    @property
    def rate(self) -> float:
        """Requests a second: the median of the rounds."""
        return median(each.rate for each in self.rounds)

    def milliseconds(self, percent: int) -> float:
        """Return the percentile of the latencies of all rounds together."""
        seconds = [second for each in self.rounds for second in each.seconds]
        return quantiles(seconds, n=100)[percent - 1] * 1000


Loads = dict[tuple[str, int], Load]


def over_http(bench: Bench) -> Section:
    """Return the section: a champion trained on the hotline, asked about the hotline's raw messages."""
    plan = QUICK if bench.quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        publish(bench, folder)
        starts, memory = _starts(bench, folder, plan)
        found: dict[int, Loads] = {}
        for workers in plan.workers:
            with _all(folder, workers) as servers:
                found[workers] = _loads(bench, servers, plan, key_of(folder), workers)
                if workers == 1:
                    memory = {name: max(memory[name], server.worker_memory()) for name, server in servers.items()}
    start_rows = [
        [name, number(median(seconds), 2), number(max(seconds), 2), number(memory[name], 0)]
        for name, seconds in starts.items()
    ]
    tables = [_load_table(workers, clients, loads) for workers, loads in found.items() for clients in CLIENTS]
    return Section("http", _ABOUT, [Table(START_COLUMNS, start_rows), *tables], _aims(found[1]))


@contextlib.contextmanager
def _all(folder: Path, workers: int) -> Iterator[dict[str, Server]]:
    """Run every contestant; the constant answer is one that Fenzhen gave."""
    with contextlib.ExitStack() as stack:
        servers = {}
        for name in FIELDS[workers]:
            servers[name] = stack.enter_context(serving(name, folder, workers))
            if name == FENZHEN:
                answer = servers[name].post("/v1/classify", {"ticket": _ticket("打印机卡纸", "不行")}, key_of(folder))
                (folder / "answer.json").write_bytes(answer)
        yield servers


def _starts(bench: Bench, folder: Path, plan: Plan) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the seconds of each start, and each server's memory when it is ready."""
    seconds: dict[str, list[float]] = {name: [] for name in PEERS}
    memory: dict[str, float] = {}
    for turn in range(plan.starts):
        for name in _turned(PEERS, turn):
            bench.say(f"http: start {turn + 1}/{plan.starts} of {name}")
            with serving(name, folder) as server:
                seconds[name].append(server.ready_seconds)
                memory[name] = server.worker_memory()
    return seconds, memory


def _loads(bench: Bench, servers: dict[str, Server], plan: Plan, key: str, workers: int) -> Loads:
    """Ask the servers in turn; the others are idle. The first round is not counted."""
    requests = {name: _requests(name, key) for name in servers}
    found: Loads = {(name, clients): Load() for name in servers for clients in CLIENTS}
    for turn in range(plan.rounds + 1):
        bench.say(f"http: {workers} worker(s), " + (f"round {turn}/{plan.rounds}" if turn else "warming up"))
        for name in _turned(servers, turn):
            for clients in CLIENTS:
                before = servers[name].cpu_seconds()
                latencies = ask(servers[name].port, requests[name], clients, plan.seconds)
                if turn:
                    found[name, clients].rounds.append(latencies)
                    found[name, clients].cpu.append(servers[name].cpu_seconds() - before)
    return found


def _turned(names: Sequence[str] | dict[str, Server] | dict[str, object], turn: int) -> list[str]:
    listed = list(names)
    first = turn % len(listed)
    return listed[first:] + listed[:first]


def _requests(name: str, key: str) -> list[bytes]:
    subjects, bodies = raw_messages()
    pairs = zip(subjects[:TICKETS], bodies[:TICKETS], strict=True)
    peer = PEERS[name]
    return [request_bytes(peer.body(_ticket(subject, body.strip())), peer.path, key=key) for subject, body in pairs]


def _ticket(subject: str, body: str) -> dict[str, str]:
    return {"subject": subject, "body": body}


def _load_table(workers: int, clients: int, found: Loads) -> Table:
    title = f"{workers} worker{'s' * (workers > 1)}, {clients} client{'s' * (clients > 1)}"
    rows = [_load_row(name, load) for (name, count), load in found.items() if count == clients]
    return Table((title, *LOAD_COLUMNS), rows)


def _load_row(name: str, load: Load) -> list[str]:
    failed = sum(each.failed for each in load.rounds)
    requests = sum(len(each.seconds) for each in load.rounds)
    return [name, number(load.rate, 0), number(load.milliseconds(50), 2), number(load.milliseconds(99), 2),
            number(load.cpu_ms, 2), number(min(each.rate for each in load.rounds), 0), f"{requests:,}", str(failed)]


def _aims(found: Loads) -> list[Aim]:
    added = [found[FENZHEN, clients].cpu_ms - found[CONSTANT, clients].cpu_ms for clients in CLIENTS]
    return [
        *(Aim(f"CPU ms added to the constant answer, {clients} client(s)", ms, ADDED_CPU_MS, at_least=False, digits=2)
          for clients, ms in zip(CLIENTS, added, strict=True)),
        Aim("p99 at one client, ms", found[FENZHEN, 1].milliseconds(99), P99_MS, at_least=False, digits=1),
        Aim("requests/s on one worker", max(found[FENZHEN, clients].rate for clients in CLIENTS), RATE, digits=0),
    ]


_ABOUT = (
    "The hotline's model behind `fenzhen serve`, asked with a key about 200 of the hotline's raw messages (400 "
    "characters on average), beside plain BentoML with the same settings that reads the same bodies and always gives "
    "the same answer (one that Fenzhen gave), beside the same scorer in bare Starlette under uvicorn (no key, no "
    "checks, no store), and beside `mlflow models serve` over the same model (one worker only). All servers run, one "
    f"is asked at a time, {FULL.rounds} rounds of {FULL.seconds:g} s in changing order. The clients are coroutines on "
    "raw connections in the benchmark's process, on the same machine. *CPU ms a request* is the processor time of the "
    "server with all its processes, the writing of predictions to the store included; unlike rates and latencies it "
    "hardly depends on what else the machine does. *Ready* is from the start of the command to 200 from its health "
    "check. Memory is resident, mapped files included."
)
