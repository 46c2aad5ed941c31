"""A PostgreSQL server of a test's own, to be frozen, killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.conftest import _start_postgres


class PostgresServer:
    """Runs in a process group of its own, so that all of it can be signalled."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            pytest.skip("no PostgreSQL server binaries under /usr/lib/postgresql")
        self.binaries, self.folder = found[-1].parent, Path(tempfile.mkdtemp(prefix="fenzhen-postgres-"))
        process, self.port = _start_postgres(self.binaries, self.folder, "secret")
        process.send_signal(signal.SIGINT)
        process.wait(30)
        self.url = f"postgresql+psycopg://postgres:secret@127.0.0.1:{self.port}/postgres"
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        self.process = subprocess.Popen(  # type: ignore[call-overload]
            [self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-c",
             "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **user)
        ready = [self.binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode != 0:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)

    def signal(self, number: int) -> None:
        """Signal every process of the server, backends in sessions of their own included."""
        for pid in self._pids():
            os.kill(pid, number)

    def kill(self) -> None:
        """Kill the whole server at once."""
        self.signal(signal.SIGKILL)
        self.process.wait(30)

    def remove(self) -> None:
        """Kill the server and delete its files."""
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]
