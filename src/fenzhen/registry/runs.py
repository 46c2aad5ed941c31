"""MLflow runs: one a training, nested under ``mlflow run``'s own, and never left running by the dead."""

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fenzhen.errors import RegistryError
from fenzhen.registry.connection import Connection

HOST, PID, STARTED = "fenzhen.host", "fenzhen.pid", "fenzhen.process_started"
PARAMS_A_BATCH = 100
METRICS_A_BATCH = 1000
PARAM_LENGTH = 6000


class Run:
    """One open run; ``id`` and ``experiment_id`` are MLflow's."""

    def __init__(self, connection: Connection, run_id: str, experiment_id: str) -> None:
        self.id = run_id
        self.experiment_id = experiment_id
        self._connection = connection

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log parameters in batches; a value longer than MLflow keeps is cut."""
        from mlflow.entities import Param

        self._log_batch("params", [Param(name, str(value)[:PARAM_LENGTH]) for name, value in params.items()],
                        PARAMS_A_BATCH)

    def log_metrics(self, metrics: Mapping[str, float | None], step: int = 0) -> None:
        """Log metrics in one batch; None is left out."""
        from mlflow.entities import Metric

        now = time.time_ns() // 1_000_000
        entities = [Metric(name, float(value), now, step) for name, value in metrics.items() if value is not None]
        self._log_batch("metrics", entities, METRICS_A_BATCH)

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags in batches."""
        from mlflow.entities import RunTag

        self._log_batch("tags", [RunTag(name, str(value)) for name, value in tags.items()], PARAMS_A_BATCH)

    def log_artifacts(self, folder: Path, path: str | None = None) -> None:
        """Copy the files of ``folder`` into the run, under ``path``."""
        with self._connection.mlflow("log the run's files", writing=True) as client:
            client.log_artifacts(self.id, str(folder), path)

    def _log_batch(self, kind: str, entities: Sequence[Any], size: int) -> None:
        with self._connection.mlflow(f"log {kind}", writing=True) as client:
            for start in range(0, len(entities), size):
                client.log_batch(self.id, **{kind: entities[start:start + size]})


@contextmanager
def open_run(connection: Connection, experiment: str, name: str | None, tags: Mapping[str, str]) -> Iterator[Run]:
    """Open a run; it ends FINISHED, FAILED (an error) or KILLED (an interrupt)."""
    run = _create(connection, experiment, name, tags)
    try:
        yield run
    except Exception:
        _end(connection, run, "FAILED", forgiving=True)
        raise
    except BaseException:
        _end(connection, run, "KILLED", forgiving=True)
        raise
    _end(connection, run, "FINISHED", forgiving=False)


def _create(connection: Connection, experiment: str, name: str | None, tags: Mapping[str, str]) -> Run:
    with connection.mlflow("start a run", writing=True) as client:
        parent = _parent(client)
        experiment_id = connection.experiment_id(client, experiment)
        own = {HOST: socket.gethostname(), PID: str(os.getpid()), STARTED: process_started(os.getpid())}
        if parent is not None:
            own["mlflow.parentRunId"] = parent.info.run_id
            if parent.info.experiment_id != "0":
                experiment_id = parent.info.experiment_id
        created = client.create_run(experiment_id, run_name=name, tags={**own, **tags})
    return Run(connection, created.info.run_id, experiment_id)


def _parent(client: Any) -> Any:
    """Return the run that ``mlflow run`` opened around this process, None without one."""
    from mlflow.exceptions import MlflowException

    run_id = os.environ.get("MLFLOW_RUN_ID")
    try:
        return client.get_run(run_id) if run_id else None
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def _end(connection: Connection, run: Run, status: str, *, forgiving: bool) -> None:
    try:
        with connection.mlflow("end the run", writing=True) as client:
            client.set_terminated(run.id, status)
    except RegistryError:
        if not forgiving:
            raise


def close_abandoned(client: Any) -> list[str]:
    """Mark runs KILLED whose process of this host is gone; return their ids."""
    abandoned = [run.info.run_id for run in _running_here(client) if not _alive(run.data.tags)]
    for run_id in abandoned:
        client.set_terminated(run_id, "KILLED")
    return abandoned


def _running_here(client: Any) -> Iterator[Any]:
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    wanted = f"attributes.status = 'RUNNING' and tags.`{HOST}` = '{socket.gethostname()}'"
    token = None
    while experiments:
        page = client.search_runs(experiments, wanted, max_results=1000, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _alive(tags: Mapping[str, str]) -> bool:
    try:
        pid = int(tags[PID])
        os.kill(pid, 0)
    except (KeyError, ValueError):
        return True
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return process_started(pid) == tags.get(STARTED, "")


def process_started(pid: int) -> str:
    """Return when a process began, in clock ticks since boot, so that a pid used again is told apart.

    Empty where the system does not say.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
