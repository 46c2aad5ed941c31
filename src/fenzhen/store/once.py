"""Inserts that leave rows alone which are there already."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

__all__ = ["or_nothing"]


def or_nothing(connection: Connection, table: Table) -> Any:
    """Return an insert that skips what any unique index of ``table`` holds already."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()
