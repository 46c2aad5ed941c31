"""The registry: one object a process, given the settings, that opens MLflow on first use."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from fenzhen.registry import versions
from fenzhen.registry.connection import Connection
from fenzhen.registry.runs import Run, close_abandoned, open_run
from fenzhen.registry.signature import TEXT_SIGNATURE, Signature


class Registry(Connection):
    """Runs, versions and aliases of MLflow at the addresses of ``settings``.

    Every method raises :class:`RegistryError` within about ``settings.lock_timeout_seconds`` if the database is locked
    or does not answer.
    """

    def initialise(self) -> None:
        """Create the database if there is none, and mark runs KILLED that dead processes left running."""
        self.make_databases()
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
