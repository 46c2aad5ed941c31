"""``fenzhen serve``."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from fenzhen.errors import SettingsError
from fenzhen.store import open_store, sha256_of
from serving.commands import serve


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(serve)
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have replaced this process."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: calls.append(arguments))
    return calls


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_it_becomes_bentoml_serve_with_its_settings_in_the_environment(
    tmp_path: Path, executed: list[tuple[Any, ...]]
) -> None:
    port = free_port()
    assert run("--workspace", str(tmp_path), "--port", str(port), "--workers", "2").exit_code == 0
    program, arguments, environ = executed[0]
    assert program == Path(sys.executable).with_name("bentoml")
    assert arguments[1:3] == ["serve", "serving.service:Service"]
    assert arguments[arguments.index("--host") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--port") + 1] == str(port)
    assert environ["FENZHEN_WORKERS"] == "2"
    assert environ["FENZHEN_EXPORTS_DIR"] == str(tmp_path / ".fenzhen" / "exports")
    assert environ["BENTOML_DO_NOT_TRACK"] == "True"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_another_host_than_loopback_is_refused(tmp_path: Path, executed: list[tuple[Any, ...]], host: str) -> None:
    result = run("--workspace", str(tmp_path), "--host", host)
    assert isinstance(result.exception, SettingsError)
    assert "expected" in str(result.exception)
    assert not executed


def test_another_host_is_allowed_once_a_key_exists(tmp_path: Path, executed: list[tuple[Any, ...]]) -> None:
    with open_store(f"sqlite:///{tmp_path}/.fenzhen/store.db") as store:
        store.create_key(["triage"])
    assert run("--workspace", str(tmp_path), "--host", "0.0.0.0", "--port", str(free_port())).exit_code == 0
    assert executed[0][2]["FENZHEN_HOST"] == "0.0.0.0"


def test_the_first_key_is_told_once_and_kept_where_only_this_user_reads(
    tmp_path: Path, executed: list[tuple[Any, ...]]
) -> None:
    first, second = (run("--workspace", str(tmp_path), "--port", str(free_port())) for _ in range(2))
    path = tmp_path / ".fenzhen" / "first_key"
    text = path.read_text(encoding="utf-8").strip()
    assert text in first.output
    assert "fz_" not in second.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(executed) == 2
    with open_store(f"sqlite:///{tmp_path}/.fenzhen/store.db") as store:
        found = store.key(sha256_of(text))
    assert found is not None
    assert found.scopes == {"triage", "feedback"}


def test_localhost_is_loopback(tmp_path: Path, executed: list[tuple[Any, ...]]) -> None:
    assert run("--workspace", str(tmp_path), "--host", "localhost", "--port", str(free_port())).exit_code == 0
    assert executed[0][2]["FENZHEN_HOST"] == "127.0.0.1"


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path, executed: list[tuple[Any, ...]]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("--workspace", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert "expected a free one" in str(result.exception)
    assert not executed


def test_a_workspace_that_does_not_exist_is_refused(tmp_path: Path, executed: list[tuple[Any, ...]]) -> None:
    assert "expected a folder" in str(run("--workspace", str(tmp_path / "none")).exception)
    assert not executed


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--port", "x"], ["--workers", "0"]])
def test_numbers_out_of_range_are_usage_errors(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_importing_the_command_imports_no_server() -> None:
    code = """import serving.commands, sys
print(*(name for name in ('bentoml', 'fastapi', 'numpy', 'sqlalchemy') if name in sys.modules))"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
