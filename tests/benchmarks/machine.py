"""Where and when a benchmark ran."""

import os
import platform
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["load_average", "machine", "now", "versions"]

PACKAGES = (
    "scikit-learn", "fasttext-numpy2", "numpy", "scipy", "pandas", "rjieba", "jieba", "bentoml", "mlflow", "pydantic",
    "starlette", "uvicorn",
)


def machine() -> str:
    """Return cores, processor, memory and system in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def versions() -> str:
    """Return the versions that matter, Python's first."""
    found = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return f"Python {sys.version.split()[0]}, {found}"


def load_average() -> float:
    """Return how many processes wanted a core during the last minute."""
    return os.getloadavg()[0]


def now() -> str:
    """Return date and minute of this machine's clock, with its zone."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "an unknown processor"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
