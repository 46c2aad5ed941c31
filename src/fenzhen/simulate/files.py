"""Writing the simulation as a workspace folder, such as the exports of several systems would fill it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

from fenzhen.errors import SettingsError, WorkspaceError
from fenzhen.simulate.company import build_company
from fenzhen.simulate.exports import Sheet, sheets_of
from fenzhen.simulate.history import History, draw_history
from fenzhen.simulate.reference import user_words
from fenzhen.simulate.sheets import write_text

__all__ = ["MARK", "SimulatedWorkspace", "simulate_workspace"]

WORKSPACE_FILE = "workspace.toml"
MARK = "由 fenzhen simulate 生成"
MOST_DAYS = 1500
MOST_TICKETS = 999_999


@dataclass(frozen=True)
class SimulatedWorkspace:
    """What was written: the folder, its files in order of writing, and the number of tickets."""

    folder: Path
    files: tuple[Path, ...]
    tickets: int


def simulate_workspace(folder: Path, tickets: int, days: int, until: date, seed: int) -> SimulatedWorkspace:
    """Write a made-up company's last ``days`` before ``until`` into ``folder``; the same arguments, the same bytes.

    ``workspace.toml`` comes last, so that a new folder whose writing was interrupted is no workspace. A simulated
    workspace is overwritten. Raises ``SettingsError`` for impossible numbers, ``WorkspaceError`` if the folder
    holds files of another origin or cannot be written.
    """
    _check_number("tickets", tickets, 1, MOST_TICKETS)
    _check_number("days", days, 1, MOST_DAYS)
    _check_number("seed", seed, 0, 2**63 - 1)
    history = draw_history(build_company(seed, until), tickets, days)
    try:
        files = _write(folder, history)
    except OSError as error:
        raise WorkspaceError(f"cannot write into {folder.absolute()}: {error.strerror or error}") from error
    return SimulatedWorkspace(folder, files, tickets)


def _check_number(name: str, got: int, least: int, most: int) -> None:
    if not least <= got <= most:
        raise SettingsError(f"got {name}={got}, expected a whole number from {least} to {most}")


def _write(folder: Path, history: History) -> tuple[Path, ...]:
    contents = _template(WORKSPACE_FILE)
    sheets = sheets_of(history, contents)
    _claim(folder, sheets)
    return (
        *(sheet.write(folder) for sheet in sheets),
        write_text(folder / "rules.toml", _template("rules.toml")),
        write_text(folder / "user_words.txt", user_words(history.company)),
        write_text(folder / WORKSPACE_FILE, contents),
    )


def _claim(folder: Path, sheets: Sequence[Sheet]) -> None:
    """Make ``folder``, and refuse one whose files were not written by a simulation."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace = folder / WORKSPACE_FILE
    if workspace.exists() and MARK in workspace.read_text("utf-8", errors="replace"):
        return
    names = (WORKSPACE_FILE, "rules.toml", "user_words.txt", *(sheet.path for sheet in sheets))
    present = [name for name in names if (folder / name).exists()]
    if present:
        raise WorkspaceError(f"{folder.absolute()} already holds {', '.join(present)}, and no simulated workspace; "
                             "expected an empty or a new folder")


def _template(name: str) -> str:
    return resources.files("fenzhen.simulate").joinpath("template", name).read_text("utf-8")
