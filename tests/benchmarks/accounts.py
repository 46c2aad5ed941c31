"""Lists of a million scored accounts over HTTP, from SQLite and PostgreSQL: any filter, any order, any page.

The scores are made up; they are written by the store's own way in, which is timed as well.
"""

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from fenzhen.exports import Exports
from fenzhen.store import Outcome, RiskRun, Store, open_store
from serving.accounts.query import Cursor
from tests.benchmarks.bench import Bench
from tests.benchmarks.clients import ask, get_bytes
from tests.benchmarks.postgres import postgres
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.servers import fenzhen_command, free_port, running
from tests.serving.fitted import publish_fitted

__all__ = ["accounts"]

ROWS, QUICK_ROWS = 1_000_000, 20_000
AS_OF = datetime(2026, 11, 23, tzinfo=UTC)
OWNERS = [f"客户经理{number:03d}" for number in range(400)]
TIERS = ("VIP", "重点", "普通", "新客户", "渠道")
REGIONS = ("华东", "华南", "华北", "华中", "西南", "西北", "东北", "港澳台")
CODES = ("tickets_reopened_90d", "days_since_last", "csat_low_90d", "repeat_repairs_180d")
COLUMNS = ("requests", "p50, ms", "p95, ms", "p99, ms", "slowest, ms", "server's CPU ms a request", "not 200")
REQUESTS, QUICK_REQUESTS = 1500, 60


@dataclass(frozen=True)
class Kind:
    """A kind of request: a name and how one is made up."""

    name: str
    query: Any


@dataclass(frozen=True)
class Answered:
    """Seconds of every request, how many were not 200, and the server's CPU seconds a request."""

    seconds: list[float]
    failed: int
    cpu: float


def accounts(bench: Bench) -> Section:
    """Return the section."""
    rows = QUICK_ROWS if bench.quick else ROWS
    tables: list[Table] = []
    aims: list[Aim] = []
    writing: list[Sequence[str]] = []
    for name in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as scratch, _database(name, Path(scratch)) as url:
            bench.say(f"accounts: writing {rows:,} scores into {name}")
            seconds, key, run_id = _written(url, rows, bench.seed)
            writing.append((name, number(rows, 0), number(seconds, 0), number(rows / seconds, 0)))
            found, memory = _asked(bench, url, Path(scratch), key, run_id, rows)
        tables.append(Table((f"{name}, {rows:,} accounts", *COLUMNS), [_row(each, found[each]) for each in found]))
        every = [seconds_of_one for each in found.values() for seconds_of_one in each.seconds]
        parts = {f"{name}: p95 of all requests, ms": every, **{
            f"{name}, {kind}: p95, ms": each.seconds for kind, each in found.items()}}
        aims += [Aim(what, _percentile(each, 95) * 1000, 50, at_least=False, digits=1) for what, each in parts.items()]
        writing[-1] = (*writing[-1], number(memory, 0))
    columns = ("written by Store.write_scores", "scores", "seconds", "scores/s", "worker's memory when asked, MiB")
    return Section("accounts", _ABOUT, [*tables, Table(columns, writing)], aims)


@contextlib.contextmanager
def _database(name: str, folder: Path) -> Iterator[str]:
    if name == "SQLite":
        yield f"sqlite:///{folder / 'store.db'}"
        return
    with postgres() as url:
        yield url


def _written(url: str, rows: int, seed: int) -> tuple[float, str, int]:
    """Write scores of a tenth, a week later of all, and some outcomes; return the latter's seconds, a key, the run."""
    random_numbers = np.random.default_rng(seed)
    with open_store(url) as store:
        for week in range(2):
            frame = _frame(rows if week else rows // 10, random_numbers)
            started = time.perf_counter()
            run = store.write_scores(RiskRun("churn", 1, AS_OF + timedelta(days=7 * week), 90), frame, _details)
            seconds = time.perf_counter() - started
        _tell_outcomes(store, rows)
        return seconds, store.create_key(["churn"]).text, run.id


def _frame(rows: int, random_numbers: np.random.Generator) -> pd.DataFrame:
    probability = random_numbers.beta(0.6, 4, rows)
    levels = np.select([probability > 0.5, probability > 0.25], ["high", "medium"], "low")
    ids = [f"C{each:07d}" for each in range(rows)]
    return pd.DataFrame({"customer_id": ids, "probability": probability, "risk_level": levels})


def _details(start: int, stop: int) -> list[Mapping[str, Any]]:
    return [_detail(row) for row in range(start, stop)]


def _detail(row: int) -> Mapping[str, Any]:
    chance = random.Random(row)
    reasons = [
        {"code": code, "value": 3.0, "own": 0.4, "peers": 0.3, "weight": 0.4, "action": "安排资深工程师回访",
         "text_zh": "近90天重新打开 3 次,平时 0.4 次,同类 0.3 次", "text_en": "reopened 3 times, usually 0.4"}
        for code in chance.sample(CODES, 3)
    ]
    renewal = AS_OF + timedelta(days=chance.randrange(730))
    return {
        "reasons": reasons, "protective": reasons[:1], "too_little_history": False,
        "attributes": {"name": f"{chance.choice(REGIONS)}第{row}贸易有限公司", "owner": chance.choice(OWNERS),
                       "customer_tier": chance.choices(TIERS, (1, 5, 60, 20, 14))[0],
                       "region": chance.choice(REGIONS), "renewal_at": renewal if row % 3 else None},
        "value_at_risk": round(chance.lognormvariate(9, 1.5), 2) if row % 5 else None, "currency": "CNY",
    }


def _tell_outcomes(store: Store, rows: int) -> None:
    now = datetime.now(UTC)
    with store.unit() as unit:
        for row in range(0, rows, max(1, rows // 2000)):
            unit.write_outcome(Outcome("churn", f"C{row:07d}", "contacted", "王芳", now))


def _kinds(run_id: int, rows: int, chance: random.Random) -> list[Kind]:
    def cursor(sort: str) -> dict[str, str]:
        return {"sort": sort, "cursor": Cursor(run_id, sort, chance.randrange(rows)).text()}

    def day() -> str:
        return (AS_OF + timedelta(days=chance.randrange(-30, 730))).date().isoformat()

    def rare() -> dict[str, str]:
        return {"customer_tier": "VIP", "risk_level": "high", "region": chance.choice(REGIONS), "renewal_from": day(),
                "owner": chance.choice(OWNERS)}

    sorts = ("-probability", "probability", "-value_at_risk", "renewal_at", "-changed_at")
    return [
        Kind("first page", lambda: {"sort": chance.choice(sorts)}),
        Kind("any page", lambda: cursor(chance.choice(sorts))),
        Kind("one filter", lambda: chance.choice([
            {"owner": chance.choice(OWNERS)}, {"customer_tier": chance.choice(TIERS)}, {"risk_level": "medium"},
            {"region": chance.choice(REGIONS)}, {"renewal_from": day()}, {"change": "fell"},
            {"changed_since": "2026-11-30"}])),
        Kind("all filters at once, rare", rare),
        Kind("rare filters, any page", lambda: {**rare(), **cursor(chance.choice(sorts))}),
        Kind("low risk by falling probability, any page", lambda: {"risk_level": "low", **cursor("-probability")}),
        Kind("part of a name, rare", lambda: {"q": f"第{chance.randrange(10**5)}"}),
        Kind("part of a name, in every name", lambda: {"q": "贸易有限公司"[chance.randrange(3):][:3]}),
        Kind("handled", lambda: {"handled": chance.choice(("none", "contacted"))}),
    ]


def _asked(bench: Bench, url: str, folder: Path, key: str, run_id: int,
           rows: int) -> tuple[dict[str, Answered], float]:
    """Return what came of each kind of request, and the worker's memory."""
    publish_fitted(Exports(folder / ".fenzhen" / "exports"), 1, folder / "scratch")
    port, chance = free_port(), random.Random(bench.seed)
    environ = {"FENZHEN_STORE_URL": url, "FENZHEN_RATE": "1000000"}
    found: dict[str, Answered] = {}
    with running(fenzhen_command(folder, port), port, folder, environ) as server:
        count = QUICK_REQUESTS if bench.quick else REQUESTS
        for kind in _kinds(run_id, rows, chance):
            requests = [get_bytes(f"/v1/churn/accounts?{urlencode(kind.query())}", key=key) for _ in range(count // 8)]
            ask(port, requests[:5], 1, 0.5)
            bench.say(f"accounts: {kind.name}")
            before = server.cpu_seconds()
            latencies = ask(port, requests, 1, 60, most=len(requests))
            cpu = (server.cpu_seconds() - before) / len(latencies.seconds)
            found[kind.name] = Answered(latencies.seconds, latencies.failed, cpu)
        return found, server.worker_memory()


def _row(kind: str, found: Answered) -> list[str]:
    milliseconds = [*(_percentile(found.seconds, percent) for percent in (50, 95, 99)), max(found.seconds), found.cpu]
    return [kind, number(len(found.seconds), 0), *(number(each * 1000, 1) for each in milliseconds),
            number(found.failed, 0)]


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return quantiles(seconds, n=100)[percent - 1]


_ABOUT = (
    "`GET /v1/churn/accounts` from one client over one kept-alive connection, 50 accounts a page with trend, first "
    "reason and last outcome; the scores are made up, a tenth of them was scored a week before too. Any page is a "
    "cursor at a random place of the order. One worker; the first requests of each kind are not counted."
)
