"""The connection to MLflow: opened on first use, its failures in the registry's words."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fenzhen.errors import RegistryError
from fenzhen.registry.database import make_database, probe, sqlite_path
from fenzhen.registry.guard import guarded, prepare, shown

if TYPE_CHECKING:
    from fenzhen.settings import Settings

__all__ = ["Connection"]


class Connection:
    """MLflow at the addresses of ``settings``; its process-wide address is never changed.

    ``on_step`` is told each step of a registration (tests interrupt there).
    """

    def __init__(self, settings: "Settings", on_step: Callable[[str], None] = lambda _step: None) -> None:
        self.settings = settings
        self.on_step = on_step
        self._probed: set[str] = set()

    @property
    def address(self) -> str:
        """The registry's address for messages, without a password."""
        return shown(self.settings.registry_uri)

    def make_databases(self) -> None:
        """Create the databases at the addresses where there are none."""
        for uri in self._addresses():
            make_database(uri, self._artifacts(), self.settings.lock_timeout_seconds)

    @contextlib.contextmanager
    def mlflow(self, doing: str, *, writing: bool = False) -> Iterator[Any]:
        """Lend the MLflow client for one piece of work; failures become :class:`RegistryError`."""
        prepare(self.settings.lock_timeout_seconds)
        for uri in self._addresses():
            self._probe(uri, doing, writing)
        with guarded(doing, self.settings.tracking_uri):
            yield self._client

    def experiment_id(self, client: Any, name: str) -> str:
        """Return the id of the experiment ``name``, created at its first use."""
        found = client.get_experiment_by_name(name) or self._new_experiment(client, name)
        if found.lifecycle_stage == "deleted":
            raise RegistryError(
                f"the MLflow experiment {name!r} was deleted; restore it with: "
                f"mlflow experiments restore -x {found.experiment_id}"
            )
        return str(found.experiment_id)

    def _new_experiment(self, client: Any, name: str) -> Any:
        from mlflow.exceptions import MlflowException

        location = str(self._artifacts() / name) if self._is_own_database() else None
        try:
            client.create_experiment(name, artifact_location=location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        return client.get_experiment_by_name(name)

    def _is_own_database(self) -> bool:
        path = sqlite_path(self.settings.tracking_uri)
        return path is not None and path.is_relative_to(self.settings.state_dir)

    def _artifacts(self) -> Path:
        path = sqlite_path(self.settings.tracking_uri)
        return (self.settings.state_dir if self._is_own_database() or path is None else path.parent) / "mlartifacts"

    def _addresses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.settings.tracking_uri, self.settings.registry_uri)))

    def _probe(self, uri: str, doing: str, writing: bool) -> None:
        if sqlite_path(uri) is not None or uri not in self._probed:
            probe(uri, self.settings.lock_timeout_seconds, doing, writing=writing)
            self._probed.add(uri)

    @functools.cached_property
    def _client(self) -> Any:
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=self.settings.tracking_uri, registry_uri=self.settings.registry_uri)
