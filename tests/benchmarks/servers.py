"""Real servers on free ports of this machine, ended whatever happens."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from serving.first_key import FILE
from tests.benchmarks.cases import PROJECT

__all__ = ["Server", "bentoml_command", "fenzhen_command", "free_port", "key_of", "mlflow_command", "running",
           "starlette_command"]

START_SECONDS, STOP_SECONDS = 60.0, 20.0


@dataclass(frozen=True)
class Server:
    """A server that answers, the port it listens on and the seconds until it said it was ready."""

    process: "subprocess.Popen[bytes]"
    port: int
    ready_seconds: float

    def worker_memory(self) -> float:
        """Return the resident memory, in MiB, of the largest process below the one started, or of that alone."""
        processes = self._processes()
        return float(max(each.memory_info().rss for each in processes[1:] or processes)) / 2**20

    def memory(self) -> float:
        """Return the resident memory, in MiB, of the server and all below it."""
        return float(sum(each.memory_info().rss for each in self._processes())) / 2**20

    def cpu_seconds(self) -> float:
        """Return the processor time that the server and all below it have used so far."""
        times = [each.cpu_times() for each in self._processes()]
        return float(sum(each.user + each.system for each in times))

    def workers(self) -> list[int]:
        """Return the process ids of those that answer requests: what the parent started, but for its helpers."""
        found = []
        for each in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it has just ended
                if "resource_tracker" not in " ".join(each.cmdline()):
                    found.append(each.pid)
        return found

    def _processes(self) -> list[Any]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def post(self, path: str, body: Mapping[str, Any], key: str) -> bytes:
        """Return the answer to one request, asked again while a worker is not ready."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        content = json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", content, headers)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def fenzhen_command(workspace: Path, port: int, workers: int = 1) -> list[str]:
    """Return the command that a user would type."""
    fenzhen = Path(sys.executable).with_name("fenzhen")
    return [str(fenzhen), "serve", "--workspace", str(workspace), "--port", str(port), "--workers", str(workers)]


def key_of(workspace: Path) -> str:
    """Return the key that the service of a workspace made when it first started."""
    return (workspace / ".fenzhen" / FILE).read_text(encoding="utf-8").strip()


def bentoml_command(port: int) -> list[str]:
    """Return the command that serves the constant answer; its workers are told by ``constant.WORKERS``."""
    bentoml = Path(sys.executable).with_name("bentoml")
    service = "tests.benchmarks.constant:Constant"
    return [str(bentoml), "serve", service, "--working-dir", str(PROJECT), "--host", "127.0.0.1", "--port", str(port)]


def starlette_command(port: int, workers: int = 1) -> list[str]:
    """Return the command that serves the scorer in bare Starlette."""
    return [sys.executable, "-m", "uvicorn", "tests.benchmarks.bare:app", "--app-dir", str(PROJECT), "--host",
            "127.0.0.1", "--port", str(port), "--workers", str(workers), "--no-access-log", "--log-level", "warning"]


def mlflow_command(model: Path, port: int, workers: int = 1) -> list[str]:
    """Return the command by which MLflow serves a model."""
    mlflow = Path(sys.executable).with_name("mlflow")
    return [str(mlflow), "models", "serve", "--model-uri", str(model), "--env-manager", "local", "--host", "127.0.0.1",
            "--port", str(port), "--workers", str(workers)]


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, environ: Mapping[str, str], ready: str = "/readyz",
) -> Iterator[Server]:
    """Start a server, wait until it is ready, end it and its workers by process id; its log is in ``folder``."""
    settings = {
        "BENTOML_HOME": str(folder / "bentoml"), "BENTOML_DO_NOT_TRACK": "True", "OTEL_SDK_DISABLED": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{PROJECT}:{PROJECT / 'src'}",
    }
    log = folder / f"{port}.log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **settings, **environ},
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}{ready}", log)
        yield Server(process, port, time.perf_counter() - started)
    finally:
        _end(process)


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _is_ready(address):
            return
        time.sleep(0.02)
    raise RuntimeError(f"the server was not ready within {START_SECONDS:g} s:\n{log.read_text(encoding='utf-8')}")


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # nobody listens yet, or it says 503
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
