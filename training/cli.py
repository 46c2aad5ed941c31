"""The ``fenzhen`` command: every subcommand by name, refusals without tracebacks.

Exit codes: 0 success, 1 a refusal with its reason, 2 a usage error.
"""

import functools
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from fenzhen.errors import FenzhenError
from training.project_run import prefer_own_state

COMMANDS = ("init", "simulate", "validate", "doctor", "train", "retrain", "predict", "score", "backtest", "evaluate",
            "drift", "promote", "rollback", "ledger", "export", "harvest", "ingest", "run-daily", "keys", "purge",
            "simulate-routing")

app = typer.Typer(
    help="分诊 Fenzhen: train, judge, promote and serve models for after-sales and IT helpdesks.",
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
)


@functools.cache
def _register() -> None:
    for name in COMMANDS:
        module = command_module(name)
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(module.command)
    for entry in importlib.metadata.entry_points(group="fenzhen.commands"):
        command: Callable[..., Any] = entry.load()
        app.command(entry.name)(command)


def command_module(name: str) -> Any:
    """Return the module of a command."""
    return importlib.import_module(f"training.commands.{name.replace('-', '_')}")


def main() -> None:
    """Run the command line; a :class:`FenzhenError` is printed and exits with 1."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    prefer_own_state(os.environ, Path(__file__).resolve().parents[1])
    _register()
    try:
        app()
    except FenzhenError as error:
        sys.stderr.write(f"fenzhen: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("fenzhen: interrupted\n")
        sys.exit(130)
