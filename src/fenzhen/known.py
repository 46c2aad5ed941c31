"""What was known at a moment: the only way from tables into features."""

from collections.abc import Mapping
from datetime import timedelta

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.tables import ALWAYS, KNOWN_AT, NEVER, Tables, TableSchema, absent_columns, conform, schema_of

__all__ = ["FUTURE", "as_known", "known_at_column"]

FUTURE = timedelta(days=1)
"""How far a clock or a zone may run ahead: what is told of later has not happened."""


def as_known(tables: Tables, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Return canonical frames as they were known strictly before ``as_of``, with a fresh index.

    A row filed at or after ``as_of``, or at an unknown time, vanishes; a cell that became known at or after
    ``as_of``, or at an unknown time, is missing. A cell's time stands in the column of its row that the schema
    names (a ticket's category: ``resolved_at``), or in one of its own: see :func:`known_at_column`. Two cases have
    no such column, and this is what holds then:

    - Sources without close times (``resolved_at`` absent or never filled): labels count as known when the ticket
      was filed, for nothing could be learnt otherwise. They are no features of their own model.
    - Sources without filing times (public text sets, customers without ``since``): the table is timeless, its
      rows are always known.

    Raises ``TableError`` for an ``as_of`` without a time zone.

    >>> tickets = pd.DataFrame({"ticket_id": ["1"], "body": ["卡纸"], "category": ["硬件"],
    ...                         "created_at": pd.to_datetime(["2026-01-01"], utc=True),
    ...                         "resolved_at": pd.to_datetime(["2026-01-03"], utc=True)})
    >>> as_known({"tickets": tickets}, pd.Timestamp("2026-01-03", tz="UTC"))["tickets"]["category"].tolist()
    [nan]
    >>> as_known({"tickets": tickets}, pd.Timestamp("2026-01-03 00:00:01", tz="UTC"))["tickets"]["category"].tolist()
    ['硬件']
    """
    if as_of.tzinfo is None:
        raise TableError(f"got as_of={as_of} without a time zone, expected an aware time such as {as_of}+00:00")
    return {name: _table_as_known(name, frame, as_of) for name, frame in tables.items()}


def known_at_column(schema: TableSchema, frame: pd.DataFrame, column: str) -> str:
    """Return the column of ``frame`` that says when the cells of ``column`` became known, ``ALWAYS`` or ``NEVER``.

    That is ``<column>_known_at`` if there is one, else what ``frame`` is marked with, else what the schema says;
    columns that the sources lack are looked past: to when the row was filed, or else ``ALWAYS``.

    >>> rows = pd.DataFrame({"ticket_id": ["1"], "created_at": pd.to_datetime(["2026"], utc=True)})
    >>> known_at_column(schema_of("tickets"), conform("tickets", rows), "category")
    'created_at'
    """
    absent = absent_columns(frame)
    if column + KNOWN_AT in frame.columns:
        return column + KNOWN_AT
    if column.endswith(KNOWN_AT) and column.removesuffix(KNOWN_AT) in frame.columns:
        return column
    marked: Mapping[str, str] = frame.attrs.get("known_at", {})
    at = marked.get(column) or schema.column(column).known_at or ALWAYS
    if at in absent:
        at = schema.time or ALWAYS
    return ALWAYS if at in absent else at


def _table_as_known(name: str, frame: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    schema, whole = schema_of(name), conform(name, frame)
    filed = _known(whole, schema.time or ALWAYS, as_of)
    rows = whole[filed].reset_index(drop=True)
    masks = {at: _known(rows, at, as_of) for at in {known_at_column(schema, rows, name) for name in rows.columns}}
    columns = {name: rows[name].where(masks[known_at_column(schema, rows, name)]) for name in rows.columns}
    result = pd.DataFrame(columns, index=rows.index)
    result.attrs = dict(rows.attrs)
    return result


def _known(frame: pd.DataFrame, at: str, as_of: pd.Timestamp) -> pd.Series:
    if at == NEVER:
        return pd.Series(False, index=frame.index)
    if at == ALWAYS or at in absent_columns(frame):
        return pd.Series(True, index=frame.index)
    return frame[at] < as_of
