"""The entry points of MLproject: each calls its command with options that the command has, and really runs."""

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from fenzhen.exports import Exports
from fenzhen.registry import Registry
from fenzhen.settings import read_settings
from fenzhen.simulate import simulate_workspace
from training.project_run import prefer_own_state

PROJECT = Path(__file__).resolve().parents[2]
ENTRY_POINTS = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
SCHEDULED = ("validate", "ingest", "train", "retrain", "evaluate", "drift", "predict", "score", "backtest",
             "promote", "rollback", "export", "run-daily")
VALUES = {"workspace": "/srv/desk", "model": "ticket_category", "as_of": "2026-01-01", "since": "2026-01-15",
          "until": "2026-02-01", "input": "/srv/new.csv", "output": "/srv/out.csv", "version": "3", "table": "raw",
          "alias": "challenger", "reason": "it is better", "promote": "auto", "seed": "7", "top_k": "5"}


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    """Every command of ``fenzhen`` as click sees it."""
    app = typer.Typer()
    for name in SCHEDULED:
        app.command(name)(importlib.import_module(f"training.commands.{name.replace('-', '_')}").command)
    return dict(get_command(app).commands)  # type: ignore[attr-defined]


def command_line(name: str, values: dict[str, str], folder: Path) -> list[str]:
    """Return the words that ``fenzhen`` is called with, as bash expands the entry point's command."""
    quoted = {key: shlex.quote(value) for key, value in values.items()}
    (folder / "fenzhen").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (folder / "fenzhen").chmod(0o755)
    line = ENTRY_POINTS[name]["command"].format(**quoted)
    done = subprocess.run(["bash", "-c", line], cwd=folder, env={"PATH": f"{folder}:/usr/bin:/bin"},
                          capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def defaults(name: str) -> dict[str, str]:
    given = ENTRY_POINTS[name].get("parameters", {})
    return {key: VALUES[key] if isinstance(kind, str) else str(kind["default"]) for key, kind in given.items()}


def test_every_scheduled_command_is_an_entry_point() -> None:
    assert tuple(sorted(ENTRY_POINTS)) == tuple(sorted(SCHEDULED))


@pytest.mark.parametrize("name", SCHEDULED)
def test_the_command_understands_what_the_entry_point_passes(
    name: str, commands: dict[str, Any], tmp_path: Path
) -> None:
    for values in (defaults(name), {key: VALUES[key] for key in ENTRY_POINTS[name].get("parameters", {})}):
        called, *words = command_line(name, values, tmp_path)
        assert called == name
        context = commands[name].make_context(name, list(words))
        assert str(context.params["workspace"]) == values["workspace"]


@pytest.mark.parametrize("name", SCHEDULED)
def test_every_parameter_reaches_the_command(name: str, tmp_path: Path) -> None:
    values = {key: VALUES[key] for key in ENTRY_POINTS[name].get("parameters", {})}
    assert set(values.values()) <= set(command_line(name, values, tmp_path))


def test_a_backtest_takes_several_dates(tmp_path: Path) -> None:
    words = command_line("backtest", {**defaults("backtest"), "as_of": "2026-01-01,2026-02-01 09:00"}, tmp_path)
    given = [value for option, value in pairwise(words) if option == "--as-of"]
    assert given == ["2026-01-01", "2026-02-01 09:00"]


@pytest.mark.parametrize("name", SCHEDULED)
def test_parameters_are_typed_and_used(name: str) -> None:
    for parameter, kind in ENTRY_POINTS[name].get("parameters", {}).items():
        stated = kind if isinstance(kind, str) else kind["type"]
        assert stated in ("path", "string", "float")
        assert f"{{{parameter}}}" in ENTRY_POINTS[name]["command"]


def test_the_project_names_no_environment_of_its_own() -> None:
    text = (PROJECT / "MLproject").read_text(encoding="utf-8")
    assert not re.search(r"^(conda_env|docker_env|python_env)", text, re.MULTILINE)


@pytest.mark.parametrize("made_up", ["sqlite:///{}/mlflow.db", "{}/mlruns", "file://{}/mlruns"])
def test_the_address_that_mlflow_makes_up_in_the_root_does_not_count(made_up: str) -> None:
    environ = {"MLFLOW_RUN_ID": "1", "MLFLOW_TRACKING_URI": made_up.format("/srv/fenzhen"), "HOME": "/root"}
    prefer_own_state(environ, Path("/srv/fenzhen"))
    assert environ == {"HOME": "/root"}


def test_a_chosen_address_counts() -> None:
    chosen = {"MLFLOW_TRACKING_URI": "sqlite:////srv/fenzhen/mlflow.db"}
    for environ in (dict(chosen), {"MLFLOW_RUN_ID": "1", "MLFLOW_TRACKING_URI": "http://mlflow:5000"}):
        before = dict(environ)
        prefer_own_state(environ, Path("/srv/fenzhen"))
        assert environ == before


@pytest.mark.slow
def test_train_runs_under_mlflow_as_a_child_of_its_run(tmp_path: Path) -> None:
    """A checkout of the project elsewhere, so that nothing is left in this one."""
    checkout, workspace = tmp_path / "checkout", tmp_path / "desk"
    checkout.mkdir()
    shutil.copy(PROJECT / "MLproject", checkout)
    simulate_workspace(workspace, 500, 200, date(2026, 7, 1), 3)
    (workspace / ".fenzhen").mkdir()
    settings = read_settings(workspace, {})
    run_project(checkout, settings.tracking_uri, "train", workspace=str(workspace), model="ticket_category",
                promote="force")
    assert Registry(settings).versions("ticket_category") == [1]
    assert Exports(settings.exports_dir).champions()["ticket_category"].version == 1
    statuses = runs_of(settings.tracking_uri)
    assert len(statuses) == 2
    assert sum(parent in statuses for _, parent in statuses.values()) == 1
    assert {status for status, _ in statuses.values()} == {"FINISHED"}
    assert not {"mlflow.db", "mlruns"} & {path.name for path in checkout.iterdir()}


def run_project(checkout: Path, tracking_uri: str, entry: str, **parameters: str) -> None:
    binaries = Path(sys.executable).parent
    command = [str(binaries / "mlflow"), "run", str(checkout), "--env-manager=local", "-e", entry]
    command += [word for name, value in parameters.items() for word in ("-P", f"{name}={value}")]
    environ = {**os.environ, "MLFLOW_TRACKING_URI": tracking_uri, "PATH": f"{binaries}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def runs_of(tracking_uri: str) -> dict[str, tuple[str, str]]:
    """Return status and parent of every run."""
    client = importlib.import_module("mlflow").MlflowClient(tracking_uri=tracking_uri)
    found = client.search_runs([each.experiment_id for each in client.search_experiments()])
    return {run.info.run_id: (run.info.status, run.data.tags.get("mlflow.parentRunId", "")) for run in found}
