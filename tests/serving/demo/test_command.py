"""``fenzhen demo`` from the simulated company to the answers, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

import serving.demo.command
from fenzhen.simulate import simulate_workspace
from fenzhen.store import open_store
from fenzhen.workspace import load_workspace
from serving.demo.asking import next_tickets, ready
from serving.demo.command import demo

FENZHEN = str(Path(sys.executable).with_name("fenzhen"))


@pytest.fixture
def app() -> typer.Typer:
    """The command alone."""
    app = typer.Typer()
    app.command()(demo)
    return app


def test_fresh_tickets_come_after_the_company_s_last(tmp_path: Path) -> None:
    simulate_workspace(tmp_path, 60, 30, date(2026, 7, 1), 1)
    found = next_tickets(load_workspace(tmp_path), 1, 5)
    assert {datetime.fromisoformat(each["ticket"]["created_at"]).date() for each in found} == {date(2026, 7, 1)}


def test_a_folder_of_another_origin_is_refused_and_left_alone(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text('time_zone = "Asia/Shanghai"\n')
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert "expected a new folder or a simulated company" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["workspace.toml"]


def test_customers_and_devices_are_learnt_as_of_some_days_ago_beside_the_tickets_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulate_workspace(tmp_path, 60, 30, date(2026, 7, 1), 1)
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(serving.demo.command, "fenzhen", lambda _, *words, **__: told.append(words))
    monkeypatch.setattr(serving.demo.command, "beside_python", lambda _: "echo")
    console = Console(width=200)
    with console.capture() as captured:
        serving.demo.command.train_and_score(console, tmp_path, dict(os.environ))
    (_, first), (_, *others) = told
    assert first == "ticket_category"
    assert {"ticket_priority", "assignee_group", "assignee"} <= set(others)
    assert [line.split() for line in captured.get().splitlines()[1:] if line] == [
        ["retrain", "churn", "device_failure", "--as-of", "2026-06-21"],
        *(["run-daily", "--as-of", day] for day in ("2026-06-21", "2026-06-26", "2026-07-01"))]


@pytest.mark.parametrize(("value", "stays"), [("true", False), ("1", False), ("", True), ("false", True)])
def test_it_stops_by_itself_only_with_ci(
    value: str, stays: bool, app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[str] = []
    for name in ("prepare", "start", "ask", "stay_up"):
        monkeypatch.setattr(serving.demo.command, name,
                            lambda *_, name=name, **__: called.append(name) or [])
    monkeypatch.setenv("CI", value)
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert (result.exit_code, called) == (0, ["prepare", "start", "ask", *["stay_up"] * stays])


@pytest.mark.slow
def test_the_demo_answers_and_a_signal_ends_everything(tmp_path: Path) -> None:
    simulate_workspace(tmp_path / "demo", 900, 240, date(2026, 7, 1), 1)
    keep_models(tmp_path / "demo", "ticket_category", "ticket_request_type")
    environ = {**os.environ, "CI": "", "PYTHONUNBUFFERED": "1"}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([FENZHEN, "demo", str(tmp_path / "demo"), "--tickets", "4"], stdout=output,
                                   stderr=subprocess.STDOUT, env=environ, cwd=tmp_path, start_new_session=True)
    try:
        until(lambda: "Up until Ctrl-C" in log.read_text("utf-8") or process.poll() is not None, 240)
        told = log.read_text("utf-8")
        assert process.poll() is None, told
        addresses = [word for word in told.split() if word.startswith("http://127.0.0.1:") and "/v1/" not in word]
        assert len(addresses) >= 2, told
        assert all(ready(each) for each in addresses if "/app/" not in each)
        assert browser(addresses[-1])
        what_people_said_is_kept(tmp_path / "demo", told)
        assert json.loads(as_typed(told))["predictions"]["category"]["status"] == "ok"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not [each for each in addresses if ready(each)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "log"]


def keep_models(folder: Path, *names: str) -> None:
    """Let the workspace name fewer models, for the sake of time, and no columns that only the others know."""
    path = folder / "workspace.toml"
    head, *sections = re.split(r"^(?=\[models\.)", path.read_text("utf-8"), flags=re.MULTILINE)
    kept = [text for text in sections if any(text.startswith(f"[models.{name}]") for name in names)]
    head = re.sub(r"^(\"保修状态\"|\"报单入口\"|service_manager) = .*\n", "", head, flags=re.MULTILINE)
    path.write_text(head + "".join(kept), "utf-8")


def what_people_said_is_kept(workspace: Path, told: str) -> None:
    assert re.search(r"^Feedback +(corrected|accepted) T-\S+ \w+ = \S+: recorded$", told, re.MULTILINE), told
    assert re.search(r"^Event +created T-\S+: recorded$", told, re.MULTILINE), told
    assert re.search(r"^Modes .*\bcategory suggest\b", told, re.MULTILINE), told
    assert (workspace / ".fenzhen/first_key").read_text().strip() not in told
    with open_store(f"sqlite:///{workspace}/.fenzhen/store.db") as store:
        known = store.keys()
    assert sorted(key.name for key in known if key.revoked_at is None) == ["demo", "first key"]


def as_typed(told: str) -> str:
    """Return what the line to try answers."""
    line, = re.findall(r"^Try +(curl .+)$", told, re.MULTILINE)
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout


def browser(address: str) -> bool:
    with urllib.request.urlopen(address, timeout=10) as page:
        return b"<title>MLflow</title>" in page.read()


def until(condition: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
