"""``python -m tests.benchmarks [NAME …]``: run benchmarks, all without a name, and write ``RESULTS.md``."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from fenzhen.errors import FenzhenError
from tests.benchmarks.accounts import accounts
from tests.benchmarks.all_fields import all_fields
from tests.benchmarks.assignees import assignees
from tests.benchmarks.batch import batch
from tests.benchmarks.bench import Bench
from tests.benchmarks.bulk import bulk
from tests.benchmarks.cases import PROJECT, shared_data
from tests.benchmarks.changes import changes
from tests.benchmarks.churn import churn
from tests.benchmarks.devices import devices
from tests.benchmarks.footprint import footprint
from tests.benchmarks.hour import hour
from tests.benchmarks.machine import load_average, machine, now, versions
from tests.benchmarks.over_http import over_http
from tests.benchmarks.quality import quality
from tests.benchmarks.results import Section, merged
from tests.benchmarks.routing import routing
from tests.benchmarks.survival import survival
from training.provenance import git_commit

RESULTS = Path(__file__).with_name("RESULTS.md")
BENCHMARKS: dict[str, Callable[[Bench], Section]] = {
    **{name: partial(quality, name=name) for name in ("hotline", "raw", "reviews", "titles")},
    "bulk": bulk, "footprint": footprint, "http": over_http, "batch": batch, "fields": all_fields,
    "changes": changes, "survival": survival, "hour": hour, "accounts": accounts, "routing": routing, "churn": churn,
    "devices": devices, "assignees": assignees,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where the data or fastText are absent, 2 for an unknown name."""
    asked = _parser().parse_args(arguments)
    unknown = sorted(set(asked.names) - set(BENCHMARKS))
    if unknown:
        sys.stderr.write(f"got {', '.join(unknown)}, expected some of {', '.join(BENCHMARKS)}\n")
        return 2
    apart = bool(asked.names) and set(asked.names) <= {"accounts", "devices", "fields", "routing"}
    if not apart and (missing := _missing()):
        sys.stderr.write(f"{missing}\n")
        return 1
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    bench = Bench(quick=asked.quick, seed=asked.seed)
    names = asked.names or list(BENCHMARKS)
    output = asked.output or (None if asked.quick else RESULTS)
    for name in BENCHMARKS:
        if name in names:
            section = _run(bench, name, asked)
            sys.stdout.write(f"{section}\n\n")
            if output is not None:  # after each, so that a run cut short leaves what it found
                output.write_text(merged(output, _head(), {name: section}, list(BENCHMARKS)), encoding="utf-8")
                bench.say(f"{name}: written to {output}")
    return 0


def _run(bench: Bench, name: str, asked: argparse.Namespace) -> str:
    load, started = load_average(), time.perf_counter()
    try:
        section = BENCHMARKS[name](bench)
    except FenzhenError as error:
        sys.exit(f"{name}: {error}")
    section = replace(section, aims=()) if asked.quick else section
    facts = (
        now(), f"{(time.perf_counter() - started) / 60:.1f} minutes", f"code {_code()}", f"seed {asked.seed}",
        f"load average {load:.1f} before and {load_average():.1f} after, this benchmark's own included",
    )
    return section.markdown(f"{'A quick run, no measure of anything: ' if asked.quick else ''}{', '.join(facts)}")


def _code() -> str:
    commit, _, dirty = git_commit(PROJECT).partition("-")
    return f"{commit[:10]}{' with uncommitted changes' if dirty else ''}" if commit else "outside git"


def _head() -> str:
    return (
        "# Results\n\nWritten by `make bench` (`python -m tests.benchmarks [NAME …]`; names: "
        f"{', '.join(BENCHMARKS)}). A run of some names leaves the other sections as they were; each says when it ran. "
        "Public data, no after-sales tickets; rows that are scored are scored once and choose nothing.\n\n"
        f"Machine: {machine()}. {versions()}."
    )


def _missing() -> str:
    if not shared_data().is_dir():
        return f"the shared data is absent: {shared_data()}"
    try:
        import fasttext  # noqa: F401
    except ImportError:
        return "fastText is absent: pip install '.[bench]'"
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(BENCHMARKS)}; all without one")
    parser.add_argument("--quick", action="store_true", help="a small seeded share, to show that everything runs")
    parser.add_argument("--seed", type=int, default=0, help="seed of folds, samples and fits, a whole number")
    parser.add_argument("--output", type=Path, help=f"file to write (default {RESULTS.name}; none with --quick)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
