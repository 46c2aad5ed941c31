"""Which pins a bento needs: ``python -m tests.serving.pins > serving/requirements.txt`` after dependencies changed."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2]
TRAINING_ONLY = frozenset({"mlflow", "scikit-learn", "matplotlib", "mplfonts", "openpyxl", "pandera"})
"""Dependencies of the project that the service does without."""


def served_pins() -> list[str]:
    """Return the lines of constraints.txt that the service's dependencies, and theirs, stand for, in its order."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(each) for each in project["dependencies"]]
    found: set[str] = set()
    for each in wanted:
        if normal(each.name) not in TRAINING_ONLY:
            found |= set(_closure(each, frozenset()))
    return [line for line in constraints() if normal(line.partition("==")[0]) in found]


def constraints() -> list[str]:
    """Return the pins of the whole environment."""
    return (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def normal(name: str) -> str:
    """Return a package's name as it compares.

    >>> normal("Jinja2"), normal("python_ulid")
    ('jinja2', 'python-ulid')
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def _closure(wanted: Requirement, above: frozenset[str]) -> Iterator[str]:
    name = normal(wanted.name)
    key = f"{name}[{','.join(sorted(wanted.extras))}]"
    if key in above:
        return
    yield name
    for line in requires(wanted.name) or ():
        below = Requirement(line)
        if any(below.marker is None or below.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)):
            yield from _closure(below, above | {key})


if __name__ == "__main__":
    sys.stdout.write("\n".join(served_pins()) + "\n")
