"""Where a model comes from: data, window, code, seed and library versions, as report and model card state them."""

import dataclasses
import importlib.metadata
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBRARIES = ("fenzhen", "numpy", "scipy", "pandas", "scikit-learn", "lightgbm", "rjieba", "jieba", "mlflow")


@dataclass(frozen=True, slots=True)
class Window:
    """One part of the data: rows, and the first and last moment where there are times (None otherwise)."""

    rows: int
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a model was learnt from, as its family knows it; the fields are those of :class:`Provenance`.

    ``rows`` counts what the final version was fitted on.
    """

    regime: str
    gap: str
    dataset_sha256: str
    rows: int
    windows: Mapping[str, Window] = dataclasses.field(default_factory=dict)
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    excluded: Mapping[str, int] = dataclasses.field(default_factory=dict)
    merged_classes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Facts that the caller knows and the numbers do not show; everything is JSON-able.

    ``windows`` maps ``train``, ``validation``, ``test`` and ``refit`` to a :class:`Window`; ``regime`` and ``gap`` are
    those of ``training.splits.Split``; ``excluded`` says what was left out and why, ``merged_classes`` which
    rare classes went into which rest class; ``warnings`` are Chinese sentences for the model card.
    """

    model: str
    field: str
    label: str
    as_of: str
    regime: str
    gap: str
    seed: int
    dataset_sha256: str
    windows: Mapping[str, Window] = dataclasses.field(default_factory=dict)
    source: str = ""
    git_commit: str = ""
    version: int | None = None
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    libraries: Mapping[str, str] = dataclasses.field(default_factory=dict)
    excluded: Mapping[str, int] = dataclasses.field(default_factory=dict)
    merged_classes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def library_versions() -> dict[str, str]:
    """Return the installed version of each of ``LIBRARIES``; absent ones are left out."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def git_commit(folder: Path) -> str:
    """Return the commit checked out around ``folder``, with ``-dirty`` for uncommitted changes; "" outside git."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
