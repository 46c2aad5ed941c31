"""The command that this room adds to ``fenzhen``: ``fenzhen serve``."""

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from fenzhen.errors import FenzhenError, SettingsError

PROJECT = Path(__file__).resolve().parents[1]
GRACE_SECONDS = 15


def serve(
    workspace: Annotated[
        Path, typer.Option("--workspace", envvar="FENZHEN_WORKSPACE", help="Folder that holds workspace.toml.",
                           show_default=".")
    ] = Path("."),
    host: Annotated[
        str, typer.Option(envvar="FENZHEN_HOST", help="IP address to listen on; outside loopback only once keys exist.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, envvar="FENZHEN_PORT", help="TCP port to listen on, a number.")
    ] = 3000,
    workers: Annotated[
        int, typer.Option(min=1, max=256, envvar="FENZHEN_WORKERS", help="Worker processes, a number.")
    ] = 1,
) -> None:
    """Serve the champions over HTTP until interrupted; answers 503 until one exists."""
    environ = serving_environment(workspace, host, port, workers)
    _announce_key(environ)
    _refuse_taken(environ["FENZHEN_HOST"], port)
    bentoml = Path(sys.executable).with_name("bentoml")
    if not bentoml.exists():
        raise FenzhenError(f"expected BentoML's command at {bentoml}; install the project's packages first")
    sys.stdout.flush()
    os.execve(bentoml, bentoml_arguments(bentoml, environ["FENZHEN_HOST"], port), environ)


def serving_environment(workspace: Path, host: str, port: int, workers: int) -> dict[str, str]:
    """Return the environment of the server; raises ``SettingsError`` for what the server would refuse."""
    from serving.config import read_config

    environ = {
        **os.environ,
        "BENTOML_DO_NOT_TRACK": "True",
        "FENZHEN_WORKSPACE": str(workspace.resolve()),
        "FENZHEN_HOST": host,
        "FENZHEN_PORT": str(port),
        "FENZHEN_WORKERS": str(workers),
        "OTEL_SDK_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }
    if not workspace.is_dir():
        raise SettingsError(f"got workspace {str(workspace)!r}, expected a folder that holds workspace.toml")
    config = read_config(environ)
    environ["FENZHEN_HOST"] = config.host
    environ["FENZHEN_EXPORTS_DIR"] = str(config.exports_dir)
    environ.setdefault("BENTOML_HOME", str(config.state_dir / "bentoml"))
    return environ


def _announce_key(environ: dict[str, str]) -> None:
    """Make the first key where there is none, and show it this once."""
    from serving.config import read_config
    from serving.first_key import prepare_keys

    if told := prepare_keys(read_config(environ)):
        print(told)


def bentoml_arguments(bentoml: Path, host: str, port: int) -> list[str]:
    """Return the command line of the server; imports come from the project, wherever the command was called."""
    return [
        str(bentoml), "serve", "serving.service:Service", "--working-dir", str(PROJECT),
        "--host", host, "--port", str(port), "--timeout-graceful-shutdown", str(GRACE_SECONDS),
    ]


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(f"got port {port} of {host}, expected a free one: {error.strerror}") from None
