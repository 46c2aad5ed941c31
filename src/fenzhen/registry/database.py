"""MLflow's database: made whole at once, and asked for an answer before MLflow waits on it for ever."""

import contextlib
import os
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from fenzhen.errors import NothingTrained, RegistryError
from fenzhen.registry.guard import explained, guarded, prepare


def sqlite_path(uri: str) -> Path | None:
    """Return the file of a SQLite address, None for any other address.

    >>> sqlite_path("sqlite:////srv/mlflow.db")
    PosixPath('/srv/mlflow.db')
    >>> sqlite_path("http://127.0.0.1:5000") is None
    True
    """
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def make_database(uri: str, artifacts: Path, timeout_seconds: float) -> None:
    """Create MLflow's database where it is missing; other processes wait meanwhile.

    A SQLite file is built beside its final name and renamed, so that a process killed in the
    middle leaves nothing. Servers and other databases look after themselves.
    """
    path = sqlite_path(uri)
    if path is None or _is_made(path):
        return
    with _file_lock(path, timeout_seconds):
        if not _is_made(path):
            prepare(timeout_seconds)
            with guarded("create MLflow's database", uri):
                _build(path, artifacts)


def _is_made(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RegistryError(f"cannot read MLflow's database {path}: {error.strerror}") from error


@contextlib.contextmanager
def _file_lock(path: Path, timeout_seconds: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=timeout_seconds):
            yield
    except Timeout as error:
        raise RegistryError(
            f"another process has been creating MLflow's database {path} for {timeout_seconds:g} s; "
            "wait for it to end and run the command again"
        ) from error
    except OSError as error:
        raise RegistryError(f"cannot create MLflow's database {path}: {error.strerror}") from error


def _build(path: Path, artifacts: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    half_made = path.with_name(f"{path.name}.new")
    half_made.unlink(missing_ok=True)
    store = SqlAlchemyStore(f"sqlite:///{half_made}", str(artifacts))
    store.engine.dispose()
    os.replace(half_made, path)


def probe(uri: str, timeout_seconds: float, doing: str, *, writing: bool) -> None:
    """Raise :class:`RegistryError` within ``timeout_seconds`` if ``uri`` does not answer."""
    path = sqlite_path(uri)
    try:
        if path is not None:
            _probe_file(path, timeout_seconds, writing)
        elif uri.startswith(("http://", "https://")):
            _probe_server(uri, timeout_seconds)
        elif "://" in uri and not uri.startswith("file:"):
            _probe_sql(uri, timeout_seconds)
    except (sqlite3.Error, OSError) as error:
        raise RegistryError(explained(doing, uri, error)) from error


def _probe_file(path: Path, timeout_seconds: float, writing: bool) -> None:
    if not path.exists():
        raise NothingTrained(f"MLflow's database {path} does not exist; nothing was trained in this workspace yet")
    address = f"file:{urllib.parse.quote(str(path))}?mode=rw"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=timeout_seconds, isolation_level=None)) as link:
        if writing:
            link.execute("BEGIN IMMEDIATE")
            link.execute("ROLLBACK")
        else:
            link.execute("SELECT count(*) FROM sqlite_master")


def _probe_server(uri: str, timeout_seconds: float) -> None:
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=timeout_seconds):
            pass
    except urllib.error.HTTPError as answer:
        answer.close()


def _probe_sql(uri: str, timeout_seconds: float) -> None:
    import sqlalchemy

    arguments = {} if uri.startswith("mssql") else {"connect_timeout": max(1, round(timeout_seconds))}
    try:
        engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool, connect_args=arguments)
        with engine.connect():
            pass
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise OSError(str(error)) from error
