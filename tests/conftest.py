"""What every test may ask for."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

settings.register_profile("fenzhen", deadline=None, derandomize=True)
settings.load_profile("fenzhen")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data beside the project; skips where it is absent."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the shared data is absent: {folder}")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session's own on 127.0.0.1; skips where there are no binaries."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("no PostgreSQL server binaries under /usr/lib/postgresql")
    folder, password = Path(tempfile.mkdtemp(prefix="fenzhen-postgres-")), secrets.token_hex(8)
    process, port = _start_postgres(found[-1].parent, folder, password)
    try:
        yield f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(binaries: Path, folder: Path, password: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server in ``folder``; as root it runs as the user postgres, for initdb refuses root."""
    as_user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **as_user}
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o644)
    subprocess.run([binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-E", "UTF8", "--no-locale", "-N",
                    "-A", "scram-sha-256", f"--pwfile={folder / 'password'}"], check=True, **quiet)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen([binaries / "postgres", "-D", folder / "data", "-p", str(port), "-F",
                                "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"], **quiet)
    deadline = time.monotonic() + 30
    ready = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"PostgreSQL did not start on port {port}")
        time.sleep(0.1)
    return process, port
