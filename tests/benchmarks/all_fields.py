"""What priority, group and person cost beside the fields that a ticket's text alone decides."""

import itertools
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from fenzhen.workspace import load_workspace
from serving.demo.asking import next_tickets, team_of
from tests.benchmarks.bench import Bench
from tests.benchmarks.contestants import NO_RATE_LIMIT
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import Server, fenzhen_command, free_port, key_of, running

__all__ = ["all_fields"]

TEXT, MORE = ("category", "sentiment", "request_type"), ("priority", "group", "assignee")
MODELS = ("ticket_category", "ticket_sentiment", "ticket_request_type", "ticket_priority", "assignee_group", "assignee")
TICKETS, TEAM, ROUNDS = 200, 10, 7
QUICK = {"tickets": 20, "rounds": 1}
COLUMNS = ("server's CPU ms a request", "fastest round", "slowest round", "p50, ms", "fields not answered")
WAYS = {
    "text fields": (TEXT, False), "all fields, a team of 10 named": ((*TEXT, *MORE), True),
    "all fields, nobody named": ((*TEXT, *MORE), False),
}
AIM = 2.0
SEED = 1


def all_fields(bench: Bench) -> Section:
    """Return the section: a made-up company's six models behind one worker, asked about tickets to come."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "company"
        bench.say("fields: a company, and its six models")
        _fenzhen("simulate", str(folder), "--seed", str(SEED), *(("--tickets", "800") if bench.quick else ()))
        _fenzhen("retrain", *MODELS, "--workspace", str(folder))
        port = free_port()
        with running(fenzhen_command(folder, port), port, folder, {"FENZHEN_RATE": NO_RATE_LIMIT}) as server:
            found = _asked(bench, server, folder)
    rows = [[name, number(median(cpu), 2), number(min(cpu), 2), number(max(cpu), 2), number(median(wall) * 1000, 1),
             str(unanswered)] for name, (cpu, wall, unanswered) in found.items()]
    text, *others = (median(cpu) for cpu, _, _ in found.values())
    aims = [Aim(f"CPU ms more than text fields, {name.partition(', ')[2]}", cpu - text, AIM, at_least=False, digits=2)
            for name, cpu in zip(list(WAYS)[1:], others, strict=True)]
    return Section("fields", _ABOUT, [Table(("`/v1/triage`", *COLUMNS), rows)], aims)


def _fenzhen(*words: str) -> None:
    fenzhen = Path(sys.executable).with_name("fenzhen")
    subprocess.run([str(fenzhen), *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _asked(bench: Bench, server: Server, folder: Path) -> dict[str, tuple[list[float], list[float], int]]:
    """Return CPU milliseconds a request by round, seconds of each request and how many fields went unanswered."""
    tickets, rounds = (QUICK["tickets"], QUICK["rounds"]) if bench.quick else (TICKETS, ROUNDS)
    key, bodies = key_of(folder), _bodies(folder, tickets)
    found: dict[str, tuple[list[float], list[float], int]] = {name: ([], [], 0) for name in WAYS}
    for turn, name in itertools.product(range(rounds + 1), WAYS):
        before, seconds, unanswered = server.cpu_seconds(), [], 0
        for body in bodies[name]:
            started = time.perf_counter()
            unanswered += sum(each["status"] != "ok" for each in _answer(server, key, body)["predictions"].values())
            seconds.append(time.perf_counter() - started)
        if turn:
            cpu, wall, before_that = found[name]
            cpu.append((server.cpu_seconds() - before) * 1000 / len(seconds))
            found[name] = cpu, wall + seconds, before_that + unanswered
    return found


def _bodies(folder: Path, count: int) -> dict[str, list[bytes]]:
    """Return the requests of each way: the same tickets, and a team that changes from ticket to ticket."""
    workspace = load_workspace(folder)
    tickets = [each["ticket"] for each in next_tickets(workspace, SEED, count)]
    people = itertools.cycle(team_of(workspace, SEED))
    teams = [[next(people) for _ in range(TEAM)] for _ in tickets]
    return {name: [_body(ticket, fields, team if named else None)
                   for ticket, team in zip(tickets, teams, strict=True)]
            for name, (fields, named) in WAYS.items()}


def _body(ticket: Any, fields: Sequence[str], team: Sequence[Any] | None) -> bytes:
    asked = {"ticket": ticket, "options": {"fields": list(fields)}, **({} if team is None else {"assignees": team})}
    return json.dumps(asked, ensure_ascii=False).encode()


def _answer(server: Server, key: str, body: bytes) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/triage", body, {
        "Content-Type": "application/json", "Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


_ABOUT = (
    f"A made-up company (`fenzhen simulate`), its six models behind `fenzhen serve` with one worker, {TICKETS} tickets "
    f"to come, one at a time, {ROUNDS} rounds in turn after one that does not count. With *nobody named* a ticket is "
    "offered to everybody whom the models know. Connections, checks, key and prediction log are in all of them; CPU is "
    "of the server with all its processes."
)
