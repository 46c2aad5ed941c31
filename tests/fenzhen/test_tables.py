import pandas as pd
import pytest

from fenzhen.errors import TableError
from fenzhen.tables import DTYPES, NEVER, SCHEMAS, absent_columns, conform, empty_table, mark, schema_of

LABELS = ("category", "subcategory", "sentiment", "request_type", "tags", "priority", "group", "assignee_id", "csat",
          "nps", "cost", "survey_comment", "resolution", "status")


@pytest.mark.parametrize("name", SCHEMAS)
def test_empty_table_has_every_column_in_its_dtype(name):
    frame = empty_table(name)
    assert tuple(frame.columns) == schema_of(name).names
    assert [str(dtype) for dtype in frame.dtypes] == [DTYPES[column.kind] for column in schema_of(name).columns]


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_known_at_is_a_time_column_of_the_same_table(name):
    schema = schema_of(name)
    times = {column.name for column in schema.columns if column.kind == "time"}
    assert {column.known_at for column in schema.columns} - {"", None, NEVER} <= times
    assert {*schema.needed, *schema.needed_any, *schema.key} <= set(schema.names)


@pytest.mark.parametrize("column", LABELS)
def test_labels_people_and_satisfaction_are_known_when_the_ticket_is_resolved(column):
    assert schema_of("tickets").column(column).known_at == "resolved_at"


def test_reference_data_is_always_known_and_the_outcome_of_a_return_never():
    for name in ("assignees", "taxonomy", "articles"):
        assert {column.known_at for column in schema_of(name).columns} == {""}
    assert schema_of("returns").column("outcome").known_at == NEVER


def test_conform_keeps_order_extras_and_marks():
    frame = mark(pd.DataFrame({"地点": ["A"], "body": ["卡纸"], "ticket_id": ["1"]}), known_at={"地点": "created_at"})
    result = conform("tickets", frame)
    assert result.columns[0] == "ticket_id"
    assert result.columns[-1] == "地点"
    assert result.attrs["known_at"] == {"地点": "created_at"}
    assert "created_at" in absent_columns(result)
    assert "body" not in absent_columns(result)


def test_conform_refuses_times_without_a_zone():
    frame = pd.DataFrame({"ticket_id": ["1"], "created_at": pd.to_datetime(["2026-01-01"])})
    with pytest.raises(TableError, match=r"tickets.created_at: got times of dtype datetime64"):
        conform("tickets", frame)


def test_conform_refuses_numbers_that_are_none():
    with pytest.raises(TableError, match="expected float64"):
        conform("tickets", pd.DataFrame({"ticket_id": ["1"], "cost": ["面议"]}))
