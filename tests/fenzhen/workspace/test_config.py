import re

import pytest

from fenzhen.errors import WorkspaceError
from fenzhen.workspace.config import inspect_config, parse_leniently, read_config

TICKETS = {"path": "a.csv"}


def _parsed(document):
    config, faults = parse_leniently(document)
    assert faults == []
    return config


def _refused(document, match):
    assert re.search(match, "\n".join(parse_leniently(document)[1]))


def test_a_folder_without_the_file_says_what_to_do(tmp_path):
    with pytest.raises(WorkspaceError, match=r"there is no workspace.toml in .*fenzhen init"):
        read_config(tmp_path)


def test_broken_toml_names_file_and_place(tmp_path):
    (tmp_path / "workspace.toml").write_text("time_zone = \n")
    with pytest.raises(WorkspaceError, match=r"workspace.toml is not valid TOML: .*line 1"):
        read_config(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "workspace.toml").write_bytes("# 工单".encode("gbk"))
    with pytest.raises(WorkspaceError, match="is not UTF-8"):
        read_config(tmp_path)


def test_a_byte_order_mark_is_no_problem(tmp_path):
    (tmp_path / "workspace.toml").write_text('time_zone = "UTC"', "utf-8-sig")
    assert read_config(tmp_path).time_zone == "UTC"


def test_the_time_zone_has_a_default_and_is_checked():
    assert _parsed({}).time_zone == "Asia/Shanghai"
    _refused({"time_zone": "Beijing"}, "got time_zone = 'Beijing', expected an IANA name")
    _refused({"time_zone": 8}, "got time_zone = 8")


@pytest.mark.parametrize(("document", "message"), [
    ({"timezone": "UTC"}, "unknown key 'timezone', did you mean 'time_zone'"),
    ({"tables": {"ticket": TICKETS}}, "unknown table 'ticket', did you mean 'tickets'"),
    ({"tables": {"tickets": {"paht": "a.csv"}}}, "tables.tickets: got the unknown key 'paht', did you mean 'path'"),
    ({"tables": {"tickets": {**TICKETS, "columns": {"titel": "标题"}}}}, "unknown column 'titel'"),
    ({"tables": {"raw": {**TICKETS, "like": "ticket"}}}, "tables.raw.like = 'ticket', expected one of tickets"),
    ({"tables": {"tickets": {**TICKETS, "like": "devices"}}}, "a table of the contract itself"),
])
def test_unknown_names_come_with_the_nearest_known_one(document, message):
    _refused(document, message)


@pytest.mark.parametrize(("entry", "message"), [
    ({}, "expected either path, or url_env with query"),
    ({**TICKETS, "url_env": "URL", "query": "select 1"}, "expected either path, or url_env with query"),
    ({"url_env": "URL"}, "expected url_env and query together"),
    ({"path": 3}, "tables.tickets.path = 3, expected a text"),
    ({**TICKETS, "missing": "?"}, "missing = '\\?', expected a list"),
    ({**TICKETS, "columns": {"body": 1}}, "columns.body = 1, expected a text"),
    ({**TICKETS, "columns": "body"}, "columns = 'body', expected a table"),
    ({**TICKETS, "constants": {"channel": [1]}}, "expected one value"),
    ({**TICKETS, "columns": {"body": "a"}, "derive": {"body": "b"}}, "'body' in columns and in derive"),
    ({**TICKETS, "segmented": "yes"}, "segmented = 'yes', expected true or false"),
    ([], "expected a table"),
    ([TICKETS, {**TICKETS, "segmented": True}], "different values of segmented"),
])
def test_wrong_sources_are_refused(entry, message):
    _refused({"tables": {"tickets": entry}}, message)


def test_constants_may_be_called_kind():
    entry = {**TICKETS, "constants": {"kind": "error"}}
    table = _parsed({"tables": {"device_events": entry}}).tables["device_events"]
    assert table.sources[0].constants == {"kind": "error"}


def test_columns_that_models_name_are_columns_of_tickets():
    config = _parsed({
        "tables": {"tickets": {**TICKETS, "columns": {"symptom": "现象", "根因": "根因分析", "body": "内容"}}},
        "models": {"assignee": {"context": ["symptom", "site"]}, "ticket_cause": {"label": "根因"}}})
    assert config.ticket_extras() == {"symptom": "created_at", "根因": "resolved_at"}


def test_a_column_named_as_label_and_as_context_is_a_label():
    models = {"a": {"context": ["根因"]}, "ticket_b": {"label": "根因"}, "c": {"context": ["根因"]}}
    assert _parsed({"models": models}).ticket_extras() == {"根因": "resolved_at"}


def test_the_label_of_a_model_of_customers_is_no_column_of_tickets():
    models = {"churn": {"label": "contract"}, "mood": {"family": "text_label", "label": "语气"}}
    assert _parsed({"models": models}).ticket_extras() == {"语气": "resolved_at"}


def test_a_fixed_owner_s_column_is_one_of_customers():
    models = {"assignee": {"fixed_owner": "service_manager"}, "assignee_group": {"fixed_owner": ""}}
    assert _parsed({"models": models}).customer_extras() == {"service_manager": "since"}


def test_telemetry_takes_any_column():
    entry = {**TICKETS, "columns": {"volt": "电压"}}
    assert _parsed({"tables": {"telemetry": entry}}).tables["telemetry"].sources[0].columns == {"volt": "电压"}


def test_models_and_settings_are_kept_as_written():
    config = _parsed({"models": {"x": {"any": [1, {"deep": True}]}}, "settings": {"exports_keep": 2}})
    assert config.models["x"] == {"any": [1, {"deep": True}]}
    assert config.settings == {"exports_keep": 2}


MANY = """
time_zone = "Beijing"
setings = 1
[tables.tickets]
paht = "a.csv"
missing = "?"
[tables.tickets.columns]
titel = "标题"
body = 3
[tables.customer]
path = "c.csv"
[tables.articles]
path = "articles.csv"
"""


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    (tmp_path / "workspace.toml").write_text(MANY, "utf-8")
    config, faults = inspect_config(tmp_path)
    for word in ("'setings'", "'Beijing'", "'paht'", "expected either path", "missing = '?'", "columns.body = 3",
                 "unknown table 'customer'"):
        assert [word in fault for fault in faults].count(True) == 1, word
    assert (list(config.tables), config.time_zone) == (["articles"], "Asia/Shanghai")
    with pytest.raises(WorkspaceError, match=rf"workspace.toml has {len(faults)} errors:\n  "):
        read_config(tmp_path)
