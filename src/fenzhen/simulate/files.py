"""Writing the simulation as a workspace folder, such as a helpdesk's exports would fill it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from fenzhen.errors import SettingsError, WorkspaceError
from fenzhen.simulate.company import Company, build_company
from fenzhen.simulate.reference import customer_rows, device_rows, taxonomy_rows, user_words
from fenzhen.simulate.rows import Row, ticket_row, trial_rows
from fenzhen.simulate.sheets import write_csv, write_text, write_xlsx
from fenzhen.simulate.tickets import Ticket, draw_tickets

__all__ = ["SimulatedWorkspace", "simulate_workspace"]

WORKSPACE_FILE = "workspace.toml"
MARK = "由 fenzhen simulate 生成"
CHAT_CHANNEL = "微信"
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
    company = build_company(seed, until)
    drawn = draw_tickets(company, tickets, days)
    try:
        files = _write(folder, company, drawn)
    except OSError as error:
        raise WorkspaceError(f"cannot write into {folder.absolute()}: {error.strerror or error}") from error
    return SimulatedWorkspace(folder, files, len(drawn))


def _check_number(name: str, got: int, least: int, most: int) -> None:
    if not least <= got <= most:
        raise SettingsError(f"got {name}={got}, expected a whole number from {least} to {most}")


def _write(folder: Path, company: Company, tickets: Sequence[Ticket]) -> tuple[Path, ...]:
    contents = _template(WORKSPACE_FILE)
    tables = tomllib.loads(contents)["tables"]
    calls, chats = tables["tickets"]
    spoken = [ticket_row(ticket) for ticket in tickets if ticket.scene.channel != CHAT_CHANNEL]
    chatted = [ticket_row(ticket) for ticket in tickets if ticket.scene.channel == CHAT_CHANNEL]
    _claim(folder, (calls, chats, tables["taxonomy"], tables["customers"], tables["devices"]))
    return (
        _csv(folder, calls, [*spoken, *trial_rows(tickets)], "utf-8-sig"),
        write_xlsx(folder / chats["path"], chats["columns"], chatted),
        _csv(folder, tables["taxonomy"], taxonomy_rows(company.bank)),
        _csv(folder, tables["customers"], customer_rows(company)),
        _csv(folder, tables["devices"], device_rows(company)),
        write_text(folder / "rules.toml", _template("rules.toml")),
        write_text(folder / "user_words.txt", user_words(company)),
        write_text(folder / WORKSPACE_FILE, contents),
    )


def _claim(folder: Path, sources: Sequence[Mapping[str, Any]]) -> None:
    """Make ``folder``, and refuse one whose files were not written by a simulation."""
    folder.mkdir(parents=True, exist_ok=True)
    workspace = folder / WORKSPACE_FILE
    if workspace.exists() and MARK in workspace.read_text("utf-8", errors="replace"):
        return
    names = (WORKSPACE_FILE, "rules.toml", "user_words.txt", *(source["path"] for source in sources))
    present = [name for name in names if (folder / name).exists()]
    if present:
        raise WorkspaceError(f"{folder.absolute()} already holds {', '.join(present)}, and no simulated workspace; "
                             "expected an empty or a new folder")


def _csv(folder: Path, source: Mapping[str, Any], rows: Sequence[Row], encoding: str | None = None) -> Path:
    return write_csv(folder / source["path"], source["columns"], rows, encoding or source.get("encoding", "utf-8"))


def _template(name: str) -> str:
    return resources.files("fenzhen.simulate").joinpath("template", name).read_text("utf-8")
