import gzip

import pandas as pd
import pytest

from fenzhen.errors import TableError, WorkspaceError
from fenzhen.known import as_known
from fenzhen.tables import SCHEMAS, absent_columns, schema_of

TICKETS = """
time_zone = "Asia/Shanghai"
[tables.tickets]
path = "a.csv"
where = "渠道 != '测试'"
missing = ["?"]
[tables.tickets.columns]
ticket_id = "工单编号"
created_at = "创建时间"
subject = "标题"
category = "一级分类"
channel = "渠道"
[tables.tickets.constants]
region = "华东"
[tables.tickets.derive]
cost = "工时 * 单价"
"""
ROWS = ("工单编号,创建时间,标题,一级分类,渠道,工时,单价,product\n"
        "007,2026/1/6 8:00,卡纸,硬件,电话,2,10,P20\n008,2026/1/7 8:00,测试,硬件,测试,1,10,P20\n"
        "009,2026-01-08T00:00:00Z,蓝屏,?,邮件,1,?,\n")


def test_a_table_is_mapped_whole(open_workspace):
    tickets = open_workspace(TICKETS, a__csv=ROWS).table("tickets")
    assert tickets["ticket_id"].tolist() == ["007", "009"]
    assert tickets["created_at"].dt.strftime("%m-%d %H:%M").tolist() == ["01-06 00:00", "01-08 00:00"]
    assert tickets["product"].tolist()[0] == "P20"
    assert tickets["cost"].tolist()[0] == 20.0
    assert tickets["region"].tolist() == ["华东", "华东"]
    assert tickets["category"].isna().tolist() == [False, True]
    assert tickets.index.tolist() == [0, 1]
    assert [str(dtype) for dtype in tickets.dtypes] == [column.dtype for column in schema_of("tickets").columns]


def test_a_source_column_mapped_elsewhere_does_not_also_keep_its_own_name(open_workspace):
    toml = '[tables.tickets]\npath = "a.csv"\ncolumns = { product = "category", category = "label" }\n'
    tickets = open_workspace(toml, a__csv="body,category,label\nx,P20,硬件\n").table("tickets")
    assert (tickets["product"][0], tickets["category"][0]) == ("P20", "硬件")
    toml = '[tables.tickets]\npath = "a.csv"\ncolumns = { product = "category" }\n'
    assert "category" in absent_columns(open_workspace(toml).table("tickets"))


def test_several_sources_are_appended_and_numbered_on(open_workspace):
    toml = """
    [[tables.tickets]]
    path = "a.csv"
    where = "body != 'x'"
    constants = { channel = "电话" }
    [[tables.tickets]]
    path = "b.csv"
    columns = { body = "text" }
    """
    tickets = open_workspace(toml, a__csv="body\nw\nx\ny\n", b__csv="text,resolved_at\nz,2026-01-01\n").table("tickets")
    assert tickets["ticket_id"].tolist() == ["1", "3", "4"]
    assert tickets["body"].tolist() == ["w", "y", "z"]
    assert tickets["channel"].isna().tolist() == [False, False, True]
    assert "resolved_at" not in absent_columns(tickets)


def test_formats_and_encodings_give_the_same_table(open_workspace, tmp_path):
    rows = pd.DataFrame({"ticket_id": ["007", "008"], "body": ["卡纸", "蓝屏"],
                         "created_at": ["2026-01-01", "2026-01-02"]})
    rows.to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(rows.to_csv(index=False).encode("utf-8-sig")))
    rows.assign(created_at=pd.to_datetime(rows["created_at"])).to_parquet(tmp_path / "a.parquet")
    rows.assign(created_at=pd.to_datetime(rows["created_at"])).to_excel(tmp_path / "a.xlsx", index=False)
    read = [open_workspace(f'[tables.tickets]\npath = "a.{suffix}"').table("tickets")
            for suffix in ("csv", "csv.gz", "parquet", "xlsx")]
    for other in read[1:]:
        pd.testing.assert_frame_equal(read[0], other)


def test_numbers_as_ids_agree_across_files(open_workspace):
    toml = """
    [tables.telemetry]
    path = "a.csv"
    columns = { device_id = "machineID", at = "date" }
    [[tables.device_events]]
    path = "b.csv"
    constants = { kind = "error" }
    columns = { device_id = "machineID", at = "datetime", code = "errorID" }
    """
    workspace = open_workspace(toml, a__csv="date,machineID,volt,note\n2026-01-01,1.0,170.5,ok\n",
                               b__csv="datetime,machineID,errorID\n2026-01-01 07:00:00,1,error1\n")
    telemetry, events = workspace.table("telemetry"), workspace.table("device_events")
    assert telemetry["device_id"].tolist() == events["device_id"].tolist() == ["1"]
    assert telemetry.columns.tolist() == ["device_id", "at", "volt"]
    assert telemetry["volt"].dtype == "float64"


def test_entities_without_a_table_are_derived(open_workspace):
    toml = """
    time_zone = "UTC"
    [tables.interactions]
    path = "a.csv"
    constants = { kind = "order" }
    [tables.tickets]
    path = "b.csv"
    """
    workspace = open_workspace(toml, a__csv="customer_id,at\nb,2026-01-02\na,2026-01-03\nb,2026-01-01\n,2026-01-01\n",
                               b__csv="body,customer_id,created_at,device_id\nx,a,2025-12-01,SN1\n")
    customers = workspace.tables("customers", "devices", "articles")["customers"]
    assert customers["customer_id"].tolist() == ["a", "b"]
    assert customers["since"].tolist() == [pd.Timestamp("2025-12-01", tz="UTC"), pd.Timestamp("2026-01-01", tz="UTC")]
    assert workspace.table("devices")["device_id"].tolist() == ["SN1"]
    known = as_known({"customers": customers}, pd.Timestamp("2026-01-01", tz="UTC"))["customers"]
    assert known["customer_id"].tolist() == ["a"]


def test_entities_of_facts_without_times_are_always_known(open_workspace):
    workspace = open_workspace('[tables.tickets]\npath = "a.csv"', a__csv="body,customer_id\nx,a\n")
    customers = workspace.table("customers")
    assert "since" in absent_columns(customers)
    assert len(as_known({"customers": customers}, pd.Timestamp("1990-01-01", tz="UTC"))["customers"]) == 1


def test_tables_that_are_absent_are_empty_frames(open_workspace):
    tables = open_workspace("").tables()
    assert set(tables) == set(SCHEMAS)
    assert all(frame.empty for frame in tables.values())


def test_a_table_that_does_not_exist_is_refused(open_workspace):
    workspace = open_workspace(TICKETS, a__csv=ROWS)
    with pytest.raises(TableError, match="has no table 'returns'; its tables: tickets"):
        workspace.table("returns")
    with pytest.raises(TableError, match="got the table 'ticket', expected one of tickets"):
        workspace.tables("ticket")


def test_missing_columns_are_all_named_with_what_there_is(open_workspace):
    workspace = open_workspace(TICKETS, a__csv="编号,标题,渠道\n1,x,y\n")
    with pytest.raises(TableError) as caught:
        workspace.table("tickets")
    for name in ("工单编号", "创建时间", "一级分类", "'工时' is not defined", "a.csv has 编号, 标题, 渠道"):
        assert name in str(caught.value)


def test_tickets_need_a_text_column_and_events_a_time(open_workspace):
    toml = '[tables.tickets]\npath = "a.csv"\n[tables.ticket_events]\npath = "a.csv"'
    workspace = open_workspace(toml, a__csv="ticket_id,x\n1,2\n")
    with pytest.raises(TableError, match="one of subject, body is needed"):
        workspace.table("tickets")
    with pytest.raises(TableError, match="at: the column is needed"):
        workspace.table("ticket_events")


def test_callers_cannot_change_each_others_tables(open_workspace):
    workspace = open_workspace(TICKETS, a__csv=ROWS)
    mine = workspace.table("tickets")
    mine["subject"] = "x"
    assert workspace.table("tickets")["subject"].tolist() == ["卡纸", "蓝屏"]


def test_new_rows_keep_order_and_count_and_need_no_labels(open_workspace, tmp_path):
    workspace = open_workspace(TICKETS, a__csv=ROWS, new__csv="标题,渠道\n甲,测试\n,电话\n丙,\n".encode("gbk"))
    rows = workspace.map_rows("tickets", tmp_path / "new.csv")
    assert rows["ticket_id"].tolist() == ["1", "2", "3"]
    assert rows["subject"].isna().tolist() == [False, True, False]
    assert rows["region"].tolist() == ["华东"] * 3
    assert rows["category"].isna().all()


def test_new_rows_may_be_a_frame_with_any_index(open_workspace):
    workspace = open_workspace(TICKETS, a__csv=ROWS)
    rows = workspace.map_rows("tickets", pd.DataFrame({"工单编号": [9.0, 10.0], "标题": ["a", "b"]}, index=[5, 5]))
    assert rows["ticket_id"].tolist() == ["9", "10"]
    assert rows.index.tolist() == [0, 1]


def test_new_rows_without_text_are_refused(open_workspace):
    workspace = open_workspace(TICKETS, a__csv=ROWS)
    with pytest.raises(TableError, match=r"table tickets: .*the source column '标题' is missing"):
        workspace.map_rows("tickets", pd.DataFrame({"工单编号": ["1"]}))


def test_new_rows_take_the_source_that_fits_best(open_workspace):
    toml = '[[tables.tickets]]\npath = "a.csv"\ncolumns = { body = "内容" }\n' \
           '[[tables.tickets]]\npath = "b.csv"\ncolumns = { body = "text" }\n'
    rows = open_workspace(toml).map_rows("tickets", pd.DataFrame({"text": ["x"]}))
    assert rows["body"].tolist() == ["x"]


def test_another_mapping_of_tickets_stays_apart(open_workspace):
    toml = '[tables.tickets]\npath = "a.csv"\nsegmented = true\n' \
           '[tables.raw]\nlike = "tickets"\npath = "b.csv"\ncolumns = { body = "正文" }\n'
    workspace = open_workspace(toml, a__csv="body\n打印机 卡纸\n", b__csv="正文\n打印机卡纸\n")
    assert workspace.table_names == ("tickets", "raw")
    assert len(workspace.table("tickets")) == 1
    assert workspace.table("raw")["body"].tolist() == ["打印机卡纸"]
    assert (workspace.segmented("tickets"), workspace.segmented("raw")) == (True, False)


def test_columns_that_models_name_stand_beside_the_canonical_ones(open_workspace):
    toml = '[tables.tickets]\npath = "a.csv"\ncolumns = { symptom = "现象" }\n' \
           '[models.assignee]\ncontext = ["symptom", "floor"]\n[models.ticket_cause]\nlabel = "根因"\n'
    tickets = open_workspace(toml, a__csv="body,现象,根因,resolved_at\nx,冒烟,短路,2026-01-01\n").table("tickets")
    assert set(tickets.columns[-2:]) == {"symptom", "根因"}
    assert tickets.attrs["known_at"] == {"symptom": "created_at", "floor": "created_at", "根因": "resolved_at"}


@pytest.mark.parametrize(("text", "utc"), [
    ("2026-01-01", "2025-12-31 16:00"), ("2026-01-01T09:00:00+00:00", "2026-01-01 09:00"),
    ("2026-01-01 08:00", "2026-01-01 00:00"), ("2026-01-01T09:00:00Z", "2026-01-01 09:00")])
def test_moments_are_in_the_time_zone(open_workspace, text, utc):
    assert open_workspace('time_zone = "Asia/Shanghai"').moment(text) == pd.Timestamp(utc, tz="UTC")


@pytest.mark.parametrize("text", ["soon", "0001-01-01", "1899-12-31", "2201-01-02", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_is_none_is_refused(open_workspace, text):
    with pytest.raises(WorkspaceError, match=f"got the moment '{text}', expected a date such as 2026-01-01"):
        open_workspace("").moment(text)


def test_models_rules_and_words_are_handed_on(open_workspace):
    workspace = open_workspace("[models.ticket_category]\nlabel = 'category'\n[models.churn]\n",
                               rules__toml='[[rule]]\nid = "a"\n', user_words__txt="云打印\n")
    assert workspace.model_names() == ("ticket_category", "churn")
    assert workspace.model_settings("ticket_category") == {"label": "category"}
    assert workspace.model_settings("device_failure") == {}
    assert workspace.rules() == ({"id": "a"},)
    assert workspace.user_words() == workspace.folder / "user_words.txt"


def test_a_workspace_without_rules_and_words_has_none(open_workspace):
    workspace = open_workspace("")
    assert workspace.rules() == ()
    assert workspace.user_words() is None


@pytest.mark.parametrize("text", ["[[rule", "rule = 1", "[[rules]]\nid = 1"])
def test_broken_rules_are_refused(open_workspace, text):
    with pytest.raises(WorkspaceError, match=r"rules\.toml"):
        open_workspace("", rules__toml=text).rules()


def test_hashes_follow_the_files(open_workspace):
    before = open_workspace(TICKETS, a__csv=ROWS).file_hashes()
    after = open_workspace(TICKETS, a__csv=ROWS + "010,2026-01-09,x,y,z,1,1,\n").file_hashes()
    assert set(before) == {"workspace.toml", "a.csv"}
    assert before["workspace.toml"] == after["workspace.toml"]
    assert before["a.csv"] != after["a.csv"]


@pytest.mark.parametrize("name", ["rules.toml", "user_words.txt"])
def test_hashes_follow_rules_and_user_words(open_workspace, name):
    workspace = open_workspace(TICKETS, a__csv=ROWS)
    without = workspace.file_hashes()
    (workspace.folder / name).write_text("# one\n", "utf-8")
    one = workspace.file_hashes()
    (workspace.folder / name).write_text("# two\n", "utf-8")
    assert set(one) - set(without) == {name}
    assert one[name] != workspace.file_hashes()[name]


@pytest.mark.parametrize(("name", "rows"), [("hotline", 8262), ("reviews", 62774), ("titles", 45000)])
def test_ready_workspaces_read_the_shared_data(shared_data, project, name, rows):
    from fenzhen.workspace import load_workspace

    folder = project / "training" / "workspaces" / name
    assert (folder / "workspace.toml").read_text("utf-8").startswith("# 公开数据,非售后工单")
    assert len(load_workspace(folder).table("tickets")) == rows
    assert shared_data.is_dir()


def test_the_raw_hotline_rows_map_from_their_file(shared_data, project):
    from fenzhen.workspace import load_workspace

    workspace = load_workspace(project / "training" / "workspaces" / "hotline")
    rows = workspace.map_rows("raw", shared_data / "hotline" / "labelled_raw.csv.gz")
    assert len(rows) == 457
    assert rows[["ticket_id", "subject", "body", "created_at"]].notna().all(axis=None)
    assert not workspace.segmented("raw")


def test_columns_that_name_people_hold_ids_as_the_column_of_people_does(open_workspace):
    toml = """
    [tables.tickets]
    path = "a.csv"
    [tables.customers]
    path = "b.csv"
    [models.assignee]
    context = ["version"]
    named_in = ["filed_by", "assignee_id", "filed_by"]
    fixed_owner = "manager"
    """
    workspace = open_workspace(toml, a__csv="body,assignee_id,filed_by,version\nx,1017.0,1006.0,2.0\ny,,,\n",
                               b__csv="customer_id,manager\nC1,1006.0\nC2,\n")
    tickets, customers = workspace.table("tickets"), workspace.table("customers")
    assert tickets.loc[0, ["assignee_id", "filed_by", "version"]].tolist() == ["1017", "1006", "2.0"]
    assert tickets["filed_by"].isna().tolist() == [False, True]
    assert customers["manager"].tolist()[0] == "1006"
