"""Leaks live in cells: whatever became known at or after as_of changes nothing."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from fenzhen.errors import TableError
from fenzhen.known import as_known
from fenzhen.tables import ALWAYS, NEVER, SCHEMAS, TableSchema, conform, mark, schema_of
from fenzhen.workspace.config import SourceConfig
from fenzhen.workspace.event_log import EventLogMapper
from fenzhen.workspace.event_log_config import EventLogConfig, LabelRule

AS_OF = pd.Timestamp("2026-03-01", tz="UTC")
HOURS = (-72, -1, 0, 1, 72)
TIMES = tuple(AS_OF + pd.Timedelta(hours=hours) for hours in HOURS)
VALUES: dict[str, tuple[Any, ...]] = {
    "id": ("1", "2", "3", None), "text": ("卡纸", "蓝屏", None), "category": ("硬件", "软件", None),
    "number": (0.0, 1.5, None), "flag": (True, False, None), "time": (*TIMES, None),
}
LATER = (AS_OF, AS_OF + pd.Timedelta(hours=5), None)
ABSENCES = {"tickets": ((), ("resolved_at",), ("created_at",), ("created_at", "resolved_at")),
            "customers": ((), ("since",)), "devices": ((), ("installed_at",))}

Row = dict[str, Any]


def _known_at(schema: TableSchema, column: str, absent: tuple[str, ...]) -> str:
    """An independent reading of design section 2."""
    at = schema.column(column).known_at or ALWAYS
    if at in absent:
        at = schema.time or ALWAYS
    return ALWAYS if at in absent else at


def _is_known(row: Row, at: str) -> bool:
    return at == ALWAYS or (at != NEVER and row[at] is not None and row[at] < AS_OF)


def _filed(row: Row, schema: TableSchema, absent: tuple[str, ...]) -> bool:
    return schema.time is None or schema.time in absent or _is_known(row, schema.time)


def _frame(name: str, rows: list[Row], absent: tuple[str, ...]) -> pd.DataFrame:
    schema = schema_of(name)
    data = {column.name: pd.Series([row[column.name] for row in rows], dtype=column.dtype) for column in schema.columns}
    return mark(pd.DataFrame(data), absent=absent)


@st.composite
def tables_and_altered(draw: st.DrawFn) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """A table, and the same with every later cell altered, later rows dropped and others filed later added."""
    name = draw(st.sampled_from(sorted(SCHEMAS)))
    absent = draw(st.sampled_from(ABSENCES.get(name, ((),))))
    schema = schema_of(name)
    row = st.fixed_dictionaries({column.name: st.sampled_from((None,) if column.name in absent else VALUES[column.kind])
                                 for column in schema.columns})
    rows = draw(st.lists(row, max_size=4))
    altered = [draw(_altered(original, schema, absent)) for original in rows]
    altered = [row for row in altered if _filed(row, schema, absent) or draw(st.booleans())]
    if schema.time is not None and schema.time not in absent:
        for extra in draw(st.lists(row, max_size=2)):
            later = {**extra, schema.time: draw(st.sampled_from(LATER))}
            altered.insert(draw(st.integers(0, len(altered))), later)
    return name, _frame(name, rows, absent), _frame(name, altered, absent)


@st.composite
def _altered(draw: st.DrawFn, row: Row, schema: TableSchema, absent: tuple[str, ...]) -> Row:
    result = dict(row)
    drivers = {column.known_at for column in schema.columns}
    for column in schema.columns:
        known = _is_known(row, _known_at(schema, column.name, absent)) and _filed(row, schema, absent)
        if not known and column.name not in absent:
            values = LATER if column.name in drivers and not _is_known(row, column.name) else VALUES[column.kind]
            result[column.name] = draw(st.sampled_from(values))
    return result


@settings(max_examples=250, deadline=None, derandomize=True)
@given(tables_and_altered())
def test_altering_what_became_known_later_changes_nothing(case):
    name, original, altered = case
    assert_frame_equal(as_known({name: original}, AS_OF)[name], as_known({name: altered}, AS_OF)[name])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(tables_and_altered())
def test_as_known_agrees_with_a_loop_over_cells(case):
    name, frame, _ = case
    schema, absent = schema_of(name), tuple(frame.attrs["absent"])
    rows = [{key: None if pd.isna(value) else value for key, value in row.items()}
            for row in frame.astype(object).to_dict("records")]
    expected = [{column: row[column] if _is_known(row, _known_at(schema, column, absent)) else None for column in row}
                for row in rows if _filed(row, schema, absent)]
    assert_frame_equal(as_known({name: frame}, AS_OF)[name], _frame(name, expected, absent))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(tables_and_altered())
def test_knowing_twice_is_knowing_at_the_earlier_moment(case):
    name, frame, _ = case
    late = as_known({name: frame}, AS_OF + pd.Timedelta(hours=10))
    assert_frame_equal(as_known(late, AS_OF)[name], as_known({name: frame}, AS_OF)[name])


LOG = EventLogConfig("n", "at", ("ticket_id", "created_at", "category"), {"assignee_id": LabelRule("who")},
                     {"resolved": "state == 'R'"})
LOG_SOURCE = SourceConfig(columns={"ticket_id": "id", "created_at": "opened", "category": "cat"})


@st.composite
def updates(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """An event log in order of time, and the same with all rows from AS_OF on replaced by others."""
    hours = sorted(draw(st.lists(st.integers(-9, 9), min_size=1, max_size=8)))
    rows = [_update(draw, number, hour) for number, hour in enumerate(hours)]
    later = sorted(draw(st.lists(st.integers(0, 9), max_size=5)))
    altered = [row for row in rows if row["at"] < AS_OF] + [_update(draw, 9 + n, hour) for n, hour in enumerate(later)]
    columns = ["id", "n", "at", "who", "state", "cat", "opened"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(altered, columns=columns)


def _update(draw: st.DrawFn, number: int, hour: int) -> Row:
    return {"id": draw(st.sampled_from("123")), "n": str(number), "at": AS_OF + pd.Timedelta(hours=hour),
            "who": draw(st.sampled_from(["a", "b", None])), "state": draw(st.sampled_from("NAR")),
            "cat": draw(st.sampled_from(["x", "y", None])), "opened": AS_OF + pd.Timedelta(hours=hour)}


def _read(updates: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tickets as known at AS_OF, by id, and their events."""
    mapped = EventLogMapper(LOG_SOURCE, SCHEMAS["tickets"], "UTC", (), LOG).table(updates)
    assert mapped.events is not None
    tickets = mark(mapped.frame, known_at={"category": "created_at"})
    known = as_known({"tickets": tickets, "ticket_events": mapped.events}, AS_OF)
    return known["tickets"].set_index("ticket_id").sort_index(), known["ticket_events"]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(updates())
def test_later_updates_change_no_event_and_nothing_that_was_filed(case):
    (tickets, events), (others, other_events) = map(_read, case)
    assert_frame_equal(events, other_events)
    assert_frame_equal(tickets[["created_at", "category"]], others[["created_at", "category"]])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(updates())
def test_later_updates_may_take_labels_back_but_never_make_or_alter_one(case):
    known, _ = _read(case[0])
    so_far, _ = _read(case[0][case[0]["at"] < AS_OF])
    there = known["assignee_id"].notna()
    assert known["assignee_id"][there].tolist() == so_far["assignee_id"][there].tolist()
    assert known["resolved_at"][there].tolist() == so_far["resolved_at"][there].tolist()


def _tickets(**columns: list[Any]) -> pd.DataFrame:
    times = {name: pd.to_datetime(values, utc=True) for name, values in columns.items() if name.endswith("_at")}
    return pd.DataFrame({"ticket_id": ["1"], "body": ["卡纸"], "category": ["硬件"], **columns, **times})


def test_a_moment_equal_to_as_of_is_not_yet_known():
    frame = _tickets(created_at=["2026-03-01"], resolved_at=["2026-03-02"])
    assert as_known({"tickets": frame}, AS_OF)["tickets"].empty
    assert len(as_known({"tickets": frame}, AS_OF + pd.Timedelta(microseconds=1))["tickets"]) == 1


def test_a_label_without_close_time_is_not_known_although_others_have_one():
    frame = _tickets(created_at=["2026-02-01"], resolved_at=[None])
    assert as_known({"tickets": frame}, AS_OF)["tickets"]["category"].isna().all()


def test_without_any_close_times_labels_are_known_when_filed():
    frame = _tickets(created_at=["2026-02-01"])
    assert as_known({"tickets": frame}, AS_OF)["tickets"]["category"].tolist() == ["硬件"]
    assert as_known({"tickets": frame}, AS_OF - pd.Timedelta(days=60))["tickets"].empty


def test_a_table_without_times_is_known_at_any_moment():
    known = as_known({"tickets": _tickets()}, pd.Timestamp("1970-01-01", tz="UTC"))["tickets"]
    assert known["category"].tolist() == ["硬件"]
    assert "resolved_at" in known.columns


def test_extra_columns_of_tickets_are_known_as_marked_or_else_when_resolved():
    frame = _tickets(created_at=["2026-02-01"], resolved_at=["2026-04-01"], 地点=["A"], 根因=["碳粉"])
    known = as_known({"tickets": mark(frame, known_at={"地点": "created_at"})}, AS_OF)["tickets"]
    assert known["地点"].tolist() == ["A"]
    assert known["根因"].isna().all()


def test_later_measurements_vanish_with_their_row():
    frame = pd.DataFrame({"device_id": ["d", "d"], "at": pd.to_datetime(["2026-02-28", "2026-03-01"], utc=True),
                          "volt": [1.0, 2.0]})
    assert as_known({"telemetry": frame}, AS_OF)["telemetry"]["volt"].tolist() == [1.0]


def test_tables_given_are_left_as_they_are():
    frame = conform("tickets", _tickets(created_at=["2026-02-01"], resolved_at=["2026-04-01"]))
    before = frame.copy()
    as_known({"tickets": frame}, AS_OF)
    assert_frame_equal(frame, before)


def test_as_of_needs_a_time_zone():
    with pytest.raises(TableError, match="without a time zone"):
        as_known({}, pd.Timestamp("2026-03-01"))
