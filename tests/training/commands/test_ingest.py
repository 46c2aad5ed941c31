"""``fenzhen ingest``: tables become events, each fact once, whenever it is stopped and started again."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from fenzhen.errors import TableError
from fenzhen.settings import read_settings
from fenzhen.store import Store, TicketEvent, open_store
from training.commands import ingest

TOML = """
time_zone = "Asia/Shanghai"
[tables.tickets]
path = "tickets.csv"
[tables.ticket_events]
path = "events.csv"
"""
TICKETS = """ticket_id,created_at,first_response_at,resolved_at,subject,resolution,category,group,assignee_id,csat
T-1,2026-01-05 09:00,2026-01-05 09:30,2026-01-06 10:00,打印机卡纸,换纸,硬件,一组,a1,5
T-2,2026-01-05 11:00,,,不能上网,,,,,
"""
EVENTS = """ticket_id,at,event,group,assignee_id
T-1,2026-01-05 09:00,created,,
T-1,2026-01-05 09:10,assigned,一组,a1
T-1,2026-01-06 10:00,resolved,一组,a1
T-2,,assigned,一组,a1
T-2,2026-01-05 11:05,exploded,,
"""

LOG_TOML = """
time_zone = "Asia/Shanghai"
[tables.tickets]
kind = "event_log"
path = "log.csv"
order = "mod"
at = "updated"
filed = ["customer_id", "category", "symptom"]
[tables.tickets.columns]
ticket_id = "number"
created_at = "opened"
customer_id = "caller"
[tables.tickets.labels]
assignee_id = { column = "person", take = "last_known" }
[tables.tickets.events]
resolved = "state == 'Resolved'"
[models.assignee]
context = ["symptom"]
"""
LOG = """number,mod,updated,opened,caller,category,symptom,state,person
T-1,0,2026-01-05 09:30,2026-01-05 09:00,c1,网络,慢,New,p1
T-1,1,2026-01-05 10:30,2026-01-05 09:00,c1,网络,慢,Resolved,p1
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with two tickets and five rows of events."""
    (tmp_path / "workspace.toml").write_text(TOML)
    (tmp_path / "tickets.csv").write_text(TICKETS)
    (tmp_path / "events.csv").write_text(EVENTS)
    return tmp_path


def _ingest(workspace: Path, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(ingest.command)
    return CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)])


def _store(workspace: Path) -> Store:
    return open_store(read_settings(workspace, {}).store_url)


def _rows(workspace: Path) -> int:
    with _store(workspace) as store, store.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM ticket_events")).scalar() or 0)


def test_tables_become_events_and_the_same_fact_of_both_is_one(workspace: Path) -> None:
    result = _ingest(workspace)
    assert result.exit_code == 0, result.exception
    assert "tickets: 5 inserted, 0 already there" in result.output
    assert "ticket_events: 1 inserted, 2 already there (tickets tell the same), 2 rows left out" in result.output
    with _store(workspace) as store:
        found = store.events_of("T-1")
    assert [event.event for event in found] == ["created", "assigned", "responded", "resolved", "csat"]
    assert found[0].at == datetime(2026, 1, 5, 1, tzinfo=UTC)
    assert found[3].values == {"category": "硬件", "group": "一组", "assignee_id": "a1"}
    assert found[4].values == {"csat": 5.0}


def test_an_event_log_tells_what_was_filed_and_every_step_after_it(workspace: Path) -> None:
    (workspace / "workspace.toml").write_text(LOG_TOML)
    (workspace / "log.csv").write_text(LOG)
    assert "ticket_events: 1 inserted, 2 already there" in _ingest(workspace).output
    with _store(workspace) as store:
        found = store.events_of("T-1")
    assert [event.event for event in found] == ["created", "assigned", "resolved"]
    assert found[0].values == {"customer_id": "c1", "category": "网络", "symptom": "慢"}
    assert found[1].values == {"assignee_id": "p1"}
    assert found[2].values == {"assignee_id": "p1"}


def test_a_second_time_everything_is_there_already(workspace: Path) -> None:
    _ingest(workspace)
    result = _ingest(workspace, "--batch", "1")
    assert "tickets: 0 inserted, 5 already there" in result.output
    assert "ticket_events: 0 inserted, 3 already there, 2 rows" in result.output
    assert _rows(workspace) == 6


def test_what_was_told_over_http_is_there_already(workspace: Path) -> None:
    told = TicketEvent("T-1", "resolved", datetime(2026, 1, 6, 2, tzinfo=UTC), {"category": "耗材"}, "e-1", key_id="k")
    with _store(workspace) as store:
        store.write_events([told])
    assert "tickets: 4 inserted, 1 already there" in _ingest(workspace).output
    with _store(workspace) as store:
        assert told in store.events_of("T-1")


def test_no_text_of_a_ticket_gets_into_the_store(workspace: Path) -> None:
    _ingest(workspace)
    kept = b"".join(path.read_bytes() for path in (workspace / ".fenzhen").glob("store.db*"))
    assert "硬件".encode() in kept
    assert "卡纸".encode() not in kept
    assert "换纸".encode() not in kept


def test_tickets_without_ids_are_refused(workspace: Path) -> None:
    (workspace / "tickets.csv").write_text("subject,created_at\n打印机卡纸,2026-01-05 09:00\n")
    result = _ingest(workspace)
    assert isinstance(result.exception, TableError)
    assert "no ticket_id" in str(result.exception)


def test_a_workspace_without_tickets_is_refused(workspace: Path) -> None:
    (workspace / "workspace.toml").write_text("[tables.assignees]\npath = 'a.csv'\n")
    result = _ingest(workspace)
    assert "neither tickets nor ticket_events" in str(result.exception)


def test_killed_at_any_moment_it_goes_on_where_it_was(workspace: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    lines = [f"T-{n},{start + timedelta(minutes=n):%Y-%m-%d %H:%M},卡纸" for n in range(4000)]
    (workspace / "tickets.csv").write_text("ticket_id,created_at,subject\n" + "\n".join(lines))
    (workspace / "events.csv").write_text("ticket_id,at,event\n")
    code = "import typer; from training.commands import ingest; typer.run(ingest.command)"
    for _ in range(2):
        before = _rows(workspace)
        process: Any = subprocess.Popen([sys.executable, "-c", code, "--batch", "20", "--workspace", str(workspace)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while _rows(workspace) == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        assert _rows(workspace) % 20 == 0
    assert 0 < (there := _rows(workspace)) <= 4000
    assert f"tickets: {4000 - there} inserted, {there} already there" in _ingest(workspace).output
    assert _rows(workspace) == 4000
