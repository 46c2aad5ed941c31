"""One model loaded in a process of its own: ``python -m tests.benchmarks.probe KIND PATH`` prints what it cost."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

TICKETS = (["打印机卡纸"], ["重启以后还是不行,请安排工程师上门。"])


def probe(kind: str, path: Path) -> dict[str, float]:
    """Return seconds to import, to load and to load again, and resident memory in MiB before, after and at most."""
    started = time.perf_counter()
    load = LOADERS[kind]()
    imported, before = time.perf_counter() - started, _resident()
    seconds, model = _timed(load, path)
    after = _resident()
    again, model = _timed(load, path)
    del model
    return {
        "import_seconds": imported, "load_seconds": seconds, "again_seconds": again, "before": before, "after": after,
        "peak": _peak(),
    }


def _fenzhen() -> Any:
    import models.text.scorer  # noqa: F401
    from models.artefact import load_scorer, manifest_sha256

    def load(path: Path) -> Any:
        scorer = load_scorer(path, manifest_sha256(path))
        scorer.probabilities(*TICKETS)
        return scorer

    return load


def _fasttext() -> Any:
    import fasttext

    def load(path: Path) -> Any:
        model = fasttext.load_model(str(path))
        model.predict("打印机 卡纸")
        return model

    return load


def _scikit_learn() -> Any:
    import pickle

    import sklearn.feature_extraction.text
    import sklearn.pipeline
    import sklearn.svm  # noqa: F401

    def load(path: Path) -> Any:
        with path.open("rb") as file:
            model = pickle.load(file)
        model.decision_function(["打印机 卡纸"])
        return model

    return load


LOADERS = {"Fenzhen": _fenzhen, "fastText": _fasttext, "scikit-learn": _scikit_learn}


def _timed(load: Any, path: Path) -> tuple[float, Any]:
    started = time.perf_counter()
    model = load(path)
    return time.perf_counter() - started, model


def _resident() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def _peak() -> float:
    """Return what Linux says of this program alone; ``getrusage`` would count the parent's memory at the fork too."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii")) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe(sys.argv[1], Path(sys.argv[2]))) + "\n")
