"""The registry: one object a process, given the settings, that opens MLflow on first use."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fenzhen.errors import RegistryError
from fenzhen.registry import versions
from fenzhen.registry.database import make_database, probe, sqlite_path
from fenzhen.registry.guard import guarded, prepare, shown
from fenzhen.registry.runs import Run, close_abandoned, open_run
from fenzhen.registry.signature import TEXT_SIGNATURE, Signature

if TYPE_CHECKING:
    from fenzhen.settings import Settings


class Registry:
    """Runs, versions and aliases of MLflow at the addresses of ``settings``.

    MLflow's process-wide address is never changed. Every method raises :class:`RegistryError`
    within about ``settings.lock_timeout_seconds`` if the database is locked or does not answer.
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

    def initialise(self) -> None:
        """Create the database if there is none, and mark runs KILLED that dead processes left running."""
        for uri in self._addresses():
            make_database(uri, self._artifacts(), self.settings.lock_timeout_seconds)
        with self.mlflow("look for abandoned runs", writing=True) as client:
            close_abandoned(client)

    def run(
        self, experiment: str, run_name: str | None = None, tags: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Run]:
        """Open a run in ``experiment``; inside ``mlflow run`` it is a child of that run."""
        return open_run(self, experiment, run_name, tags or {})

    def register(
        self, run: Run, model: str, artefact: Path, *, code: Path, signature: Signature = TEXT_SIGNATURE,
        input_example: Any = None, description: str = "", tags: Mapping[str, str] | None = None,
        alias: str = "challenger",
    ) -> int:
        """Register the folder ``artefact`` as a new version of ``model`` and return its number.

        ``code`` is the models-from-code file. The version carries the tag ``manifest_sha256`` from
        its first moment; the alias is set last.
        """
        package = versions.Package(artefact, code, signature, input_example)
        return versions.register(self, run, model, package, description, tags or {}, alias)

    def alias(self, model: str, alias: str) -> int | None:
        """Return the version that ``alias`` names, None if there is no such model or alias."""
        return versions.alias(self, model, alias)

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Let ``alias`` name ``version``, which must exist."""
        with self.mlflow(f"set alias {alias} of {model} to version {version}", writing=True) as client:
            client.set_registered_model_alias(model, alias, str(version))

    def version_tags(self, model: str, version: int) -> dict[str, str]:
        """Return a version's tags, such as ``manifest_sha256`` and ``gate``."""
        with self.mlflow(f"read version {version} of {model}") as client:
            return dict(client.get_model_version(model, str(version)).tags)

    def download(self, model: str, version: int, to: Path) -> Path:
        """Copy a version's artefact folder to ``to / "artefact"`` and return that path."""
        return versions.download(self, model, version, to)

    def versions(self, model: str) -> list[int]:
        """Return all version numbers of ``model``, oldest first; empty for an unknown model."""
        return versions.numbers(self, model)

    def models(self) -> list[str]:
        """Return the names of the models that Fenzhen registered, sorted."""
        return versions.models(self)

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
