"""Every problem of every table at once, before anything is trained."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from fenzhen.errors import FenzhenError, TableError
from fenzhen.known import known_at_column
from fenzhen.tables import ALWAYS, absent_columns, schema_of
from fenzhen.workspace.config import TableConfig
from fenzhen.workspace.contract import contract_problems
from fenzhen.workspace.folder import Workspace
from fenzhen.workspace.log_problems import log_problems
from fenzhen.workspace.mapping import MappedSource, Unreadable
from fenzhen.workspace.masking import masked
from fenzhen.workspace.problem import Problem, Severity
from fenzhen.workspace.references import foreign_key_problems, taxonomy_problems

__all__ = ["validate"]

_EXPECTED = {
    "time": "cannot be read as a time; say how they are written with time_format, or list them under missing",
    "number": "cannot be read as a number; list them under missing",
    "flag": "cannot be read as yes or no; list them under missing",
}


def validate(workspace: Workspace, now: pd.Timestamp | None = None) -> list[Problem]:
    """Return every problem of every table that workspace.toml names, errors first within a table.

    Errors are what makes a table useless or its ids ambiguous: a source or column that is missing, unreadable times,
    a column of which nothing can be read, ids missing or repeated, no tickets. The rest are warnings. Times after
    ``now`` (the present, by default) count as lying in the future.
    """
    now = pd.Timestamp.now("UTC") if now is None else now
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = list(_rules_problems(workspace))
    if not workspace.table_names:
        problems.append(Problem("workspace.toml", "tables", "there is no table; add [tables.tickets]"))
    for name in workspace.table_names:
        found, frame = _table_problems(workspace, name, now)
        problems += found
        if frame is not None:
            frames[name] = frame
    for name, frame in frames.items():
        problems += _references(workspace, name, frame, frames)
    order = {name: position for position, name in enumerate(workspace.table_names)}
    return sorted(problems, key=lambda problem: (order.get(problem.table, -1), problem.severity))


def _rules_problems(workspace: Workspace) -> Iterator[Problem]:
    try:
        workspace.rules()
    except FenzhenError as error:
        yield Problem("rules.toml", "", str(error))


def _table_problems(workspace: Workspace, name: str,
                    now: pd.Timestamp) -> tuple[list[Problem], pd.DataFrame | None]:
    config = workspace.config.tables[name]
    try:
        mapped = workspace.mapped_sources(name)
        frame = workspace.combined(name, mapped)
    except TableError as error:
        return [Problem(name, "", str(error))], None
    problems = [problem for source in mapped for problem in _source_problems(config, source)]
    problems += _context_problems(workspace, name, frame)
    if config.event_log is not None:
        problems += log_problems(name, config.event_log, frame)
    return [*problems, *contract_problems(name, config.schema, frame, now)], frame


def _source_problems(config: TableConfig, source: MappedSource) -> Iterator[Problem]:
    name = config.name
    yield from (replace(problem, table=name) for problem in source.problems)
    for column, fault in source.faults.items():
        yield Problem(name, column, fault)
    for sentence in source.lacking(config.schema.needed, config.needed_any):
        column, separator, problem = sentence.partition(": ")
        yield Problem(name, column, problem) if separator else Problem(name, "", sentence)
    for unreadable in source.unreadable:
        yield _unreadable_problem(name, unreadable)


def _unreadable_problem(name: str, unreadable: Unreadable) -> Problem:
    kind = unreadable.column.kind
    severity: Severity = "error" if kind == "time" or unreadable.every else "warning"
    examples = tuple(masked(value, unreadable.column.name) for value in unreadable.raw.drop_duplicates().iloc[:3])
    return Problem(name, unreadable.column.name, _EXPECTED.get(kind, "cannot be read"), len(unreadable.raw), examples,
                   severity)


def _context_problems(workspace: Workspace, name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield the ticket columns beyond the contract that a model names, as context or label, and no source has."""
    if name != "tickets":
        return
    naming = workspace.config.columns_named("named_in")
    for extra, known_at in workspace.config.ticket_extras().items():
        if extra not in (*frame.columns, *workspace.config.logged_extras, *naming):
            what = "context" if known_at == "created_at" else "its label"
            yield Problem(name, extra, f"a model names it as {what}, and no source has it", severity="warning")
    yield from _naming_problems(naming, name, frame)


def _naming_problems(naming: Iterable[str], name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield the columns said to name candidates that no ticket has when it is filed: models do without them."""
    told = "a model names it under named_in"
    for column in naming:
        if column not in frame.columns or column in absent_columns(frame):
            yield Problem(name, column, f"{told}, and no source has it", severity="warning")
        elif (since := known_at_column(schema_of(name), frame, column)) not in (ALWAYS, "created_at"):
            yield Problem(name, column, f"{told}, but it is known at {since} only, not when a ticket is filed: it is "
                          "left out", severity="warning")


def _references(workspace: Workspace, name: str, frame: pd.DataFrame,
                frames: dict[str, pd.DataFrame]) -> list[Problem]:
    config = workspace.config.tables[name]
    problems = [] if config.is_additional else foreign_key_problems(name, config.schema, frame, frames)
    if config.schema.name == "tickets" and "taxonomy" in frames:
        problems += taxonomy_problems(name, frame, frames["taxonomy"])
    return problems
