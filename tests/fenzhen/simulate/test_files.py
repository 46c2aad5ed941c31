from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fenzhen.errors import SettingsError, WorkspaceError
from fenzhen.simulate import simulate_workspace
from fenzhen.workspace import load_workspace, validate

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_workspace(tmp_path_factory.mktemp("simulated"), 400, 200, UNTIL, 1).folder


def test_the_workspace_loads_without_a_problem(folder: Path):
    workspace = load_workspace(folder)
    assert validate(workspace) == []
    assert set(workspace.table_names) == {
        "tickets", "ticket_events", "assignees", "taxonomy", "customers", "devices", "interactions", "returns",
        "telemetry", "device_events"}
    assert workspace.model_settings("ticket_category")["second_level"] == "subcategory"
    assert "虚构" in (folder / "workspace.toml").read_text("utf-8")


def test_tickets_of_both_systems_arrive_whole_and_trial_tickets_stay_out(folder: Path):
    tickets = load_workspace(folder).table("tickets")
    assert len(tickets) == 400
    assert tickets["ticket_id"].is_unique
    assert set(tickets["channel"]) == {"电话", "微信", "网页", "App", "邮件"}
    assert tickets["created_at"].max() < pd.Timestamp("2026-11-21T16:00Z")


def test_open_tickets_have_no_labels(folder: Path):
    tickets = load_workspace(folder).table("tickets")
    waiting = tickets["resolved_at"].isna()
    assert 0 < waiting.sum() < 40
    assert tickets.loc[waiting, ["category", "sentiment", "request_type", "csat"]].isna().all(axis=None)
    assert tickets.loc[~waiting, ["category", "sentiment", "request_type", "priority"]].notna().all(axis=None)


def test_every_label_is_in_the_taxonomy_and_one_category_is_retired(folder: Path):
    workspace = load_workspace(folder)
    tickets, taxonomy = workspace.table("tickets"), workspace.table("taxonomy")
    for field in ("category", "subcategory", "sentiment", "request_type", "priority", "group"):
        assert set(tickets[field].dropna()) <= set(taxonomy.loc[taxonomy["field"] == field, "value"])
    assert taxonomy.loc[~taxonomy["active"], "value"].tolist() == ["其他"]


def test_customers_and_devices_of_tickets_exist(folder: Path):
    workspace = load_workspace(folder)
    tickets = workspace.table("tickets")
    assert set(tickets["customer_id"].dropna()) <= set(workspace.table("customers")["customer_id"])
    assert set(tickets["device_id"].dropna()) <= set(workspace.table("devices")["device_id"])


def test_facts_of_every_kind_arrive_with_their_values(folder: Path):
    workspace = load_workspace(folder)
    interactions, events = workspace.table("interactions"), workspace.table("device_events")
    assert set(interactions["kind"]) == {"order", "call", "visit", "return"}
    assert (interactions.loc[interactions["kind"] == "order", "value"] > 0).all()
    assert set(events["kind"]) == {"log", "error", "maintenance", "failure"}
    assert events.loc[events["kind"] == "failure", "component"].notna().all()
    assert events.loc[events["kind"] == "log", "message"].notna().all()
    assert {"temperature", "vibration", "current", "pressure"} <= set(workspace.table("telemetry").columns)
    assert workspace.table("returns")["amount"].notna().all()


def test_the_log_and_the_export_agree_about_people(folder: Path):
    workspace = load_workspace(folder)
    events, tickets = workspace.table("ticket_events"), workspace.table("tickets").set_index("ticket_id")
    solved = events[events["event"] == "resolved"].drop_duplicates("ticket_id", keep="last").set_index("ticket_id")
    done = tickets[tickets["resolved_at"].notna()]
    assert (solved.loc[done.index, "assignee_id"] == done["assignee_id"]).all()
    assert (solved.loc[done.index, "at"] == done["resolved_at"]).all()
    assert set(tickets["assignee_id"]) <= set(workspace.table("assignees")["assignee_id"])


def test_the_renewal_date_does_not_tell_who_left(folder: Path):
    customers = load_workspace(folder).table("customers")
    until = pd.Timestamp(UNTIL, tz="Asia/Shanghai")
    assert customers["renewal_at"].between(until, until + pd.Timedelta(days=366)).all()
    assert 0 < customers["churned_at"].notna().sum() < 0.3 * len(customers)


def test_rules_name_active_values(folder: Path):
    workspace = load_workspace(folder)
    taxonomy = workspace.table("taxonomy")
    active = set(zip(taxonomy["field"], taxonomy["value"], strict=True))
    assert {(rule["field"], rule["value"]) for rule in workspace.rules()} <= active
    assert {rule["mode"] for rule in workspace.rules()} == {"override", "add", "raise"}


def test_user_words_are_in_the_segmenters_format(folder: Path):
    lines = (folder / "user_words.txt").read_text("utf-8").splitlines()
    assert "墨鹿P20 1000 nz" in lines


def test_the_same_arguments_give_the_same_bytes(folder: Path, tmp_path: Path):
    again = simulate_workspace(tmp_path, 400, 200, UNTIL, 1)
    assert [file.read_bytes() for file in again.files] == [(folder / file.name).read_bytes() for file in again.files]


def test_a_simulated_workspace_is_overwritten(tmp_path: Path):
    simulate_workspace(tmp_path, 10, 5, UNTIL, 1)
    simulate_workspace(tmp_path, 20, 5, UNTIL, 2)
    assert len(load_workspace(tmp_path).table("tickets")) == 20


def test_files_of_another_origin_are_never_overwritten(tmp_path: Path):
    (tmp_path / "workspace.toml").write_text("time_zone = 'UTC'\n")
    with pytest.raises(WorkspaceError, match=r"already holds workspace\.toml"):
        simulate_workspace(tmp_path, 10, 5, UNTIL, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["workspace.toml"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot write into"):
        simulate_workspace(tmp_path / "file" / "demo", 10, 5, UNTIL, 1)


@pytest.mark.parametrize(("tickets", "days", "seed"), [(0, 5, 1), (10, 0, 1), (10, 5000, 1), (10, 5, -1)])
def test_impossible_numbers_are_refused(tickets: int, days: int, seed: int, tmp_path: Path):
    with pytest.raises(SettingsError, match="expected a whole number from"):
        simulate_workspace(tmp_path, tickets, days, UNTIL, seed)
