"""A real ``fenzhen serve`` on a free port of this machine, ended whatever happens."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from fenzhen.store import SCOPES, Store, open_store

_COMMAND = "import typer; from serving.commands import serve; app = typer.Typer(); app.command()(serve); app()"


@dataclass
class Server:
    """A running server and where it listens."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path
    store: Store
    key: str
    answered: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """What a request with a key for everything sends."""
        return {"Authorization": f"Bearer {self.key}"}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return the answer to one request over a connection of its own."""
        with httpx.Client(timeout=15, verify=False, trust_env=False, headers=self.headers) as client:
            return client.request(method, self.url + path, **options)

    def told(self, message: str, **facts: object) -> int:
        """Return how many lines of the log have this message and these facts; each worker writes its own."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        wanted = {"message": message, **facts}
        return sum(wanted.items() <= {key: str(value) for key, value in each.items()}.items() for each in records)

    def wait_for(self, path: str, status: int, seconds: float = 30.0) -> httpx.Response:
        """Return the answer once it has the status; ``AssertionError`` with the log if it does not in time."""
        deadline = time.monotonic() + seconds
        found: httpx.Response | None = None
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                found = self.request("GET", path)
                if found.status_code == status:
                    return found
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer {status}: {found}\n{self.log.read_text(encoding='utf-8')}")

    def models(self) -> dict[str, Any]:
        """Return what ``/v1/models`` says."""
        found: dict[str, Any] = self.request("GET", "/v1/models").json()
        return found


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running_server(workspace: Path, *options: str, **environment: str) -> Iterator[Server]:
    """Start a server of its own session over ``workspace``; end it and its workers by process id."""
    port = free_port()
    log = workspace / "server.log"
    command = [sys.executable, "-c", _COMMAND, "--workspace", str(workspace), "--port", str(port), *options]
    environ = {**os.environ, "BENTOML_HOME": str(workspace / "bentoml"), **environment}
    store = open_store(environment.get("FENZHEN_STORE_URL", f"sqlite:///{workspace}/.fenzhen/store.db"))
    key = store.create_key(SCOPES, name="all").text
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environ, start_new_session=True
        )
    with ended(process), store:
        yield Server(process, f"http://127.0.0.1:{port}", log, store, key)


@contextlib.contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """End a server of its own session and its workers by process id, whatever happens."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
