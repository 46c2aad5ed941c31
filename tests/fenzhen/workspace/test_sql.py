import sqlite3
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from fenzhen.errors import TableError
from fenzhen.workspace.sql import read_query

TOML = """
time_zone = "Asia/Shanghai"
[tables.tickets]
url_env = "TEST_DESK_URL"
query = "select id, filed, text, customer, cause from desk where text like '%卡%' order by id"
missing = ["-"]
columns = { ticket_id = "id", created_at = "filed", body = "text", customer_id = "customer", category = "cause" }
"""


def _sqlite(folder: Path) -> str:
    with sqlite3.connect(folder / "desk.db") as connection:
        connection.execute("create table desk (id integer, filed text, text text, customer integer, cause text)")
        connection.executemany("insert into desk values (?, ?, ?, ?, ?)", [
            (1, "2026-01-01 08:00:00", "卡纸", 9007199254740993, "硬件"), (2, "2026-01-02 08:00:00", "卡住", None, "-"),
            (3, "2026-01-02 08:00:00", "蓝屏", 1, "软件")])
    connection.close()
    return f"sqlite:///{folder / 'desk.db'}"


def _postgres(url: str) -> None:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists desk")
        connection.exec_driver_sql(
            "create table desk (id numeric, filed timestamptz, text text, customer bigint, cause text)")
        connection.exec_driver_sql(
            "insert into desk values (1, '2026-01-01 08:00+08', '卡纸', 9007199254740993, '硬件'), "
            "(2, '2026-01-02 00:00+00', '卡住', null, '-'), (3, now(), '蓝屏', 1, '软件')", ())


def _check(tickets: pd.DataFrame) -> None:
    assert tickets["ticket_id"].tolist() == ["1", "2"]
    assert tickets["created_at"].dt.strftime("%m-%d %H:%M").tolist() == ["01-01 00:00", "01-02 00:00"]
    assert tickets["customer_id"].tolist()[0] == "9007199254740993"
    assert tickets["customer_id"].isna().tolist() == [False, True]
    assert tickets["category"].isna().tolist() == [False, True]


def test_sqlite_rows_become_canonical(tmp_path, monkeypatch, open_workspace):
    monkeypatch.setenv("TEST_DESK_URL", _sqlite(tmp_path))
    workspace = open_workspace(TOML)
    _check(workspace.table("tickets"))
    assert workspace.file_hashes()["tickets[0]:TEST_DESK_URL"] == workspace.file_hashes()["tickets[0]:TEST_DESK_URL"]


@pytest.mark.postgres
def test_postgresql_rows_become_canonical(monkeypatch, open_workspace, postgres_url):
    _postgres(postgres_url)
    monkeypatch.setenv("TEST_DESK_URL", postgres_url.replace("postgresql+psycopg", "postgresql"))
    _check(open_workspace(TOML).table("tickets"))


@pytest.mark.postgres
def test_a_wrong_password_is_never_shown(postgres_url):
    url = sqlalchemy.make_url(postgres_url).set(password="s3cr/t p@ss")
    environ = {"DESK": url.render_as_string(hide_password=False)}
    with pytest.raises(TableError, match=r"the query over \$DESK failed: .*password authentication failed") as caught:
        read_query("DESK", "select 1", environ)
    assert "s3cr" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.postgres
def test_postgresql_names_a_table_that_does_not_exist(postgres_url):
    with pytest.raises(TableError, match='relation "nowhere" does not exist'):
        read_query("DESK", "select * from nowhere", {"DESK": postgres_url})


def test_an_unset_variable_is_named():
    with pytest.raises(TableError, match="the environment variable DESK is not set"):
        read_query("DESK", "select 1", {})


@pytest.mark.parametrize("url", ["not a url with secret", "oracle9://u:secret@h/d", "postgresql://u:secret@h:port/d"])
def test_urls_that_are_none_are_refused_without_showing_them(url):
    with pytest.raises(TableError) as caught:
        read_query("DESK", "select 1", {"DESK": url})
    assert "secret" not in str(caught.value)


def test_an_unreachable_server_is_refused_without_its_password():
    with pytest.raises(TableError, match=r"\$DESK failed") as caught:
        read_query("DESK", "select 1", {"DESK": "postgresql://u:secret@127.0.0.1:1/d"})
    assert "secret" not in str(caught.value)


def test_a_sqlite_file_that_does_not_exist_is_not_created(tmp_path):
    with pytest.raises(TableError, match=r"the SQLite file .*none.db .* does not exist"):
        read_query("DESK", "select 1", {"DESK": f"sqlite:///{tmp_path / 'none.db'}"})
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(("query", "message"), [
    ("select * from nowhere", "no such table: nowhere"), ("selec 1", "syntax error"),
    ("create table x (y)", "returns no rows"), ("select 1 as a, 2 as a", "returns a more than once"),
])
def test_wrong_queries_are_refused(query, message):
    with pytest.raises(TableError, match=message):
        read_query("DESK", query, {"DESK": "sqlite://"})


def test_percent_signs_and_colons_are_plain_text():
    frame = read_query("DESK", "select 'a%b' as x, ':name' as y", {"DESK": "sqlite://"})
    assert frame.to_dict("list") == {"x": ["a%b"], "y": [":name"]}
