"""Features of a large fleet beside DuckDB, a fleet scored, and one device's window forecast."""

import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks.bench import Bench
from tests.benchmarks.results import Aim, Section, Table, number

__all__ = ["devices"]

SENSORS = ("volt", "rotate", "pressure", "vibration")
WINDOWS = (3, 7, 30)
START = pd.Timestamp("2026-01-01", tz="UTC")
ABOUT = (
    "Made-up hourly telemetry of 1,000 devices, 4 sensors, 10 million rows: of 3 windows the mean, spread, slope and "
    "extremes, and the last value, one row a device and day. DuckDB computes the same from daily sums with window "
    "frames, on two threads. Each in a process of its own, reading included in neither; memory is the process' peak "
    "above what the readings take. Then 10,000 devices are scored with reasons, and windows of 30 days are forecast."
)


@dataclass(frozen=True)
class Size:
    """Devices and hourly readings of each, devices scored, and windows forecast."""

    devices: int
    readings: int
    scored: int
    windows: int


FULL, QUICK = Size(1_000, 10_000, 10_000, 200), Size(20, 1_000, 50, 5)


def devices(bench: Bench) -> Section:
    """Return the section."""
    size, rows = (QUICK if bench.quick else FULL), []
    found = {}
    for name, run in (("Fenzhen", _fenzhen), ("DuckDB", _duckdb)):
        bench.say(f"devices: {name}")
        found[name] = _apart(run, size)
        seconds, memory, checksum = found[name]
        rows.append((name, f"{size.devices * size.readings:,}", number(seconds, 1), number(memory, 0),
                     f"{checksum:.4f}"))
    bench.say("devices: scoring")
    scoring, forecast = _answers(size)
    tables = [
        Table(("contender", "rows", "seconds", "memory, MB", "mean of volt_mean_7d"), rows),
        Table(("what", "found"), [(f"{size.scored:,} devices scored with reasons, seconds", number(scoring, 1)),
                                  ("a 30-day window forecast, p50 ms", number(forecast, 1))]),
    ]
    aims = [Aim("10 million rows, seconds", found["Fenzhen"][0], 60, at_least=False),
            Aim("10,000 devices scored, seconds", scoring, 60, at_least=False),
            Aim("a window forecast, p50 ms", forecast, 20, at_least=False)]
    return Section("devices", ABOUT, tables, aims)


def _apart(run: Callable[[pd.DataFrame], float], size: Size) -> tuple[float, float, float]:
    """Return seconds, megabytes above the readings and a checksum of ``run`` in a new process."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        found: tuple[float, float, float] = pool.apply(_measured, (run, size))
        return found


def _measured(run: Callable[[pd.DataFrame], float], size: Size) -> tuple[float, float, float]:
    telemetry = _telemetry(size)
    before, started = _peak(), time.perf_counter()
    checksum = run(telemetry)
    return time.perf_counter() - started, _peak() - before, checksum


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _telemetry(size: Size) -> pd.DataFrame:
    random, rows = np.random.default_rng(0), size.devices * size.readings
    ids = pd.Categorical.from_codes(np.repeat(np.arange(size.devices), size.readings),
                                    [f"D{n:05}" for n in range(size.devices)])
    hours = np.tile(np.arange(size.readings), size.devices)
    at = (START + pd.to_timedelta(hours * 3_600_000_000, unit="us")).astype("datetime64[us, UTC]")
    return pd.DataFrame({"device_id": ids, "at": at, **{name: random.normal(100, 5, rows) for name in SENSORS}})


def _days(telemetry: pd.DataFrame) -> pd.DatetimeIndex:
    last = telemetry["at"].max()
    return pd.date_range(START + pd.Timedelta(days=1), last, freq="D").as_unit("us")


def _fenzhen(telemetry: pd.DataFrame) -> float:
    from features.devices.device_points import device_points
    from features.devices.device_telemetry import device_telemetry

    points = device_points(telemetry["device_id"].cat.categories, _days(telemetry))
    return float(device_telemetry(telemetry, points, SENSORS, WINDOWS)["volt_mean_7d"].mean())


def _duckdb(telemetry: pd.DataFrame) -> float:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set threads = 2; set timezone = 'UTC'")
        connection.register("telemetry", telemetry)
        found = connection.execute(_sql()).df()
    return float(found[found["day"] < _days(telemetry)[-1]]["volt_mean_7d"].mean())


def _sql() -> str:
    """Daily sums (with the time in days) and frames over them; the last day of a frame is the day before a point."""
    daily = [f"count({s}) n_{s}, sum({s}) x_{s}, sum({s} * {s}) xx_{s}, sum(t * {s}) tx_{s}, min({s}) lo_{s}, "
             f"max({s}) hi_{s}, arg_max({s}, \"at\") last_{s}" for s in SENSORS]
    frames = ", ".join(f"w{days} as (partition by device_id order by day range between interval {days - 1} days "
                       "preceding and current row)" for days in WINDOWS)
    wide = [f"""sum(x_{s}) over w{d} / sum(n_{s}) over w{d} {s}_mean_{d}d,
                sqrt(greatest(sum(xx_{s}) over w{d} - pow(sum(x_{s}) over w{d}, 2) / sum(n_{s}) over w{d}, 0)
                     / nullif(sum(n_{s}) over w{d} - 1, 0)) {s}_spread_{d}d,
                (sum(tx_{s}) over w{d} - sum(t1) over w{d} * sum(x_{s}) over w{d} / sum(n_{s}) over w{d})
                  / nullif(sum(t2) over w{d} - pow(sum(t1) over w{d}, 2) / sum(n_{s}) over w{d}, 0) {s}_slope_{d}d,
                min(lo_{s}) over w{d} {s}_low_{d}d, max(hi_{s}) over w{d} {s}_high_{d}d"""
            for s in SENSORS for d in WINDOWS]
    return f"""with timed as (select *, date_trunc('day', "at") as day, epoch_us("at") / 86400e6 - 20454 as t
        from telemetry),
        daily as (select device_id, day, sum(t) t1, sum(t * t) t2, {', '.join(daily)} from timed group by all)
        select device_id, day, {', '.join(wide)}, {', '.join(f'last_{s}' for s in SENSORS)}
        from daily window {frames}"""


def _answers(size: Size) -> tuple[float, float]:
    """Return the seconds that a fleet takes with its reasons, and the median milliseconds of a forecast."""
    from tests.training.device_fleet import write_fleet
    from training.family import Job, ScoreAsk, family_of

    with tempfile.TemporaryDirectory() as scratch:
        workspace = write_fleet(Path(scratch), devices=40, days=90)
        spec = _spec(workspace)
        learned: Any = family_of(spec).learn(Job(workspace, spec, workspace.moment("2026-03-30")))
        scorer = learned.scorer
    with tempfile.TemporaryDirectory() as scratch:
        fleet = write_fleet(Path(scratch), devices=size.scored, days=35)
        started = time.perf_counter()
        scored = family_of(spec).score(ScoreAsk(fleet, _spec(fleet), scorer, fleet.moment("2026-02-03")))
        assert sum(1 for _ in scored.details) == len(scored.frame)
        scoring = time.perf_counter() - started
    return scoring, _forecast(scorer, size)


def _spec(workspace: Any) -> Any:
    from models.specs import spec_of

    return spec_of("device_failure", workspace.model_settings("device_failure"))


def _forecast(scorer: Any, size: Size) -> float:
    at = pd.date_range(START, periods=720, freq="h").as_unit("us")
    random = np.random.default_rng(0)
    sensors = ("heat", "pressure", *SENSORS[:2])
    window = pd.DataFrame({"at": at, **{name: random.normal(40, 1, 720) for name in sensors}})
    taken = []
    for _ in range(size.windows):
        started = time.perf_counter()
        scorer.forecast(window)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)
