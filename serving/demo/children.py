"""Servers that the demo starts and ends, each in a process group of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fenzhen.errors import FenzhenError

if TYPE_CHECKING:
    from fenzhen.settings import Settings

GRACE_SECONDS = 20.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals with which a person, a supervisor or a closed terminal ends the demo."""


@dataclass(frozen=True)
class Child:
    """A server that was started, and where it writes its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def require_running(self) -> None:
        """Raise ``FenzhenError`` with the end of the log if the server has ended."""
        code = self.process.poll()
        if code is not None:
            last = "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-5:])
            raise FenzhenError(f"the {self.name} ended with exit code {code}; {self.log} ends with:\n{last}")


@contextlib.contextmanager
def running(name: str, command: list[str], environ: dict[str, str], logs: Path) -> Iterator[Child]:
    """Run a server while the body lasts; its log is ``logs/NAME.log``."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:  # it may show the first key
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   env=environ, start_new_session=True)
    try:
        yield Child(name, process, log)
    finally:
        with undisturbed():
            end(process)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore interrupts while the body lasts, so that a second Ctrl-C leaves no orphan."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in STOPPING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def end(process: "subprocess.Popen[bytes]", grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask the server to end, then whatever is left of its process group, and insist after ``grace_seconds``."""
    process.terminate()
    deadline = time.monotonic() + grace_seconds
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(grace_seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(child: Child, condition: Callable[[], bool], seconds: float) -> None:
    """Wait for the condition; ``FenzhenError`` if the server ends before, or time runs out."""
    deadline = time.monotonic() + seconds
    while not condition():
        child.require_running()
        if time.monotonic() > deadline:
            raise FenzhenError(f"the {child.name} was not ready after {seconds:g} s; see {child.log}")
        time.sleep(0.2)


def free_port(wanted: int) -> int:
    """Return ``wanted`` if nobody listens there on 127.0.0.1, else a free port."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise FenzhenError("no TCP port of 127.0.0.1 is free")


def mlflow_command(mlflow: str, settings: "Settings", port: int) -> list[str]:
    """Return the command line of MLflow's own pages over the workspace's runs and versions."""
    return [
        mlflow, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", settings.tracking_uri, "--registry-store-uri", settings.registry_uri,
        "--artifacts-destination", str(settings.state_dir / "mlartifacts"),
    ]
