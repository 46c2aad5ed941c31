"""The data contract as pandera schemas: what each cell of a canonical table must hold."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from fenzhen.tables import TableSchema, absent_columns
from fenzhen.workspace.masking import masked
from fenzhen.workspace.problem import Problem, Severity

__all__ = ["contract_problems", "pandera_schema"]

MISSING_KEY = "the id is missing"
REPEATED_KEY = "the id is there more than once"
NO_TIME = "the time is missing: such a row counts as never known"
NO_VALUE = "a needed value is missing"
IN_FUTURE = "the time lies in the future"
NEGATIVE = "the number is negative"
EMPTY_TEXT = "subject and body are both empty"
ERRORS = frozenset({MISSING_KEY, REPEATED_KEY})

_PLANNED = frozenset({"renewal_at"})
_NOT_NEGATIVE = frozenset({"cost", "csat", "capacity", "annual_value"})
_ORDER = {
    "tickets": (("created_at", "first_response_at"), ("created_at", "resolved_at")),
    "customers": (("since", "churned_at"),),
}
_VOCABULARY = {
    ("ticket_events", "event"): ("created", "assigned", "responded", "waiting_customer", "resolved", "reopened",
                                 "closed"),
    ("device_events", "kind"): ("log", "error", "maintenance", "failure"),
}


def contract_problems(table: str, schema: TableSchema, frame: pd.DataFrame, now: pd.Timestamp) -> list[Problem]:
    """Return what is wrong with the cells of a canonical ``frame``, each kind once with its rows and examples.

    Ids that are missing or repeated are errors, except in a table that is only ``like`` another: it is predicted
    row by row.
    """
    if frame.empty:
        severity: Severity = "error" if schema.name == "tickets" else "warning"
        return [Problem(table, "", "the table has no rows", severity=severity)]
    try:
        pandera_schema(schema, frame, now).validate(frame, lazy=True)
    except SchemaErrors as error:
        return list(_problems(table, error.failure_cases, frame, ERRORS if table == schema.name else frozenset()))
    return []


def pandera_schema(schema: TableSchema, frame: pd.DataFrame, now: pd.Timestamp) -> Any:
    """Return the pandera schema of a table; checks across columns look into ``frame``, the frame to be checked."""
    absent = absent_columns(frame)
    return pa.DataFrameSchema({
        column.name: pa.Column(column.dtype, checks=list(_checks(schema, column.name, frame, now)), nullable=True)
        for column in schema.columns if column.name not in absent
    }, name=schema.name)


def _checks(schema: TableSchema, name: str, frame: pd.DataFrame, now: pd.Timestamp) -> Iterator[Any]:
    column = schema.column(name)
    if name in schema.key:
        yield _check(lambda values: values.notna(), MISSING_KEY)
        if name == schema.key[0]:
            yield _check(lambda _: ~_repeated(frame, schema.key), REPEATED_KEY)
    elif name == schema.time:
        yield _check(lambda values: values.notna(), NO_TIME)
    elif name in schema.needed:
        yield _check(lambda values: values.notna(), NO_VALUE)
    if column.kind == "time" and name not in _PLANNED:
        yield _check(lambda values: ~(values > now), IN_FUTURE)
    if name in _NOT_NEGATIVE:
        yield _check(lambda values: ~(values < 0), NEGATIVE)
    yield from _order_checks(schema, name, frame)
    if (known := _VOCABULARY.get((schema.name, name))) is not None:
        yield _check(lambda values: values.isna() | values.isin(known), f"unknown value; known are {', '.join(known)}")
    if name == _first_text(schema, frame):
        yield _check(lambda _: _has_text(schema, frame), EMPTY_TEXT)


def _order_checks(schema: TableSchema, name: str, frame: pd.DataFrame) -> Iterator[Any]:
    for earlier, later in _ORDER.get(schema.name, ()):
        if name == later:
            yield _check(lambda values, earlier=earlier: ~(values < frame[earlier]), f"the time lies before {earlier}")


def _check(passes: Any, message: str) -> Any:
    return pa.Check(passes, error=message, ignore_na=False)


def _repeated(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.Series:
    return frame.duplicated(list(key), keep=False) & frame[list(key)].notna().all(axis=1)


def _first_text(schema: TableSchema, frame: pd.DataFrame) -> str | None:
    absent = absent_columns(frame)
    return next((name for name in schema.needed_any if name not in absent), None)


def _has_text(schema: TableSchema, frame: pd.DataFrame) -> pd.Series:
    filled = [frame[name].str.strip().fillna("") != "" for name in schema.needed_any]
    return pd.concat(filled, axis=1).any(axis=1)


def _problems(table: str, cases: pd.DataFrame, frame: pd.DataFrame, errors: frozenset[str]) -> Iterator[Problem]:
    for (column, check), group in cases.groupby(["column", "check"], sort=False):
        rows = group["index"].dropna().astype("int64").unique()
        values = frame[str(column)].loc[rows].dropna().drop_duplicates()
        examples = tuple(masked(value, str(column)) for value in values.iloc[:3])
        severity: Severity = "error" if check in errors else "warning"
        yield Problem(table, str(column), str(check), len(rows), () if check == EMPTY_TEXT else examples, severity)
