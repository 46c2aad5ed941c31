"""The registry against a real MLflow on a temporary SQLite file, interrupted and raced for."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fenzhen.errors import ArtefactError, RegistryError
from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings

MODEL = "ticket_category"
FORK = multiprocessing.get_context("fork")

CODE = """
import mlflow
import pandas as pd

class Echo(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["artefact"] + "/manifest.json") as stream:
            self.said = stream.read()

    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        rows = [(self.said, 1.0, "suggest")] * len(model_input)
        return pd.DataFrame(rows, columns=["prediction", "confidence", "decision"])

mlflow.models.set_model(Echo())
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One initialised workspace to copy from."""
    folder = tmp_path_factory.mktemp("made")
    Registry(read_settings(folder, {})).initialise()
    return folder


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Settings:
    """Settings of a workspace of its own, with MLflow's database in place."""
    (tmp_path / ".fenzhen").mkdir()
    shutil.copy(made / ".fenzhen" / "mlflow.db", tmp_path / ".fenzhen" / "mlflow.db")
    return read_settings(tmp_path, {"FENZHEN_LOCK_TIMEOUT_SECONDS": "5"})


@pytest.fixture
def registry(settings: Settings) -> Registry:
    """A registry on that workspace."""
    return Registry(settings)


def artefact(folder: Path, content: str = "one") -> Path:
    """Write a tiny artefact folder."""
    target = folder / f"artefact-{content}"
    target.mkdir(exist_ok=True)
    (target / "manifest.json").write_text(json.dumps({"says": content}))
    (target / "weights.txt").write_text(content)
    return target


def code(folder: Path) -> Path:
    """Write the models-from-code file."""
    path = folder / "echo.py"
    path.write_text(CODE)
    return path


def register(registry: Registry, content: str = "one", tags: dict[str, str] | None = None) -> int:
    """Register one version the way a training does."""
    folder = registry.settings.state_dir.parent
    with registry.run(MODEL) as run:
        return registry.register(run, MODEL, artefact(folder, content), code=code(folder), tags=tags)


def in_process(work: Callable[..., None], *arguments: Any) -> int | None:
    """Run ``work`` in a process of its own and return its exit code."""
    process = FORK.Process(target=work, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


def test_a_version_has_its_hash_its_tags_and_the_alias(registry: Registry) -> None:
    version = register(registry, tags={"gate": "passed"})
    tags = registry.version_tags(MODEL, version)
    assert (version, registry.alias(MODEL, "challenger")) == (1, 1)
    assert tags["gate"] == "passed"
    assert len(tags["manifest_sha256"]) == 64
    assert registry.models() == [MODEL]


def test_a_version_downloads_as_it_was_registered(registry: Registry, tmp_path: Path) -> None:
    version = register(registry, "三")
    folder = registry.download(MODEL, version, tmp_path / "down")
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "weights.txt"]
    assert (folder / "weights.txt").read_text() == "三"


def test_a_version_is_a_standard_pyfunc(registry: Registry) -> None:
    import mlflow.pyfunc
    import pandas as pd

    register(registry, "pyfunc")
    with registry.mlflow("locate the version") as client:
        location = client.get_model_version_download_uri(MODEL, "1")
    loaded = mlflow.pyfunc.load_model(location)
    said = loaded.predict(pd.DataFrame({"subject": ["打印机卡纸"], "body": [None]}))
    assert json.loads(said["prediction"][0]) == {"says": "pyfunc"}
    assert loaded.metadata.signature.inputs.input_names() == ["subject", "body"]


def test_requirements_are_exact_pins(registry: Registry) -> None:
    register(registry)
    pinned = next(registry.settings.state_dir.rglob("requirements.txt")).read_text().split()
    assert pinned
    assert all("==" in line for line in pinned)


def test_unknown_models_and_aliases_are_none(registry: Registry) -> None:
    assert registry.alias("nobody", "champion") is None
    assert registry.versions("nobody") == []
    register(registry)
    assert registry.alias(MODEL, "champion") is None


def test_an_unknown_version_is_a_registry_error(registry: Registry, tmp_path: Path) -> None:
    register(registry)
    with pytest.raises(RegistryError, match="version 9"):
        registry.version_tags(MODEL, 9)
    with pytest.raises(RegistryError, match="version 9"):
        registry.set_alias(MODEL, "champion", 9)
    with pytest.raises(RegistryError, match="version 9"):
        registry.download(MODEL, 9, tmp_path / "down")


def test_an_artefact_without_a_manifest_is_refused(registry: Registry, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with registry.run(MODEL) as run, pytest.raises(ArtefactError, match=r"manifest\.json"):
        registry.register(run, MODEL, empty, code=code(tmp_path))
    assert registry.versions(MODEL) == []


def test_params_and_metrics_are_logged(registry: Registry, tmp_path: Path) -> None:
    with registry.run(MODEL, "night", {"seed": "7"}) as run:
        run.log_params({f"p{number}": "x" * 7000 for number in range(150)})
        run.log_metrics({"accuracy": 0.5, "准确率/硬件": 0.25, "left_out": None})
        run.log_artifacts(artefact(tmp_path), "report")
    with registry.mlflow("read") as client:
        logged = client.get_run(run.id)
        files = [item.path for item in client.list_artifacts(run.id, "report")]
    assert len(logged.data.params) == 150
    assert logged.data.metrics == {"accuracy": 0.5, "准确率/硬件": 0.25}
    assert logged.info.status == "FINISHED"
    assert files == ["report/manifest.json", "report/weights.txt"]


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_a_run_that_breaks_off_says_so(registry: Registry, error: type[BaseException], status: str) -> None:
    with pytest.raises(error), registry.run(MODEL) as run:
        raise error
    with registry.mlflow("read") as client:
        assert client.get_run(run.id).info.status == status


def test_a_run_inside_mlflow_run_is_a_child_of_its_run(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with registry.mlflow("open the parent", writing=True) as client:
        parent = client.create_run("0").info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", parent)
    with registry.run(MODEL) as run:
        run.log_params({"model": MODEL})
    with registry.mlflow("read") as client:
        assert client.get_run(run.id).data.tags["mlflow.parentRunId"] == parent
        assert client.get_run(parent).info.status == "RUNNING"
        assert client.get_run(parent).data.params == {}


def test_a_parent_of_another_server_is_ignored(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    with registry.run(MODEL) as run:
        pass
    with registry.mlflow("read") as client:
        assert "mlflow.parentRunId" not in client.get_run(run.id).data.tags


def _die_in_a_run(settings: Settings) -> None:
    with Registry(settings).run(MODEL):
        os.kill(os.getpid(), signal.SIGKILL)


def test_runs_of_dead_processes_become_killed(settings: Settings) -> None:
    assert in_process(_die_in_a_run, settings) == -signal.SIGKILL
    registry = Registry(settings)
    with registry.run(MODEL) as alive:
        registry.initialise()
        with registry.mlflow("read") as client:
            runs = client.search_runs([alive.experiment_id])
    assert sorted(run.info.status for run in runs) == ["KILLED", "RUNNING"]


def _die_while_registering(settings: Settings, at_step: str) -> None:
    def die(step: str) -> None:
        if step == at_step:
            os.kill(os.getpid(), signal.SIGKILL)

    register(Registry(settings, die), "two")


@pytest.mark.parametrize("step", ["model opened", "files logged", "version created", "alias set"])
def test_a_registration_killed_anywhere_leaves_the_registry_usable(settings: Settings, step: str) -> None:
    assert in_process(_die_while_registering, settings, step) == -signal.SIGKILL
    registry = Registry(settings)
    registry.initialise()
    left = registry.versions(MODEL)
    assert left == ([1] if step in ("version created", "alias set") else [])
    assert all("manifest_sha256" in registry.version_tags(MODEL, version) for version in left)
    assert registry.alias(MODEL, "challenger") == (1 if step == "alias set" else None)
    version = register(registry, "three")
    registry.set_alias(MODEL, "champion", version)
    assert registry.alias(MODEL, "champion") == version == registry.alias(MODEL, "challenger")


def _register_at_the_same_time(settings: Settings, barrier: Any, content: str) -> None:
    barrier.wait(30)
    register(Registry(settings), content)


def test_two_registrations_at_once_both_succeed(settings: Settings) -> None:
    barrier = FORK.Barrier(2)
    both = [FORK.Process(target=_register_at_the_same_time, args=(settings, barrier, name)) for name in "ab"]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    registry = Registry(settings)
    assert registry.versions(MODEL) == [1, 2]
    hashes = {registry.version_tags(MODEL, version)["manifest_sha256"] for version in (1, 2)}
    assert len(hashes) == 2


def test_a_registration_that_waits_too_long_for_another_gives_up(settings: Settings) -> None:
    impatient = Registry(read_settings(settings.state_dir.parent, {"FENZHEN_LOCK_TIMEOUT_SECONDS": "0.2"}))
    with FileLock(settings.state_dir / "registration.lock"), pytest.raises(RegistryError, match="another process"):
        register(impatient)
    assert register(impatient) == 1


def _initialise_at_the_same_time(folder: Path, barrier: Any) -> None:
    barrier.wait(30)
    Registry(read_settings(folder, {})).initialise()


def test_two_first_initialisations_at_once_make_one_database(tmp_path: Path) -> None:
    barrier = FORK.Barrier(2)
    both = [FORK.Process(target=_initialise_at_the_same_time, args=(tmp_path, barrier)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert register(Registry(read_settings(tmp_path, {}))) == 1


def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    state = tmp_path / ".fenzhen"
    state.mkdir()
    (state / "mlflow.db.new").write_bytes(b"a process was killed here")
    registry = Registry(read_settings(tmp_path, {}))
    registry.initialise()
    assert registry.models() == []


def test_a_locked_database_is_refused_in_bounded_time(settings: Settings) -> None:
    impatient = Registry(read_settings(settings.state_dir.parent, {"FENZHEN_LOCK_TIMEOUT_SECONDS": "0.3"}))
    holder = sqlite3.connect(settings.state_dir / "mlflow.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    for ask in (impatient.initialise, impatient.models, lambda: register(impatient)):
        with pytest.raises(RegistryError, match="is locked by another process"):
            ask()
    assert time.monotonic() - started < 5
    holder.close()
    assert impatient.models() == []


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "postgresql+psycopg://me:secret@127.0.0.1:9/mlflow"])
def test_a_server_that_does_not_answer_is_refused_in_bounded_time(tmp_path: Path, uri: str) -> None:
    environ = {"MLFLOW_TRACKING_URI": uri, "FENZHEN_LOCK_TIMEOUT_SECONDS": "2"}
    registry = Registry(read_settings(tmp_path, environ))
    started = time.monotonic()
    with pytest.raises(RegistryError, match="does not answer") as refusal:
        registry.initialise()
    assert time.monotonic() - started < 10
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    state = tmp_path / ".fenzhen"
    state.mkdir()
    (state / "mlflow.db").write_text("not a database, but long enough to look like a file of some kind" * 20)
    with pytest.raises(RegistryError, match="not a sound MLflow database"):
        Registry(read_settings(tmp_path, {})).initialise()


def test_reading_before_any_training_says_so(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="nothing was trained"):
        Registry(read_settings(tmp_path, {})).models()
    assert not (tmp_path / ".fenzhen").exists()


def test_a_deleted_experiment_is_named_with_the_way_back(registry: Registry) -> None:
    with registry.run(MODEL) as run:
        pass
    with registry.mlflow("delete", writing=True) as client:
        client.delete_experiment(run.experiment_id)
    with pytest.raises(RegistryError, match="mlflow experiments restore"), registry.run(MODEL):
        pass


def test_nothing_is_said_and_nothing_of_the_process_is_changed(
    settings: Settings, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import mlflow

    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri(), os.environ.get("MLFLOW_TRACKING_URI")
    fresh = Registry(read_settings(tmp_path / "fresh", {}))
    fresh.initialise()
    register(Registry(settings))
    assert (mlflow.get_tracking_uri(), os.environ.get("MLFLOW_TRACKING_URI")) == before
    assert not (tmp_path / "mlruns").exists()
    assert capfd.readouterr() == ("", "")
