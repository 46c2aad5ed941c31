"""A PostgreSQL server of a benchmark's own."""

import contextlib
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fenzhen.errors import StoreError
from tests.conftest import _start_postgres

__all__ = ["postgres"]


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start a server, give its address, end it; ``StoreError`` where there are no binaries."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise StoreError("no PostgreSQL server binaries under /usr/lib/postgresql: apt-get install postgresql")
    folder, password = Path(tempfile.mkdtemp(prefix="fenzhen-postgres-")), secrets.token_hex(8)
    process, port = _start_postgres(found[-1].parent, folder, password)
    try:
        yield f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
