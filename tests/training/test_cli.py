"""``fenzhen`` as a shell meets it: exit codes, messages without tracebacks, help that says units."""

import inspect
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

import training.cli

FENZHEN = str(Path(sys.executable).with_name("fenzhen"))
EVERY = (*training.cli.COMMANDS, "demo", "serve")


def run(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([FENZHEN, *words], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "COLUMNS": "200", **environ})


def test_help_lists_every_command_of_every_room() -> None:
    told = run("--help").stdout
    assert all(f" {name} " in told for name in EVERY)


Told = tuple[int, str]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Run the command line in this process: its exit code and all that it printed."""
    monkeypatch.setattr(training.cli, "prefer_own_state", lambda *_: None)

    def ran(*words: str, **environ: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["fenzhen", *words])
        for name, value in {"COLUMNS": "200", **environ}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            training.cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    return ran


def test_a_refusal_reaches_the_shell_as_1_and_wrong_use_as_2(tmp_path: Path) -> None:
    refused = run("validate", "--workspace", str(tmp_path))
    assert (refused.returncode, refused.stderr.startswith("fenzhen: there is no workspace.toml")) == (1, True)
    assert run("forecast").returncode == 2


@pytest.mark.parametrize("words", [(), ("forecast",), ("train",), ("train", "ticket_category", "--seed", "one"),
                                   ("train", "ticket_category", "--seed", str(2**32)),
                                   ("validate", "--colour", "red"), ("predict", "ticket_category")])
def test_wrong_use_exits_with_2(words: tuple[str, ...], told: Callable[..., Told]) -> None:
    code, text = told(*words)
    assert (code, "Traceback" in text) == (2, False)


@pytest.mark.parametrize("words", [
    ("validate",), ("doctor",), ("train", "ticket_category"), ("retrain",), ("evaluate", "ticket_category"),
    ("promote", "ticket_category"), ("rollback", "ticket_category"), ("ledger",), ("export",), ("serve",),
    ("predict", "ticket_category", "--input", "new.csv", "--output", "out.csv"),
    ("backtest", "ticket_category", "--as-of", "2026-01-01", "--output", "out.csv"),
    ("harvest",), ("ingest",), ("keys", "list"), ("keys", "create", "--scopes", "triage"), ("keys", "revoke", "k_1"),
])
def test_a_workspace_that_is_none_is_refused_with_1_and_left_alone(
    words: tuple[str, ...], tmp_path: Path, told: Callable[..., Told],
) -> None:
    code, text = told(*words, FENZHEN_WORKSPACE=str(tmp_path / "nowhere"))
    assert (code, "Traceback" in text, "workspace" in text) == (1, False, True), text
    assert not list(tmp_path.iterdir())


def test_a_command_of_another_room_is_registered_by_its_entry_point() -> None:
    assert "IP address to listen on" in run("serve", "--help").stdout


@pytest.mark.parametrize("name", training.cli.COMMANDS)
def test_every_option_and_argument_has_help(name: str) -> None:
    for command in commands_of(name):
        assert command.help
        assert not [each.name for each in command.params if not getattr(each, "help", None) and each.name != "help"]


@pytest.mark.parametrize("name", [name for name in training.cli.COMMANDS if name not in ("simulate",)])
def test_every_command_takes_a_workspace(name: str) -> None:
    for command in commands_of(name):
        options = {option: each for each in command.params for option in each.opts}
        assert options["--workspace"].envvar == "FENZHEN_WORKSPACE"


def commands_of(name: str) -> list[Any]:
    """Return the command as click sees it, or those below it."""
    module = training.cli.command_module(name)
    if hasattr(module, "app"):
        return list(get_command(module.app).commands.values())  # type: ignore[attr-defined]
    app = typer.Typer()
    app.command(name)(module.command)
    return [get_command(app)]


@pytest.mark.parametrize("name", training.cli.COMMANDS)
def test_a_command_module_offers_one_command_or_a_group_of_them(name: str) -> None:
    module = training.cli.command_module(name)
    offered = [inspect.isfunction(getattr(module, "command", None)),
               isinstance(getattr(module, "app", None), typer.Typer)]
    assert sum(offered) == 1


def test_ctrl_c_ends_a_command_with_130_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text('[tables.tickets]\npath = "tickets.csv"\n')
    (tmp_path / "tickets.csv").write_text("ticket_id,subject\n1,打印机卡纸\n")
    process = subprocess.Popen([FENZHEN, "export", "--watch", "0.2", "--workspace", str(tmp_path)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 30
    while not (tmp_path / ".fenzhen" / "exports" / "policy.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "Traceback" not in told


def test_the_help_of_score_names_models_that_it_scores() -> None:
    training.cli._register()
    told = CliRunner().invoke(training.cli.app, ["score", "--help"], env={"COLUMNS": "200"}).output
    assert "churn or device_failure" in told
    assert "ticket_category" not in told
