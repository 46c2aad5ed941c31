"""What models lack because the workspace has no such table is said once, for validate and doctor."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fenzhen.workspace import load_workspace
from models.specs import FAMILIES, spec_of
from training.commands import validate
from training.doctor.checkup import checkup
from training.missing_tables import missing_tables

NOBODY = "http://127.0.0.1:9"
TICKETS = '[tables.tickets]\npath = "tickets.csv"\n'
NAMES = {"text_label": "ticket_category", "priority": "ticket_priority", "routing": "assignee", "churn": "churn",
         "device_failure": "device_failure"}


def write(folder: Path, toml: str) -> Path:
    (folder / "workspace.toml").write_text(toml, encoding="utf-8")
    (folder / "tickets.csv").write_text("ticket_id,at,subject,who\n1,2026-01-01,打印机卡纸,a1\n", encoding="utf-8")
    return folder


def lacking(folder: Path, toml: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in missing_tables(load_workspace(write(folder, toml))):
        found.setdefault(each.table, []).append(str(each))
    return found


def test_models_that_lack_the_same_stand_together(tmp_path: Path) -> None:
    found = lacking(tmp_path, TICKETS + "[models.ticket_category]\n[models.ticket_mood]\n[models.assignee]\n")
    assert list(found) == ["ticket_events", "assignees", "taxonomy"]
    assert found["taxonomy"] == ["ticket_category, ticket_mood: values have no external id, none counts as renamed or "
                                 "inactive"]


@pytest.mark.parametrize(("label", "table"), [("contract", "customers"), ("silence", "interactions")])
def test_a_table_that_holds_the_label_cannot_be_done_without(tmp_path: Path, label: str, table: str) -> None:
    found = lacking(tmp_path, TICKETS + f'[models.churn]\nlabel = "{label}"\n')
    assert found[table] == [f"churn: cannot be trained: the label {label!r} is read from it"]
    assert sum("cannot be trained" in str(each) for each in found.values()) == 1
    assert "tickets" not in found


def test_customers_matter_to_routing_where_they_have_fixed_owners(tmp_path: Path) -> None:
    assert "customers" not in lacking(tmp_path, TICKETS + "[models.assignee]\n")
    owned = lacking(tmp_path, TICKETS + '[models.assignee]\nfixed_owner = "manager"\n')
    assert owned["customers"] == ["assignee: no customer has a fixed owner"]


def test_events_that_follow_from_a_log_are_there(tmp_path: Path) -> None:
    log = TICKETS + """
kind = "event_log"
order = "ticket_id"
at = "at"
[tables.tickets.columns]
created_at = "at"
[tables.tickets.labels]
assignee_id = { column = "who", take = "last_known" }
[tables.tickets.events]
resolved = "who == 'a1'"
[models.assignee]
"""
    assert list(lacking(tmp_path, log)) == ["assignees"]


def test_wrong_settings_are_left_to_those_who_tell_of_them(tmp_path: Path) -> None:
    assert lacking(tmp_path, TICKETS + '[models.churn]\ncolour = "red"\n') == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_tells_of_tables_that_it_reads(family: str) -> None:
    spec = spec_of(NAMES[family], {})
    assert set(spec.without) <= set(spec.tables)
    assert any(each.startswith("cannot be trained") for each in spec.without.values())


def test_validate_and_doctor_say_the_same(tmp_path: Path) -> None:
    folder = write(tmp_path, TICKETS.replace("path", 'columns = { created_at = "at" }\npath')
                   + '[models.churn]\nlabel = "contract"\n')
    said = "churn: cannot be trained: the label 'contract' is read from it"
    app = typer.Typer()
    app.command()(validate.command)
    result = CliRunner().invoke(app, ["--workspace", str(folder)], env={"COLUMNS": "200"})
    assert f"no table customers: {said}" in result.output
    assert result.exit_code == 0
    assert said in {each.found for each in checkup(folder, NOBODY) if each.state == "absent"}
