"""The whole way on one screen: simulate, train, gate, promote, serve, ask; other commands run as processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fenzhen.errors import FenzhenError, WorkspaceError
from serving.demo.children import STOPPING

if TYPE_CHECKING:
    from rich.console import Console

    from fenzhen.workspace import Workspace
    from serving.demo.asking import Service
    from serving.demo.children import Child
    from serving.demo.screen import Asked

READY_SECONDS = 90
LEAST_WIDTH = 120
SEED = 1


def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder of the made-up company; made if absent.")
                         ] = Path("demo"),
    tickets: Annotated[int, typer.Option("--tickets", min=1, max=200, help="Fresh tickets to ask about.")] = 12,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="TCP port of the service; another if taken.")
                    ] = 3000,
    mlflow_port: Annotated[int, typer.Option("--mlflow-port", min=1, max=65535,
                                             help="TCP port of MLflow; another if taken.")] = 5000,
) -> None:
    """Simulate a company, train and promote its models, serve them, ask; stays up until interrupted.

    The data are made up. With CI=true in the environment it stops by itself after the answers.
    """
    from rich.console import Console

    console = Console(highlight=False)
    console.width = max(console.width, LEAST_WIDTH)
    environ = {**os.environ, "FENZHEN_WORKSPACE": str(directory.resolve()), "PYTHONUNBUFFERED": "1"}
    with stopping_by_signal(), ExitStack() as stack:
        prepare(console, directory, environ)
        running = start(stack, console, directory, environ, port, mlflow_port)
        ask(stack, console, directory, running, tickets)
        if os.environ.get("CI", "").lower() not in ("1", "true", "yes"):
            stay_up(console, [child for child, _ in running])
    console.print("Stopped: the service and MLflow are down.")


@contextmanager
def stopping_by_signal() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the body as Ctrl-C does, and Ctrl-C even where a shell ignores it."""
    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in STOPPING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def prepare(console: "Console", directory: Path, environ: dict[str, str]) -> None:
    """Simulate the company if it is not there, then train; a model that fails leaves the others."""
    from fenzhen.simulate.files import MARK

    description = directory / "workspace.toml"
    if not description.exists():
        console.rule("1 · A made-up company 虚构的售后公司")
        fenzhen(environ, "simulate", str(directory), "--seed", str(SEED), check=True)
    elif MARK not in description.read_text("utf-8", errors="replace"):
        raise WorkspaceError(f"got {directory.absolute()}, expected a new folder or a simulated company: "
                             "the demo asks about its own made-up tickets")
    console.rule("2 · Train, judge, promote 训练、评估、上线")
    train_and_score(console, directory, environ)


def train_and_score(console: "Console", directory: Path, environ: dict[str, str]) -> None:
    """Train every model, those of customers and devices as of some days ago, and score at the days since.

    The first model makes MLflow's database; then customers and devices are learnt and scored beside the other tickets'
    models.
    """
    from fenzhen.settings import read_settings
    from fenzhen.workspace import load_workspace
    from serving.demo.asking import next_day
    from serving.demo.meanwhile import meanwhile
    from serving.demo.past_days import cohort_commands, cohorts

    workspace = load_workspace(directory)
    single, whole = cohorts(workspace)
    beside = cohort_commands(whole, next_day(workspace).date())
    log = read_settings(directory.resolve()).state_dir / "logs" / "customers_and_devices.log"
    if single:
        fenzhen(environ, "retrain", single[0], check=False)
    with meanwhile([[beside_python("fenzhen"), *words] for words in beside], environ, log):
        if single[1:]:
            fenzhen(environ, "retrain", *single[1:], check=False)
    if beside:
        console.rule("Customers and devices, trained and scored meanwhile 客户与设备")
        console.print(log.read_text("utf-8", errors="replace"), markup=False)


def fenzhen(environ: dict[str, str], *words: str, check: bool) -> None:
    """Run another command; ``FenzhenError`` if it must succeed and does not."""
    sys.stdout.flush()
    done = subprocess.run([beside_python("fenzhen"), *words], env=environ, check=False)
    if check and done.returncode:
        raise FenzhenError(f"`fenzhen {' '.join(words)}` ended with exit code {done.returncode}")


def beside_python(name: str) -> str:
    """Return the path of a command of this environment."""
    return str(Path(sys.executable).with_name(name))


def start(stack: ExitStack, console: "Console", directory: Path, environ: dict[str, str], port: int, mlflow_port: int,
          ) -> list[tuple["Child", str]]:
    """Start the service and MLflow; return each with its address. Needs at least one champion."""
    from fenzhen.exports import Exports
    from fenzhen.settings import read_settings
    from serving.demo.children import free_port, mlflow_command, running

    settings = read_settings(directory.resolve())
    if not Exports(settings.exports_dir).champions():
        raise FenzhenError("no model became champion, so there is nothing to serve; see above why")
    console.rule("3 · Serve 在线服务")
    logs = settings.state_dir / "logs"
    port = free_port(port)
    command = [beside_python("fenzhen"), "serve", "--port", str(port)]
    found = [(stack.enter_context(running("service", command, environ, logs)), f"http://127.0.0.1:{port}")]
    if settings.tracking_uri.startswith("sqlite:"):
        mlflow_port = free_port(mlflow_port)
        command = mlflow_command(beside_python("mlflow"), settings, mlflow_port)
        quiet = environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        child = stack.enter_context(running("mlflow", command, quiet, logs))
        found.append((child, f"http://127.0.0.1:{mlflow_port}"))
    return found


def ask(stack: ExitStack, console: "Console", directory: Path, running: list[tuple["Child", str]],
        tickets: int) -> None:
    """Send fresh tickets to the service and print the answers, the addresses and what to try next."""
    from fenzhen.workspace import load_workspace
    from serving.demo.asking import Service, first_key, page_key, ready, served
    from serving.demo.children import wait_until
    from serving.demo.screen import closing_words

    workspace = load_workspace(directory)
    (child, url), *others = running
    wait_until(child, lambda: ready(f"{url}/livez"), READY_SECONDS)
    service = Service(url, first_key(directory))
    wait_until(child, lambda: served(service, directory), READY_SECONDS)
    asked = ask_about_tickets(console, workspace, service, tickets)
    console.rule("5 · What people say 反馈与事件")
    tell(console, directory, service, asked)
    reader = stack.enter_context(page_key(service, directory))
    show_risks(console, workspace, reader)
    for child, address in others:
        wait_until(child, lambda address=address: ready(f"{address}/health"), READY_SECONDS)  # type: ignore[misc]
    console.print(closing_words(workspace, url, [address for _, address in others], directory), soft_wrap=True)


def ask_about_tickets(console: "Console", workspace: "Workspace", service: "Service", tickets: int) -> "Asked":
    """Ask about the next day's tickets with the team at work; print what they are, how urgent, and for whom."""
    from serving.demo.asking import answers, next_tickets, team_of
    from serving.demo.screen import answers_table, hit_line, routes_table

    fresh, team = next_tickets(workspace, SEED, tickets), team_of(workspace, SEED)
    asked = list(zip(fresh, answers(service, [each["ticket"] for each in fresh], team), strict=True))
    console.rule(f"4 · {tickets} fresh tickets 新工单")
    console.print(answers_table(asked))
    if routes := routes_table(asked, {each["id"]: each["name"] for each in team}):
        console.print(routes)
    console.print(hit_line(asked))
    return asked


def show_risks(console: "Console", workspace: "Workspace", reader: "Service") -> None:
    """Print who is likeliest to leave, and the failures that an alert stood before."""
    from zoneinfo import ZoneInfo

    from serving.demo.at_risk import accounts, accounts_table, alerts, caught, caught_line, caught_table, failures

    zone = ZoneInfo(workspace.time_zone)
    if table := accounts_table(accounts(reader), zone):
        console.rule("6 · Who is about to leave 流失预警")
        console.print(table)
    if opened := alerts(reader):
        console.rule("7 · Which devices fail soon 设备预警")
        happened = failures(workspace)
        found = caught(opened, happened)
        if found:
            console.print(caught_table(found, zone))
        console.print(caught_line(found, opened, happened, zone))


def tell(console: "Console", directory: Path, service: "Service", asked: "Asked") -> None:
    """Correct one answer and tell of one ticket; show what the service keeps of it and how far decisions go."""
    from serving.demo.asking import borrowed
    from serving.demo.telling import event_line, feedback_line, happened_to, modes_line, word_on

    if word := word_on(asked):
        console.print(feedback_line(service, word), markup=False)
    with borrowed(service, directory) as desk:
        console.print(event_line(desk, happened_to(asked[0][0]["ticket"])), markup=False)
        console.print(modes_line(desk), markup=False)


def stay_up(console: "Console", children: list["Child"]) -> None:
    """Wait until interrupted; ``FenzhenError`` if one of the servers ends by itself."""
    import time

    console.print("Up until Ctrl-C.")
    try:
        while True:
            for child in children:
                child.require_running()
            time.sleep(0.5)
    except KeyboardInterrupt:
        console.print()
