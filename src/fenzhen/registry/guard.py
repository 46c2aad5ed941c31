"""Calls into MLflow: without chatter on the screen, and with errors that say what to do."""

import importlib
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from fenzhen.errors import FenzhenError, RegistryError

LOUD = ("mlflow", "alembic", "sqlalchemy", "urllib3")
SILENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "GIT_PYTHON_REFRESH": "quiet",
}

_PASSWORD = re.compile(r"(//[^/@:\s]*):[^@/\s]*@")


def shown(text: str) -> str:
    """Return ``text`` with the password of any address in it hidden.

    >>> shown("postgresql://fenzhen:secret@db/mlflow")
    'postgresql://fenzhen:***@db/mlflow'
    >>> shown("sqlite:////srv/mlflow.db")
    'sqlite:////srv/mlflow.db'
    """
    return _PASSWORD.sub(r"\1:***@", text)


def prepare(timeout_seconds: float) -> None:
    """Import MLflow once: no telemetry, and an absent server is given up in bounded time."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(max(1, round(timeout_seconds))))
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("mlflow")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the log lines and warnings of MLflow and its libraries; levels are put back."""
    loggers = [logging.getLogger(name) for name in LOUD]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def guarded(doing: str, uri: str) -> Iterator[None]:
    """Run MLflow calls quietly; what they raise becomes a :class:`RegistryError`."""
    import sqlalchemy.exc
    from mlflow.exceptions import MlflowException

    try:
        with quiet():
            yield
    except FenzhenError:
        raise
    except (MlflowException, sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        raise RegistryError(explained(doing, uri, error)) from error


def explained(doing: str, uri: str, error: Exception) -> str:
    """Say what failed and what to do about it, on a few lines."""
    text = shown(str(error))
    for pattern, advice in _ADVICE:
        if re.search(pattern, text, re.IGNORECASE):
            return f"cannot {doing}: {advice.format(uri=shown(uri))}"
    return f"cannot {doing}: MLflow at {shown(uri)} says: {text.splitlines()[0] if text else type(error).__name__}"


_ADVICE = (
    (r"database is locked|lock timeout|database table is locked",
     "MLflow's database {uri} is locked by another process. "
     "Close what holds it (an open sqlite3 shell, a backup, another training) and run the command again."),
    (r"out-of-date database schema|Can't locate revision",
     "MLflow's database {uri} has the schema of another MLflow version. "
     "Back it up, then run: mlflow db upgrade '{uri}'"),
    (r"file is not a database|malformed",
     "{uri} is not a sound MLflow database. Put a backup in its place, or move it away to start an empty one."),
    (r"readonly database|read-only",
     "MLflow's database {uri} cannot be written. Give this user the right to write it and its folder."),
    (r"connection refused|max retries exceeded|could not connect|connection failed|timed out|Name or service not known",
     "MLflow at {uri} does not answer. Start its server, or correct MLFLOW_TRACKING_URI, and run the command again."),
    (r"No space left", "the disk that holds {uri} is full."),
)
