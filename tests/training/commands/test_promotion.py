"""The commands promote, rollback, ledger and export, as a person at a terminal meets them."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import training.champions.doors
from fenzhen.errors import FenzhenError, WorkspaceError
from fenzhen.exports import Exports
from fenzhen.registry import Registry
from fenzhen.settings import read_settings
from models.artefact import verify, write_artefact
from training.commands import export, ledger, promote, rollback

MODEL = "ticket_category"
WORKSPACE = """
time_zone = "Asia/Shanghai"

[tables.tickets]
path = "tickets.csv"

[tables.taxonomy]
path = "taxonomy.csv"
"""
ECHO = """
import mlflow
import pandas as pd

class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        return model_input

mlflow.models.set_model(Echo())
"""

Fenzhen = Callable[..., Result]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two registered versions."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "workspace.toml").write_text(WORKSPACE)
    (folder / "tickets.csv").write_text("ticket_id,subject\nT1,打印机卡纸\n")
    (folder / "taxonomy.csv").write_text("field,value,external_id,active\ncategory,硬件故障,12,true\ncategory,耗材,,\n")
    (folder / "rules.toml").write_text('[[rule]]\nid = "r1"\nfield = "category"\nvalue = "耗材"\nany = ["墨盒"]\n')
    (folder / "echo.py").write_text(ECHO)
    registry = Registry(read_settings(folder, {}))
    registry.initialise()
    for number in (1, 2):
        write_artefact(folder / f"v{number}", {"weights.txt": f"weights {number}"}, {"number": number})
        with registry.run(MODEL) as run:
            registry.register(run, MODEL, folder / f"v{number}", code=folder / "echo.py", tags={"gate": "passed"})
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace; artefacts are verified without a scorer."""
    for name in ("workspace.toml", "tickets.csv", "taxonomy.csv", "rules.toml"):
        shutil.copy(made / name, tmp_path / name)
    (tmp_path / ".fenzhen").mkdir()
    shutil.copy(made / ".fenzhen" / "mlflow.db", tmp_path / ".fenzhen" / "mlflow.db")
    monkeypatch.setattr(training.champions.doors, "check_artefact", lambda folder, sha256: verify(folder, sha256))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def fenzhen(workspace: Path) -> Fenzhen:
    """Run a command line against the workspace."""
    app = typer.Typer()
    for module in (promote, rollback, ledger, export):
        app.command(module.__name__.rpartition(".")[2])(module.command)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words[:1], "--workspace", str(workspace), *words[1:]])

    return run


def test_promote_rollback_and_the_ledger_that_tells_of_them(fenzhen: Fenzhen) -> None:
    assert fenzhen("promote", MODEL, "--version", "1", "--actor", "王工").exit_code == 0
    assert "version 2 is champion" in fenzhen("promote", MODEL, "--reason", "[更准]").stdout
    assert "version 1 decides again" in fenzhen("rollback", MODEL, "--reason", "投诉").stdout
    told = fenzhen("ledger", MODEL).stdout
    for word in ("promote", "rollback", "王工", "[更准]", "投诉", "CST"):
        assert word in told


def test_the_ledger_says_which_version_decided_at_a_moment(fenzhen: Fenzhen) -> None:
    fenzhen("promote", MODEL, "--version", "1")
    assert "no entry" in fenzhen("ledger", "--at", "2020-01-01").stdout
    assert "promote" in fenzhen("ledger", MODEL, "--at", "2199-01-01").stdout


def test_an_empty_ledger_says_so(fenzhen: Fenzhen) -> None:
    result = fenzhen("ledger")
    assert (result.exit_code, result.stdout) == (0, "the ledger has no entry for this\n")


def test_export_writes_champions_and_policy(fenzhen: Fenzhen, workspace: Path) -> None:
    with_hand = Registry(read_settings(workspace, {}))
    with_hand.set_alias(MODEL, "champion", 2)
    result = fenzhen("export")
    exports = Exports(workspace / ".fenzhen" / "exports")
    assert result.exit_code == 0
    assert "moved by hand" in result.stderr
    assert exports.champions()[MODEL].version == 2
    assert exports.policy()["time_zone"] == "Asia/Shanghai"
    first, second = exports.policy()["taxonomy"]
    assert (first["value"], first["external_id"], first["active"]) == ("硬件故障", "12", True)
    assert (second["value"], second["external_id"], second["active"]) == ("耗材", None, None)
    assert exports.policy()["rules"][0]["any"] == ["墨盒"]


def test_a_taxonomy_that_cannot_be_read_does_not_hold_champions_back(fenzhen: Fenzhen, workspace: Path) -> None:
    fenzhen("promote", MODEL)
    shutil.rmtree(workspace / ".fenzhen" / "exports")
    (workspace / "taxonomy.csv").unlink()
    result = fenzhen("export")
    assert isinstance(result.exception, FenzhenError)
    assert Exports(workspace / ".fenzhen" / "exports").champions()[MODEL].version == 2


def test_export_without_a_champion_is_no_failure(fenzhen: Fenzhen) -> None:
    result = fenzhen("export")
    assert (result.exit_code, result.stdout) == (0, "no model has a champion yet\n")


def test_a_refusal_is_a_fenzhen_error(fenzhen: Fenzhen) -> None:
    result = fenzhen("rollback", MODEL)
    assert isinstance(result.exception, FenzhenError)
    assert "no earlier champion" in str(result.exception)


@pytest.mark.parametrize("words", [("promote", MODEL), ("rollback", MODEL), ("ledger",), ("export",)])
def test_a_folder_that_is_no_workspace_is_refused_and_left_alone(
    fenzhen: Fenzhen, tmp_path: Path, words: tuple[str, ...]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = fenzhen(*words, "--workspace", str(elsewhere))
    assert isinstance(result.exception, WorkspaceError)
    assert list(elsewhere.iterdir()) == []


def test_a_locked_mlflow_database_is_told_of(
    fenzhen: Fenzhen, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENZHEN_LOCK_TIMEOUT_SECONDS", "0.2")
    holder = sqlite3.connect(workspace / ".fenzhen" / "mlflow.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    result = fenzhen("promote", MODEL)
    holder.close()
    assert isinstance(result.exception, FenzhenError)
    assert "locked by another process" in str(result.exception)


def _watch(workspace: Path) -> None:
    os.dup2(os.open(workspace / "told", os.O_WRONLY | os.O_CREAT), 2)
    export.command(watch=0.1, workspace=workspace)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_watching_follows_the_alias_until_interrupted(workspace: Path) -> None:
    exports = Exports(workspace / ".fenzhen" / "exports")
    watcher = multiprocessing.get_context("fork").Process(target=_watch, args=(workspace,))
    watcher.start()
    try:
        registry = Registry(read_settings(workspace, {}))
        for version in (1, 2):
            registry.set_alias(MODEL, "champion", version)
            _wait_for(lambda wanted=version: getattr(exports.champion(MODEL), "version", 0) == wanted)  # type: ignore[misc]
    finally:
        os.kill(watcher.pid or 0, signal.SIGINT)
        watcher.join(30)
    assert watcher.exitcode == 0
    assert json.loads((exports.root / "champions.json").read_text())["champions"][MODEL]["version"] == 2
