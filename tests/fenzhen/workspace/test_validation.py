import pandas as pd
import pytest

from fenzhen.workspace import load_workspace
from fenzhen.workspace.validation import validate

NOW = pd.Timestamp("2026-06-01", tz="UTC")
TICKETS = '[tables.tickets]\npath = "a.csv"\n'


def _found(workspace):
    return {(p.table, p.column, p.problem.split(";")[0], p.rows, p.severity) for p in validate(workspace, NOW)}


def _only(workspace):
    problems = validate(workspace, NOW)
    assert len(problems) == 1, problems
    return problems[0]


def test_a_clean_workspace_has_no_problems(open_workspace):
    assert validate(open_workspace(TICKETS, a__csv="ticket_id,body,created_at\n1,卡纸,2026-01-01\n"), NOW) == []


def test_every_problem_of_every_table_is_found_at_once(open_workspace):
    toml = TICKETS + """
    [tables.taxonomy]
    path = "b.csv"
    [tables.customers]
    path = "c.csv"
    [tables.returns]
    path = "none.csv"
    [tables.interactions]
    path = "d.csv"
    columns = { customer_id = "客户" }
    """
    workspace = open_workspace(
        toml,
        a__csv="ticket_id,body,created_at,resolved_at,category,customer_id,cost\n"
               "1,a,2026-01-02,2026-01-01,硬件,c1,-1\n1,b,2026-01-02,2027-01-01,耗材,c2,免费\n"
               "2,,昨天,,旧硬件,c1,1\n,d,2026-01-02,2026-01-03,软件,,\n",
        b__csv="field,value,renamed_from\ncategory,硬件,旧硬件\n", c__csv="customer_id,since\nc1,2026-01-01\n",
        d__csv="at,kind\n2026-01-01,order\n")
    assert _found(workspace) == {
        ("tickets", "ticket_id", "the id is there more than once", 2, "error"),
        ("tickets", "ticket_id", "the id is missing", 1, "error"),
        ("tickets", "created_at", "cannot be read as a time", 1, "error"),
        ("tickets", "created_at", "the time is missing: such a row counts as never known", 1, "warning"),
        ("tickets", "resolved_at", "the time lies before created_at", 1, "warning"),
        ("tickets", "resolved_at", "the time lies in the future", 1, "warning"),
        ("tickets", "cost", "the number is negative", 1, "warning"),
        ("tickets", "cost", "cannot be read as a number", 1, "warning"),
        ("tickets", "body", "subject and body are both empty", 1, "warning"),
        ("tickets", "category", "the value is not in the taxonomy", 2, "warning"),
        ("tickets", "customer_id", "the id is not in the table customers", 1, "warning"),
        ("returns", "", f"the file {workspace.folder / 'none.csv'} does not exist", 0, "error"),
        ("interactions", "customer_id", "the source column '客户' is missing", 0, "error"),
    }


def test_errors_come_before_warnings_within_a_table(open_workspace):
    workspace = open_workspace(TICKETS, a__csv="ticket_id,body\n1,\n1,x\n")
    assert [problem.severity for problem in validate(workspace, NOW)] == ["error", "warning"]


def test_examples_are_at_most_three_and_masked(open_workspace):
    rows = "".join(f"1380013800{n},x,王小明 1380013800{n}\n" for n in range(5))
    problem = next(p for p in validate(open_workspace(TICKETS, a__csv=f"ticket_id,body,cost\n{rows}"), NOW))
    assert len(problem.examples) == 3
    assert not any("138001" in example for example in problem.examples)


def test_a_column_of_which_nothing_can_be_read_is_an_error(open_workspace):
    problem = _only(open_workspace(TICKETS, a__csv="body,cost\nx,免费\ny,面议\n"))
    assert (problem.column, problem.severity, problem.rows) == ("cost", "error", 2)
    assert problem.examples == ("免费", "面议")


def test_a_missing_filing_time_among_others_is_a_warning(open_workspace):
    problem = _only(open_workspace(TICKETS, a__csv="body,created_at\nx,2026-01-01\ny,\n"))
    assert (problem.column, problem.severity, problem.rows) == ("created_at", "warning", 1)


def test_renewal_may_lie_in_the_future(open_workspace):
    toml = '[tables.customers]\npath = "a.csv"'
    assert validate(open_workspace(toml, a__csv="customer_id,renewal_at\nc,2030-01-01\n"), NOW) == []


def test_repeated_texts_are_no_problem(open_workspace):
    assert validate(open_workspace(TICKETS, a__csv="body\nx\nx\n"), NOW) == []


def test_repeated_pairs_of_a_key_are_found(open_workspace):
    toml = '[tables.taxonomy]\npath = "a.csv"'
    problem = _only(open_workspace(toml, a__csv="field,value\na,x\nb,x\na,x\n"))
    assert (problem.column, problem.rows, problem.severity) == ("field", 2, "error")


def test_repeated_ids_of_rows_to_predict_are_a_warning(open_workspace):
    toml = TICKETS + '[tables.raw]\nlike = "tickets"\npath = "b.csv"'
    problem = _only(open_workspace(toml, a__csv="body\nx\n", b__csv="ticket_id,body\n1,x\n1,y\n"))
    assert (problem.table, problem.severity) == ("raw", "warning")


def test_events_must_be_known(open_workspace):
    toml = '[tables.ticket_events]\npath = "a.csv"'
    problem = _only(open_workspace(toml, a__csv="ticket_id,at,event\n1,2026-01-01,opened\n"))
    assert problem.problem.startswith("unknown value; known are created, assigned")
    assert problem.examples == ("opened",)


def test_tables_without_rows_are_named(open_workspace):
    toml = TICKETS + '[tables.articles]\npath = "b.csv"'
    found = _found(open_workspace(toml, a__csv="body\n", b__csv="article_id,title,body\n"))
    assert found == {("tickets", "", "the table has no rows", 0, "error"),
                     ("articles", "", "the table has no rows", 0, "warning")}


def test_a_workspace_without_tables_is_an_error(open_workspace):
    assert _only(open_workspace("")).problem == "there is no table; add [tables.tickets]"


def test_context_that_no_source_has_is_a_warning(open_workspace):
    toml = TICKETS + '[models.assignee]\ncontext = ["地点"]\n'
    problem = _only(open_workspace(toml, a__csv="body\nx\n"))
    assert (problem.column, problem.severity) == ("地点", "warning")


@pytest.mark.parametrize(("named", "what"), [
    ("登记人", "no source has it"), ("site", "no source has it"), ("assignee_id", "known at resolved_at only")])
def test_a_column_of_people_that_cannot_be_read_when_a_ticket_is_filed_is_a_warning(open_workspace, named, what):
    toml = TICKETS + f'[models.assignee]\ncontext = ["{named}"]\nnamed_in = ["{named}", "device_id"]\n'
    rows = "body,created_at,resolved_at,assignee_id,device_id\nx,2026-01-01,2026-01-02,a1,a2\n"
    problem = _only(open_workspace(toml, a__csv=rows))
    assert (problem.column, problem.severity) == (named, "warning")
    assert what in problem.problem
    assert "named_in" in problem.problem


def test_where_and_rules_that_fail_are_errors(open_workspace):
    workspace = open_workspace(TICKETS + 'where = "渠道 == 1"\n', a__csv="body\nx\n", rules__toml="[[rule")
    assert {(p.table, p.column, p.severity) for p in validate(workspace, NOW)} == {
        ("rules.toml", "", "error"), ("tickets", "where", "error")}


@pytest.mark.parametrize(("data", "message"), [
    (b"", "is empty"), (b"a\0b", "zero bytes"), ("编号,内容\n1,打印机卡纸".encode() + b"\xff\n", "damaged UTF-8"),
    (b"body,body\nx,y\n", None)])
def test_unreadable_files_are_problems_not_tracebacks(open_workspace, data, message):
    problems = validate(open_workspace(TICKETS, a__csv=data), NOW)
    assert [message in problem.problem for problem in problems] == [True] if message else problems == []


@pytest.mark.parametrize(("name", "problems"), [
    ("hotline", {("raw", "ticket_id", "warning", 2)}), ("reviews", {("tickets", "body", "warning", 1)}),
    ("titles", set())])
def test_ready_workspaces_have_no_errors(shared_data, project, name, problems):
    workspace = load_workspace(project / "training" / "workspaces" / name)
    assert {(p.table, p.column, p.severity, p.rows) for p in validate(workspace)} == problems
    assert shared_data.is_dir()
