"""Registered versions: written so that a process killed anywhere leaves every alias as it was."""

import contextlib
import functools
import hashlib
import importlib.metadata
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenzhen.errors import ArtefactError, RegistryError
from fenzhen.registry.connection import Connection
from fenzhen.registry.runs import Run
from fenzhen.registry.signature import Signature

ARTEFACT = "artefact"
MARK = "fenzhen"
REQUIREMENTS = ("jieba", "lightgbm", "mlflow", "numpy", "opencc-python-reimplemented", "pandas", "rjieba", "scipy")


@dataclass(frozen=True)
class Package:
    """What a version is made of: data, the code that reads it, and its columns."""

    artefact: Path
    code: Path
    signature: Signature
    input_example: Any

    def manifest_sha256(self) -> str:
        """Return the hash that names this version in the ledger and on disk."""
        try:
            return hashlib.sha256((self.artefact / "manifest.json").read_bytes()).hexdigest()
        except OSError as error:
            raise ArtefactError(f"{self.artefact} has no readable manifest.json: {error.strerror}") from error


def register(connection: Connection, run: Run, model: str, package: Package, description: str,
             tags: Mapping[str, str], alias: str) -> int:
    """Log the pyfunc, create the version with its tags, and only then move the alias."""
    own = {"manifest_sha256": package.manifest_sha256(), "run_id": run.id}
    logged = _log_pyfunc(connection, run, model, package)
    with _one_at_a_time(connection), connection.mlflow(f"register a version of {model}", writing=True) as client:
        _ensure_model(client, model)
        created = client.create_model_version(
            model, logged.artifact_location, run_id=run.id, tags={**tags, **own}, description=description,
            model_id=logged.model_id,
        )
        connection.on_step("version created")
        client.set_registered_model_alias(model, alias, created.version)
        connection.on_step("alias set")
    return int(created.version)


def _log_pyfunc(connection: Connection, run: Run, model: str, package: Package) -> Any:
    """Log the package as an MLflow model of the run and return that.

    These are the steps of ``mlflow.pyfunc.log_model``, which works only on the process-wide address.
    """
    from mlflow.entities import LoggedModelOutput

    with connection.mlflow("log the model", writing=True) as client, tempfile.TemporaryDirectory() as scratch:
        logged = client.create_logged_model(run.experiment_id, name=model, source_run_id=run.id)
        connection.on_step("model opened")
        client.log_outputs(run.id, models=[LoggedModelOutput(logged.model_id, step=0)])
        client.log_model_artifacts(logged.model_id, str(_save_pyfunc(Path(scratch), package, logged, run.id)))
        connection.on_step("files logged")
        client.finalize_logged_model(logged.model_id, "READY")
    return logged


def _save_pyfunc(scratch: Path, package: Package, logged: Any, run_id: str) -> Path:
    import mlflow.pyfunc
    from mlflow.models import Model

    folder = scratch / "model"
    shutil.copytree(package.artefact, scratch / ARTEFACT)
    mlflow.pyfunc.save_model(
        path=str(folder), python_model=str(package.code), artifacts={ARTEFACT: str(scratch / ARTEFACT)},
        signature=package.signature.as_mlflow(), input_example=package.input_example,
        pip_requirements=list(requirements()),
        mlflow_model=Model(artifact_path=logged.artifact_location, model_uuid=logged.model_id, run_id=run_id,
                           model_id=logged.model_id),
    )
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)
    return folder


@functools.cache
def requirements() -> tuple[str, ...]:
    """Return the exact pins of what scoring imports, as installed here."""
    installed = {name: importlib.metadata.version(name) for name in REQUIREMENTS}
    return tuple(f"{name}=={version}" for name, version in installed.items())


@contextlib.contextmanager
def _one_at_a_time(connection: Connection) -> Iterator[None]:
    """Exclude other registrations of this workspace: MLflow counts versions up without a lock of its own."""
    from filelock import FileLock, Timeout

    settings = connection.settings
    lock = FileLock(settings.state_dir / "registration.lock", timeout=settings.lock_timeout_seconds)
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise RegistryError(f"another process has been registering a version for {settings.lock_timeout_seconds:g} s; "
                            "wait for it to end and train again") from error
    except OSError as error:
        raise RegistryError(f"cannot write to {settings.state_dir}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def _ensure_model(client: Any, model: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(model, tags={MARK: "model"})
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def alias(connection: Connection, model: str, name: str) -> int | None:
    """Return the version that alias ``name`` points to, None where there is none."""
    with connection.mlflow(f"read the aliases of {model}") as client:
        found = _registered(client, model)
        return int(found.aliases[name]) if found is not None and name in found.aliases else None


def numbers(connection: Connection, model: str) -> list[int]:
    """Return the version numbers of ``model``, oldest first."""
    with connection.mlflow(f"list the versions of {model}") as client:
        found: list[int] = []
        token = None
        while True:
            page = client.search_model_versions(f"name = '{model}'", max_results=1000, page_token=token)
            found += [int(version.version) for version in page]
            token = page.token
            if not token:
                return sorted(found)


def models(connection: Connection) -> list[str]:
    """Return the names of registered models that carry Fenzhen's mark."""
    with connection.mlflow("list the registered models") as client:
        found = client.search_registered_models(f"tags.{MARK} = 'model'", max_results=1000)
        return sorted(model.name for model in found)


def _registered(client: Any, model: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_registered_model(model)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def download(connection: Connection, model: str, version: int, to: Path) -> Path:
    """Copy the artefact of a version into ``to``; what is not there raises :class:`RegistryError`."""
    from mlflow.artifacts import download_artifacts

    with connection.mlflow(f"download version {version} of {model}") as client:
        location = _location(client, model, version)
        to.mkdir(parents=True, exist_ok=True)
        download_artifacts(
            artifact_uri=f"{location.rstrip('/')}/artifacts/{ARTEFACT}", dst_path=str(to),
            tracking_uri=connection.settings.tracking_uri,
        )
    folder = to / ARTEFACT
    if not (folder / "manifest.json").is_file():
        raise RegistryError(f"version {version} of {model} has no artefact with a manifest.json under {location}")
    return folder


def _location(client: Any, model: str, version: int) -> str:
    found = client.get_model_version(model, str(version))
    if found.model_id:
        return str(client.get_logged_model(found.model_id).artifact_location)
    return str(client.get_model_version_download_uri(model, str(version)))
