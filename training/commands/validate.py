"""``fenzhen validate``: every problem of every table at once."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fenzhen.errors import FenzhenError
from training.options import Workspace

if TYPE_CHECKING:
    from rich.table import Table

    from fenzhen.workspace import Problem
    from fenzhen.workspace import Workspace as Opened
    from training.missing_tables import Lack


def command(workspace: Workspace = Path(".")) -> None:
    """Check workspace.toml and every table, and say what each model lacks because a table is missing.

    Exits with 1 if there is an error; warnings and missing tables do not count.
    """
    from fenzhen.workspace import inspect_workspace, validate
    from training.missing_tables import missing_tables

    try:
        opened, faults = inspect_workspace(workspace)
        problems = [*_config_problems(faults), *_model_problems(opened), *_rule_problems(opened),
                    *_word_problems(opened), *validate(opened)]
    except FenzhenError as error:
        typer.echo(f"fenzhen: {error}", err=True)
        raise typer.Exit(1) from None
    _print(problems, missing_tables(opened), opened.table_names)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def _config_problems(faults: list[str]) -> "list[Problem]":
    from fenzhen.workspace import Problem

    return [Problem("workspace.toml", "", fault) for fault in faults]


def _model_problems(workspace: "Opened") -> "list[Problem]":
    """Return what is wrong with each [models.NAME]."""
    from fenzhen.workspace import Problem
    from models.specs import spec_of

    problems = []
    for name in workspace.model_names():
        try:
            spec_of(name, workspace.model_settings(name))
        except FenzhenError as error:
            problems.append(Problem("workspace.toml", f"models.{name}", str(error)))
    return problems


def _rule_problems(workspace: "Opened") -> "list[Problem]":
    """Return what is wrong inside the rules; that rules.toml itself cannot be read is found by ``validate``."""
    from fenzhen.workspace import Problem
    from models.policy import Rule

    problems = []
    try:
        rules = workspace.rules()
    except FenzhenError:
        return []
    for rule in rules:
        try:
            Rule.from_dict(rule)
        except FenzhenError as error:
            problems.append(Problem("rules.toml", str(rule.get("field", "")), str(error)))
    return problems


def _word_problems(workspace: "Opened") -> "list[Problem]":
    """Return why user_words.txt cannot be read, if it cannot."""
    from features.text.user_words import read_user_words
    from fenzhen.workspace import Problem

    path = workspace.user_words()
    try:
        read_user_words(path or ())
    except FenzhenError as error:
        return [Problem("user_words.txt", "", str(error))]
    return []


def _print(problems: "list[Problem]", lacking: "list[Lack]", tables: tuple[str, ...]) -> None:
    from rich.console import Console

    console = Console()
    if problems:
        console.print(_problem_table(problems))
    for lack in lacking:
        console.print(f"no table {lack.table}: {lack}", markup=False, highlight=False)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    console.print(f"{len(tables)} table(s) checked ({', '.join(tables) or 'none'}): {errors} error(s), "
                  f"{warnings} warning(s)", markup=False, highlight=False)


def _problem_table(problems: "list[Problem]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=False)
    for heading in ("severity", "table", "column", "problem", "rows", "examples"):
        table.add_column(heading, justify="right" if heading == "rows" else "left", overflow="fold")
    for problem in problems:
        style = "red" if problem.severity == "error" else "yellow"
        cells = (problem.table, problem.column, problem.problem, f"{problem.rows:,}" if problem.rows else "",
                 " | ".join(problem.examples))
        table.add_row(Text(problem.severity, style=style), *(Text(cell) for cell in cells))
    return table
