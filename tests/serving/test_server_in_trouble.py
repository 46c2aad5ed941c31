"""Real servers whose clients dawdle, whose disk is full, or of which two start at the same moment over nothing."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from fenzhen.exports import Exports
from fenzhen.store import open_store
from serving.first_key import FILE
from tests.serving.fitted import publish_fitted
from tests.serving.server import Server, ended, free_port, running_server

pytestmark = pytest.mark.slow

TIMEOUT = 2
TICKET = {"ticket": {"id": "S-1", "subject": "打印机卡纸了"}}
EVENT = {"ticket_id": "S-2", "event": "closed", "at": "2026-11-20T11:30:00+08:00"}


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Have ``folder`` be a file system of its own of 4 MiB; skips where nothing can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a champion that gives a request two seconds; its database is on a disk of its own."""
    folder = tmp_path_factory.mktemp("trouble")
    publish_fitted(Exports(folder / ".fenzhen" / "exports"), 1, folder / "scratch")
    with small_disk(folder / "disk"):
        store = f"sqlite:///{folder}/disk/store.db"
        with running_server(folder, FENZHEN_TIMEOUT=str(TIMEOUT), FENZHEN_STORE_URL=store) as found:
            found.wait_for("/readyz", 200, 120)
            yield found


def dawdling(server: Server, sent: bytes) -> socket.socket:
    """Return a connection over which only the beginning of a request has come."""
    connection = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=TIMEOUT + 10)
    connection.sendall(sent)
    return connection


def test_slow_clients_are_told_so_and_hold_up_nobody(server: Server) -> None:
    head = b"POST /v1/triage HTTP/1.1\r\nHost: fenzhen\r\nContent-Type: application/json\r\n"
    named = head + f"Authorization: Bearer {server.key}\r\nContent-Length: 500\r\n\r\n".encode() + b'{"ticket": {'
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(contextlib.closing(dawdling(server, head[:40])))
        slow = [stack.enter_context(contextlib.closing(dawdling(server, named))) for _ in range(100)]
        started = time.monotonic()
        statuses = [server.request("POST", "/v1/triage", json=TICKET).status_code for _ in range(20)]
        assert statuses == [200] * 20
        assert time.monotonic() - started < TIMEOUT * 5
        answers = [each.recv(65536) for each in slow]
    assert {each.split(b"\r\n")[0] for each in answers} == {b"HTTP/1.1 408 Request Timeout"}
    assert all(b"connection: close" in each.lower() for each in answers)


def test_with_a_full_disk_tickets_are_answered_facts_are_refused_and_nothing_told_is_lost(server: Server) -> None:
    assert server.request("POST", "/v1/events", json={**EVENT, "event_id": "before"}).json()["recorded"] == 1
    disk = Path(str(server.store._engine.url.database)).parent
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    large = [{**EVENT, "ticket_id": f"L-{each}", "values": {"category": "长" * 200}} for each in range(1000)]
    refused = server.request("POST", "/v1/events", json=large)
    assert (refused.status_code, "nothing was recorded" in refused.json()["detail"]) == (503, True)
    assert int(refused.headers["retry-after"]) >= 1
    assert server.request("POST", "/v1/triage", json=TICKET).status_code == 200
    filler.unlink()
    deadline = time.monotonic() + 30
    while (told := server.request("POST", "/v1/events", json=large)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert told.json()["recorded"] == 1000
    assert "before" in {each.event_id for each in server.store.events_of("S-2")}


def test_two_services_that_start_at_once_over_nothing_share_one_store_and_one_first_key(tmp_path: Path) -> None:
    publish_fitted(Exports(tmp_path / ".fenzhen" / "exports"), 1, tmp_path / "scratch")
    ports = [free_port(), free_port()]
    fenzhen = "import typer; from serving.commands import serve; app = typer.Typer(); app.command()(serve); app()"
    environ = {**os.environ, "BENTOML_HOME": str(tmp_path / "bentoml"), "FENZHEN_WORKSPACE": str(tmp_path)}
    with contextlib.ExitStack() as stack:
        for port in ports:
            output = stack.enter_context((tmp_path / f"{port}.log").open("wb"))
            stack.enter_context(ended(subprocess.Popen(
                [sys.executable, "-c", fenzhen, "--port", str(port)], stdout=output, stderr=subprocess.STDOUT,
                env=environ, start_new_session=True)))
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(answer_of_a_new_service, ports, [tmp_path] * 2)) == [200, 200]
    with open_store(f"sqlite:///{tmp_path}/.fenzhen/store.db") as store:
        assert len(store.keys()) == 1


def test_workers_of_a_killed_parent_end_and_leave_the_port_to_the_next_service(tmp_path: Path) -> None:
    publish_fitted(Exports(tmp_path / ".fenzhen" / "exports"), 1, tmp_path / "scratch")
    with running_server(tmp_path, "--workers", "2") as server:
        server.wait_for("/readyz", 200, 120)
        server.process.kill()
        server.process.wait(10)
        deadline, port = time.monotonic() + 30, int(server.url.rpartition(":")[2])
        while _listens(port):
            assert time.monotonic() < deadline, "the workers live on"
            time.sleep(0.1)
    assert server.told("parent is gone") == 2


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answer_of_a_new_service(port: int, workspace: Path, seconds: float = 90.0) -> int:
    """Return the status of a ticket sent with the first key once a service is ready."""
    deadline = time.monotonic() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=15) as client:
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if client.get("/readyz").status_code == 200:
                    key = (workspace / ".fenzhen" / FILE).read_text(encoding="utf-8").strip()
                    return client.post("/v1/triage", json=TICKET, headers={"X-API-Key": key}).status_code
            time.sleep(0.1)
    raise AssertionError(f"{port} was not ready:\n{(workspace / f'{port}.log').read_text(encoding='utf-8')}")
