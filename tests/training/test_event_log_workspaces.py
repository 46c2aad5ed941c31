"""The ready workspaces over event logs say what a plain reading of the raw files says."""

from pathlib import Path

import pandas as pd
import pytest

from fenzhen.known import known_at_column
from fenzhen.tables import schema_of
from fenzhen.workspace import load_workspace

WORKSPACES = Path(__file__).parents[2] / "training" / "workspaces"
DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data, which has no licence to copy")


@pytest.fixture(scope="module")
def incidents():
    return load_workspace(WORKSPACES / "incidents").table("tickets").set_index("ticket_id")


@pytest.fixture(scope="module")
def updates():
    raw = pd.read_parquet(DATA / "incidents" / "incident_events.parquet")
    return raw.sort_values(["number", "sys_mod_count"], key=lambda column: column.astype(int), kind="stable")


@pytest.mark.parametrize(("column", "source"), [
    ("group", "assignment_group"), ("assignee_id", "assigned_to"), ("priority", "priority")])
def test_labels_of_incidents_are_the_last_known_values(incidents, updates, column, source):
    expected = updates[updates[source] != "?"].groupby("number")[source].last()
    assert incidents[column].dropna().to_dict() == expected.to_dict()


def test_filed_columns_of_incidents_are_those_of_the_first_update(incidents, updates):
    first = updates.groupby("number").first()
    for column, source in (("category", "category"), ("site", "location"), ("symptom", "u_symptom")):
        assert incidents[column].dropna().to_dict() == first[source][first[source] != "?"].to_dict()


def test_nothing_that_knows_the_answer_is_a_column_of_incidents(incidents):
    filed = {"channel", "customer_id", "site", "category", "subcategory", "symptom", "configuration_item", "opened_by",
             "created_by", "notify"}
    assert {name for name, at in incidents.attrs["known_at"].items() if at == "created_at"} \
        == filed | {"created_at", "ticket_id"}


def test_helpdesk_tickets_belong_to_who_resolved_them_last():
    tickets = load_workspace(WORKSPACES / "helpdesk").table("tickets").set_index("ticket_id")
    raw = pd.read_csv(DATA / "helpdesk" / "helpdesk_events.csv.gz").sort_values("Complete Timestamp", kind="stable")
    resolving = raw[raw["Activity"] == "Resolve ticket"].groupby("Case ID")["Resource"].last()
    assert tickets["assignee_id"].to_dict() == resolving.to_dict()


def test_who_registered_a_helpdesk_ticket_is_known_where_its_first_row_is_the_registration():
    tickets = load_workspace(WORKSPACES / "helpdesk").table("tickets").set_index("ticket_id")
    raw = pd.read_csv(DATA / "helpdesk" / "helpdesk_events.csv.gz").sort_values("Complete Timestamp", kind="stable")
    first = raw.groupby("Case ID").first()
    registered = first["Activity"].isin(["Assign seriousness", "Insert ticket"])
    assert tickets["registered_by"].dropna().to_dict() == first.loc[registered, "Resource"].to_dict()
    assert known_at_column(schema_of("tickets"), tickets, "registered_by") == "created_at"
