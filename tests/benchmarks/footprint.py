"""What a model weighs: on disk, to load, and in the memory of a process that serves it."""

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import PROJECT
from tests.benchmarks.results import Section, Table, number

__all__ = ["footprint", "save_fenzhen"]

ROUNDS, QUICK_ROUNDS = 5, 1
COLUMNS = (
    "contender", "on disk, MB", "import, s", "load, s", "load again, s", "memory before, MiB", "after, MiB",
    "peak, MiB",
)
FACTS = ("import_seconds", "load_seconds", "again_seconds", "before", "after", "peak")
DIGITS = (2, 3, 3, 0, 0, 0)


def footprint(bench: Bench) -> Section:
    """Return the section: the models of titles and of the hotline, each loaded in processes of their own."""
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("titles",) if bench.quick else ("titles", "raw"):
            rows = [_row(bench, name, contender, Path(folder)) for contender in SAVERS]
            title = bench.cases(name)[0].name
            tables.append(Table((title, *COLUMNS[1:]), rows))
    return Section("footprint", _ABOUT, tables)


def save_fenzhen(fitted: Any, path: Path) -> None:
    """Write the artefact of a fitted contender."""
    scorer = fitted.scorer
    facts = {"model": scorer.model, "field": scorer.field, "trained_until": None, "evaluated_until": None}
    scorer.save(path, {**facts, "metrics": {}})


def _save_fasttext(fitted: Any, path: Path) -> None:
    fitted.model.save_model(str(path))


def _save_scikit_learn(fitted: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(fitted.pipeline, protocol=5))


SAVERS: dict[str, Callable[[Any, Path], None]] = {
    "Fenzhen": save_fenzhen, "fastText": _save_fasttext, "scikit-learn": _save_scikit_learn,
}


def _row(bench: Bench, name: str, contender: str, folder: Path) -> list[str]:
    path = folder / f"{name}-{contender}"
    SAVERS[contender](bench.kept_fit(name, contender).fitted, path)
    bench.say(f"footprint: {name}, {contender}")
    probes = [_probe(contender, path) for _ in range(QUICK_ROUNDS if bench.quick else ROUNDS)]
    middle = [median(each[fact] for each in probes) for fact in FACTS]
    numbers = [number(value, digits) for value, digits in zip(middle, DIGITS, strict=True)]
    return [contender, number(_size(path) / 1e6, 1), *numbers]


def _probe(contender: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.probe", contender, str(path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)


_ABOUT = (
    f"Each model is loaded in a process of its own, median of {ROUNDS} with the files in the page cache. Fenzhen's "
    "*load* is what a worker does: SHA-256 of every file, arrays mapped into memory, the dictionary of the segmenter, "
    "the golden tickets reproduced, one ticket scored; *load again* is a swap to another champion. Peers load and "
    "score one text that is already cut (fastText's own file, scikit-learn's pickle), without checks and without a "
    "segmenter. *Before* is with the libraries imported. Memory is resident, files mapped into memory included; "
    "*peak* holds both loaded versions, as during a swap."
)
