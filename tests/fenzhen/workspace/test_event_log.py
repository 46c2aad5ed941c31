"""Event logs by hand: what was filed, who had it last, and what happened in between."""

import re

import pandas as pd
import pytest

from fenzhen.errors import TableError, WorkspaceError
from fenzhen.known import as_known
from fenzhen.tables import absent_columns
from fenzhen.workspace.validation import validate

LOG = """
time_zone = "UTC"
[tables.tickets]
kind = "event_log"
path = "log.csv"
order = "mod"
at = "updated"
missing = ["?"]
filed = ["customer_id", "category", "symptom"]
[tables.tickets.columns]
ticket_id = "number"
created_at = "opened"
customer_id = "caller"
[tables.tickets.labels]
group = { column = "team" }
assignee_id = { column = "person", take = "last_known" }
priority = { column = "prio", where = "state != 'Closed'", take = "last" }
[tables.tickets.events]
resolved = "state == 'Resolved'"
closed = "state == 'Closed'"
"""
HEAD = "number,mod,opened,updated,caller,category,symptom,team,person,prio,state,priority\n"
ROWS = HEAD + (
    "7,0,2026-01-01,2026-01-01 01:00,c1,网络,慢,一线,?,3,New,1\n"
    "8,0,2026-01-02,2026-01-02 00:00,c2,?,?,一线,p1,3,New,1\n"
    "7,10,2026-01-01,2026-01-04 00:00,c1,硬件,坏,二线,?,2,Closed,1\n"
    "7,9,2026-01-01,2026-01-03 00:00,c1,硬件,坏,二线,p2,1,Resolved,1\n"
    "7,2,2026-01-01,2026-01-02 00:00,c9,硬件,坏,二线,p1,2,Active,1\n"
)


def moment(text):
    return pd.Timestamp(text, tz="UTC")


@pytest.fixture
def log(open_workspace):
    return open_workspace(LOG, log__csv=ROWS)


def test_each_ticket_is_one_row_in_order_of_first_appearance(log):
    tickets = log.table("tickets")
    assert tickets["ticket_id"].tolist() == ["7", "8"]
    assert tickets["created_at"].tolist() == [moment("2026-01-01"), moment("2026-01-02")]


def test_filed_columns_are_those_of_the_first_row_and_no_others_are_taken(log):
    tickets = log.table("tickets")
    first = tickets.loc[0]
    assert (first["customer_id"], first["category"], first["symptom"]) == ("c1", "网络", "慢")
    assert tickets.loc[1, ["category", "symptom"]].isna().all()
    assert {"channel", "subject", "body"} <= absent_columns(tickets)


def test_numeric_order_decides_which_value_is_last_and_missing_ones_do_not_count(log):
    tickets = log.table("tickets")
    assert tickets["assignee_id"].tolist() == ["p2", "p1"]
    assert tickets["group"].tolist() == ["二线", "一线"]
    assert tickets["priority"].tolist() == ["1", "3"]  # the rule's rows, not the source column called priority


def test_a_label_is_known_when_the_ticket_was_resolved(log):
    tickets = log.table("tickets")
    assert tickets["resolved_at"].tolist()[0] == moment("2026-01-03")
    before = as_known({"tickets": tickets}, moment("2026-01-03"))["tickets"]
    after = as_known({"tickets": tickets}, moment("2026-01-03 00:00:01"))["tickets"]
    assert before[["assignee_id", "group", "priority", "resolved_at"]].isna().all(axis=None)
    assert after.loc[0, ["assignee_id", "group", "priority"]].tolist() == ["p2", "二线", "1"]
    assert before["category"].tolist()[0] == "网络"  # filed, though the contract counts it as a label elsewhere


def test_labels_of_a_ticket_that_is_not_done_are_never_known(log):
    known = as_known(log.tables("tickets"), moment("2030-01-01"))["tickets"]
    assert known.loc[1, ["assignee_id", "group", "priority", "resolved_at"]].isna().all()


def test_a_label_that_changes_after_the_resolution_is_known_only_then(open_workspace):
    rows = HEAD + ("7,0,2026-01-01,2026-01-01,c1,网络,慢,一线,p1,3,New,1\n"
                   "7,1,2026-01-01,2026-01-02,c1,网络,慢,一线,p1,3,Resolved,1\n"
                   "7,2,2026-01-01,2026-01-05,c1,网络,慢,一线,p2,3,Closed,1\n")
    tickets = open_workspace(LOG, log__csv=rows).table("tickets")
    assert tickets["resolved_at"].tolist() == [moment("2026-01-02")]
    known = as_known({"tickets": tickets}, moment("2026-01-04"))["tickets"]
    assert known["group"].tolist() == ["一线"]
    assert known["assignee_id"].isna().all()
    assert as_known({"tickets": tickets}, moment("2026-01-06"))["tickets"]["assignee_id"].tolist() == ["p2"]


def test_events_tell_what_happened_when(log):
    events = log.tables("ticket_events")["ticket_events"]
    ours = events[events["ticket_id"] == "7"]
    assert list(zip(ours["event"], ours["at"].dt.strftime("%m-%d %H"), strict=True)) == [
        ("created", "01-01 00"), ("assigned", "01-01 01"), ("updated", "01-01 01"), ("assigned", "01-02 00"),
        ("updated", "01-02 00"), ("assigned", "01-03 00"), ("updated", "01-03 00"), ("resolved", "01-03 00"),
        ("closed", "01-04 00")]
    ours = ours[ours["event"] != "updated"]
    assert ours["group"].tolist()[1:] == ["一线", "二线", "二线", "二线", "二线"]
    assert ours["assignee_id"].tolist()[3:] == ["p2", "p2", "p2"]  # a missing value leaves it as it was
    assert ours["priority"].tolist()[1:] == ["3", "2", "1", "1", "1"]  # what it was at the time


def test_a_reopened_ticket_is_resolved_when_it_was_resolved_last(open_workspace):
    rows = HEAD + "".join(f"7,{mod},2026-01-01,2026-01-0{mod + 1},c1,网络,慢,一线,p1,3,{state},1\n" for mod, state in
                          enumerate(("New", "Resolved", "Active", "Resolved", "Resolved", "Closed")))
    workspace = open_workspace(LOG, log__csv=rows)
    assert workspace.table("tickets")["resolved_at"].tolist() == [moment("2026-01-04")]
    events = workspace.tables("ticket_events")["ticket_events"]
    assert events[events["event"] != "updated"]["event"].tolist() == [
        "created", "assigned", "resolved", "reopened", "resolved", "closed"]


def test_only_what_the_workspace_says_reopens_a_ticket(open_workspace):
    toml = LOG + "reopened = \"state == 'Active'\"\nassigned = \"state == 'Active'\"\n"
    states = enumerate(("New", "Active", "Resolved", "Wait", "Closed"))
    rows = HEAD + "".join(f"7,{mod},2026-01-01,2026-01-0{mod + 1},c1,网络,慢,一线,p{mod},3,{state},1\n"
                          for mod, state in states)
    workspace = open_workspace(toml, log__csv=rows)
    assert workspace.table("tickets")["resolved_at"].tolist() == [moment("2026-01-03")]
    events = workspace.tables("ticket_events")["ticket_events"]
    events = events[events["event"] != "updated"]
    assert events["event"].tolist() == ["created", "assigned", "resolved", "closed"]
    assert events["assignee_id"].tolist()[1:] == ["p1", "p1", "p1"]


def test_new_updates_become_one_row_a_ticket(log):
    rows = pd.DataFrame({"number": ["9", "3", "9"], "mod": ["1", "0", "0"], "opened": ["2026-02-01"] * 3,
                         "symptom": ["晚", "慢", "早"], "state": ["Active", "New", "New"]}, dtype="str")
    tickets = log.map_rows("tickets", rows)
    assert tickets["ticket_id"].tolist() == ["9", "3"]
    assert tickets["symptom"].tolist() == ["早", "慢"]
    assert tickets["priority"].isna().all()


def test_new_rows_without_order_or_outcome_are_taken_as_they_come(log):
    tickets = log.map_rows("tickets", pd.DataFrame({"number": ["9", "9"], "symptom": ["慢", "坏"]}, dtype="str"))
    assert (tickets["ticket_id"].tolist(), tickets["symptom"].tolist()) == (["9"], ["慢"])


def test_an_empty_log_is_an_empty_table(open_workspace):
    workspace = open_workspace(LOG, log__csv=HEAD)
    assert workspace.table("tickets").empty
    assert workspace.tables("ticket_events")["ticket_events"].empty
    assert "the table has no rows" in {problem.problem for problem in validate(workspace)}


def test_a_healthy_log_has_no_problems(log):
    assert validate(log, moment("2027-01-01")) == []


def test_problems_of_updates_are_reported_together(open_workspace):
    rows = HEAD + ("7,0,2026-01-01,2026-01-05,c1,网络,慢,一线,p1,3,New,1\n"
                   "7,1,2026-01-01,2026-01-02,c1,网络,慢,一线,p1,3,Resolved,1\n"
                   "7,1,2026-01-01,bad,c1,网络,慢,一线,p1,3,Closed,1\n"
                   "?,?,2026-01-01,2026-01-02,c1,网络,慢,一线,p1,3,Closed,1\n")
    found = {(each.column, each.severity, each.rows) for each in validate(open_workspace(LOG, log__csv=rows))}
    assert found == {("ticket_id", "error", 1), ("order", "warning", 1), ("at", "error", 1)}


def test_queries_that_find_nothing_are_reported(open_workspace):
    rows = ROWS.replace("Resolved", "已解决").replace("Closed", "已关闭")
    problems = validate(open_workspace(LOG, log__csv=rows))
    assert [problem.column for problem in problems] == ["resolved_at"]


@pytest.mark.parametrize(("old", "new", "column"), [
    ("mod,", "version,", "order"), ("updated,", "changed,", "at"), ("person,", "who,", "assignee_id"),
    ("state,", "status,", "events.resolved"),
])
def test_a_missing_source_column_is_reported_and_refused(open_workspace, old, new, column):
    workspace = open_workspace(LOG, log__csv=ROWS.replace(old, new, 1))
    assert column in {problem.column for problem in validate(workspace)}
    with pytest.raises(TableError, match="tickets"):
        workspace.table("tickets")


def test_a_filed_column_that_no_source_has_is_reported(open_workspace):
    problems = validate(open_workspace(LOG, log__csv=ROWS.replace("symptom", "sign", 1)), moment("2027-01-01"))
    assert [(problem.column, problem.severity) for problem in problems] == [("symptom", "warning")]


@pytest.mark.parametrize(("old", "new", "message"), [
    ('kind = "event_log"', 'kind = "log"', "expected \"event_log\""),
    ('kind = "event_log"\n', "", "expected kind = \"event_log\" beside"),
    ('order = "mod"\n', "", "order = None"),
    ('filed = ["customer_id",', 'filed = ["priority",', "in filed and in labels"),
    ('filed = ["customer_id",', "filed = [", "got 'customer_id', expected it in filed"),
    ("group = {", "resolved_at = {", "follow from the first row"),
    ('take = "last"', 'take = "newest"', "expected one of last_known"),
    ('{ column = "team" }', '"team"', "labels.group = 'team'"),
    ("resolved = ", "done = ", "got 'done', expected some of"),
    ('resolved = "state == \'Resolved\'"\nclosed = "state == \'Closed\'"', "", "expected resolved or closed"),
])
def test_what_a_log_says_is_checked(open_workspace, old, new, message):
    toml = LOG.replace(old, new)
    with pytest.raises(WorkspaceError, match=re.escape(message)):
        open_workspace(toml, log__csv=ROWS)


def test_an_event_log_has_one_source(open_workspace):
    toml = ('[[tables.tickets]]\nkind = "event_log"\norder = "m"\npath = "b.csv"\nevents = { closed = "x" }\n'
            '[[tables.tickets]]\npath = "a.csv"\n')
    with pytest.raises(WorkspaceError, match="got several sources"):
        open_workspace(toml)


def test_event_logs_are_for_tickets(open_workspace):
    with pytest.raises(WorkspaceError, match="only for tickets"):
        open_workspace('[tables.returns]\nkind = "event_log"\npath = "a.csv"\norder = "x"\n')
