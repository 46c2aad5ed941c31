"""The data contract: which tables there are, their columns, and when each cell became known.

A canonical frame has every column of its schema: ids, texts and categories in pandas' ``str`` dtype, times as
``datetime64[us, UTC]``, numbers as float64, flags as ``boolean``; what is missing is NaN, NaT or NA.
Columns beyond the schema follow (context and labels of tickets, measurements of telemetry). A time column
``<name>_known_at`` says when each cell of ``<name>`` became known, where a source tells it better than the schema.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import pandas as pd

from fenzhen.errors import TableError

__all__ = [
    "ALWAYS",
    "KNOWN_AT",
    "NEVER",
    "SCHEMAS",
    "Column",
    "Kind",
    "TableSchema",
    "Tables",
    "absent_columns",
    "conform",
    "empty_table",
    "has_row_numbers",
    "mark",
    "schema_of",
]

Kind = Literal["id", "time", "text", "category", "number", "flag"]
Tables = Mapping[str, pd.DataFrame]

ALWAYS = ""
NEVER = "never"
KNOWN_AT = "_known_at"

DTYPES: Mapping[Kind, str] = MappingProxyType({
    "id": "str", "text": "str", "category": "str", "time": "datetime64[us, UTC]", "number": "float64",
    "flag": "boolean",
})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, and the column of the same row that says when its cells became known.

    ``known_at`` is ``ALWAYS`` (or None) for reference data and ``NEVER`` for what no time is recorded of.
    """

    name: str
    kind: Kind
    known_at: str | None

    @property
    def dtype(self) -> str:
        """The pandas dtype of the canonical column."""
        return DTYPES[self.kind]


@dataclass(frozen=True)
class TableSchema:
    """One table of the contract.

    ``needed`` columns must be there, and one of ``needed_any``; ``key`` is unique; ``time`` is when a row was
    filed; ``numbered`` says that a source without the key gets row numbers; ``extra`` is the kind of columns
    beyond the contract (None: refused unless a model names them) and ``extra_known_at`` when they became known.
    """

    name: str
    columns: tuple[Column, ...]
    needed: tuple[str, ...]
    needed_any: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    time: str | None = None
    numbered: bool = False
    extra: Kind | None = None
    extra_known_at: str = ALWAYS

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical column names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called ``name``, or what a column beyond the contract is here."""
        for column in self.columns:
            if column.name == name:
                return column
        return Column(name, self.extra or "category", self.extra_known_at)

    def with_ids(self, names: Iterable[str]) -> "TableSchema":
        """Return the schema with columns beyond the contract that hold ids.

        >>> SCHEMAS["tickets"].with_ids(["filed_by"]).column("filed_by").kind
        'id'
        """
        ids = tuple(Column(name, "id", self.extra_known_at) for name in names)
        return replace(self, columns=(*self.columns, *ids))


def _columns(known_at: str | None, **names: str) -> tuple[Column, ...]:
    """Return the columns of each kind that became known at ``known_at``; ``self`` means a time column's own value."""
    return tuple(
        Column(name, kind, name if known_at == "self" else known_at)  # type: ignore[arg-type]
        for kind, listed in names.items() for name in listed.split()
    )


_TICKETS = TableSchema(
    "tickets",
    (*_columns("created_at", id="ticket_id", time="created_at", text="subject body",
               category="channel"),
     *_columns("created_at", id="customer_id", category="product product_version"),
     *_columns("created_at", id="device_id", category="site region"),
     *_columns("resolved_at", category="category subcategory sentiment request_type tags priority group",
               id="assignee_id"),
     *_columns("self", time="first_response_at resolved_at"),
     *_columns("resolved_at", text="resolution", number="csat nps cost"),
     *_columns("resolved_at", text="survey_comment", category="status")),
    needed=("ticket_id",), needed_any=("subject", "body"), key=("ticket_id",), time="created_at", numbered=True,
    extra_known_at="resolved_at",
)
_TICKET_EVENTS = TableSchema(
    "ticket_events",
    _columns("at", id="ticket_id", time="at", category="event group") + _columns("at", id="assignee_id"),
    needed=("ticket_id", "at", "event"), time="at", extra_known_at="at",
)
_ASSIGNEES = TableSchema(
    "assignees",
    _columns(ALWAYS, id="assignee_id", text="name", category="group skills", number="capacity", flag="active"),
    needed=("assignee_id",), key=("assignee_id",),
)
_TAXONOMY = TableSchema(
    "taxonomy",
    (*_columns(ALWAYS, category="field value", id="external_id", text="name"),
     *_columns(ALWAYS, category="parent", flag="active"),
     *_columns(ALWAYS, category="renamed_from", flag="auto_allowed")),
    needed=("field", "value"), key=("field", "value"),
)
_CUSTOMERS = TableSchema(
    "customers",
    (*_columns("since", id="customer_id", text="name", category="customer_tier region", time="since"),
     *_columns("since", category="owner", number="annual_value"),
     *_columns("since", category="currency", time="renewal_at"),
     *_columns("self", time="churned_at"),
     *_columns(NEVER, flag="churned")),
    needed=("customer_id",), key=("customer_id",), time="since", numbered=True, extra_known_at="since",
)
_INTERACTIONS = TableSchema(
    "interactions",
    _columns("at", id="customer_id", time="at", category="kind", number="value") + _columns("at", category="product")
    + _columns("at", number="quantity"),
    needed=("customer_id", "at", "kind"), time="at", extra_known_at="at",
)
_DEVICES = TableSchema(
    "devices",
    _columns("installed_at", id="device_id", category="model batch supplier process firmware site region")
    + _columns("installed_at", id="customer_id", time="installed_at"),
    needed=("device_id",), key=("device_id",), time="installed_at", numbered=True, extra_known_at="installed_at",
)
_TELEMETRY = TableSchema(
    "telemetry", _columns("at", id="device_id", time="at"),
    needed=("device_id", "at"), time="at", extra="number", extra_known_at="at",
)
_DEVICE_EVENTS = TableSchema(
    "device_events",
    _columns("at", id="device_id", time="at", category="kind code component level", text="message"),
    needed=("device_id", "at", "kind"), time="at", extra_known_at="at",
)
_RETURNS = TableSchema(
    "returns",
    (*_columns("at", id="return_id customer_id order_id", time="at", category="product channel region"),
     *_columns("at", number="amount", category="reason"),
     *_columns(NEVER, category="outcome")),
    needed=("return_id", "customer_id", "at"), key=("return_id",), time="at", numbered=True, extra_known_at="at",
)
_ARTICLES = TableSchema(
    "articles", _columns(ALWAYS, id="article_id", text="title body", category="category"),
    needed=("article_id", "title", "body"), key=("article_id",), numbered=True,
)

SCHEMAS: Mapping[str, TableSchema] = MappingProxyType({schema.name: schema for schema in (
    _TICKETS, _TICKET_EVENTS, _ASSIGNEES, _TAXONOMY, _CUSTOMERS, _INTERACTIONS, _DEVICES, _TELEMETRY,
    _DEVICE_EVENTS, _RETURNS, _ARTICLES)})


def schema_of(name: str) -> TableSchema:
    """Return the schema called ``name``.

    >>> schema_of("tickets").needed_any
    ('subject', 'body')
    >>> schema_of("ticket")
    Traceback (most recent call last):
    ...
    fenzhen.errors.TableError: got the table 'ticket', expected one of tickets, ticket_events, assignees, ...
    """
    if name not in SCHEMAS:
        raise TableError(f"got the table {name!r}, expected one of {', '.join(SCHEMAS)}")
    return SCHEMAS[name]


def empty_table(name: str) -> pd.DataFrame:
    """Return a canonical frame without rows.

    >>> str(empty_table("tickets")["created_at"].dtype)
    'datetime64[us, UTC]'
    """
    schema = schema_of(name)
    return pd.DataFrame({column.name: pd.Series([], dtype=column.dtype) for column in schema.columns})


def mark(frame: pd.DataFrame, *, absent: Iterable[str] = (), known_at: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return ``frame`` that remembers which columns its sources lack and when columns became known, if not as usual.

    The marks live in ``frame.attrs``. Where they get lost, :func:`fenzhen.known.as_known` is stricter, never laxer.
    """
    frame.attrs = {**frame.attrs, "absent": sorted({*absent_columns(frame), *absent}),
                   "known_at": {**frame.attrs.get("known_at", {}), **(known_at or {})}}
    return frame


def absent_columns(frame: pd.DataFrame) -> frozenset[str]:
    """Return the columns that the table's sources do not have at all (a column of missing values is not absent)."""
    return frozenset(frame.attrs.get("absent", ()))


def has_row_numbers(frame: pd.DataFrame) -> bool:
    """Return whether some source has no ids, so that row numbers stand for them: they mean nothing elsewhere."""
    return bool(frame.attrs.get("numbered", False))


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with every canonical column in its dtype, in order, then the others; marks are kept.

    Columns that ``frame`` lacks are added as missing and marked as absent. Raises ``TableError`` if values do not
    fit their column's dtype (times must carry a time zone).

    >>> tickets = conform("tickets", pd.DataFrame({"ticket_id": ["1"], "body": ["打印机卡纸"]}))
    >>> len(tickets.columns), "resolved_at" in absent_columns(tickets)
    (27, True)
    """
    schema = schema_of(name)
    columns = {column.name: _conformed(name, column, frame) for column in schema.columns}
    extras = {extra: frame[extra] for extra in frame.columns if extra not in columns}
    result = pd.DataFrame({**columns, **extras}, index=frame.index)
    result.attrs = dict(frame.attrs)
    return mark(result, absent=(column for column in schema.names if column not in frame.columns))


def _conformed(name: str, column: Column, frame: pd.DataFrame) -> pd.Series:
    if column.name not in frame.columns:
        return pd.Series(None, index=frame.index, dtype=column.dtype)
    values = frame[column.name]
    if str(values.dtype) == column.dtype:
        return values
    if column.kind == "time" and getattr(values.dtype, "tz", None) is None and values.notna().any():
        raise TableError(f"{name}.{column.name}: got times of dtype {values.dtype}, expected {column.dtype}")
    try:
        return values.astype(pd.api.types.pandas_dtype(column.dtype))
    except (TypeError, ValueError) as error:
        raise TableError(
            f"{name}.{column.name}: got values of dtype {values.dtype}, expected {column.dtype}") from error
