"""Column types that mean the same on SQLite and PostgreSQL, and the catalogue that all tables belong to."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA = MetaData()

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""A number given in the order of writing: what came first, whatever the clock says."""

DOCUMENT: TypeEngine[Any] = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value; :func:`dumped` writes it."""

LONGEST_KEY = 400
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_UNFIT = re.compile("[\0\ud800-\udfff]")


class Moment(TypeDecorator[datetime]):
    """A moment with its time zone, kept as UTC to the microsecond.

    SQLite holds ISO 8601 text of one width, so that text order is time order.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use text on SQLite."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn an aware moment into what the database keeps."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"got {value.isoformat()} without a time zone, expected an aware moment")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return an aware moment in UTC."""
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if dialect.name == "sqlite" else value
        return moment.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text as people send it; what no database takes (NUL, halves of surrogate pairs) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Replace what cannot be kept."""
        return None if value is None else cleaned(value)


class Key(Words):
    """Text that is looked up: an id or a name of at most ``LONGEST_KEY`` characters."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what would not fit into an index."""
        if value is not None and len(value) > LONGEST_KEY:
            raise ValueError(f"got an id of {len(value)} characters, expected at most {LONGEST_KEY}")
        return super().process_bind_param(value, dialect)


def cleaned(text: str) -> str:
    """Return ``text`` as a database can keep it.

    >>> cleaned("卡纸" + chr(0) + chr(0xD800)) == "卡纸" + 2 * chr(0xFFFD)
    True
    """
    return text if text.isascii() and "\0" not in text else _UNFIT.sub("\ufffd", text)


def dumped(value: Any) -> str:
    """Return JSON that both databases take; a number that is not finite becomes null.

    >>> dumped({"value": "硬件", "weight": float("nan")})
    '{"value":"硬件","weight":null}'
    """
    try:
        text = _ENCODER.encode(value)
    except ValueError:  # a number that is not finite
        text = _ENCODER.encode(_finite(value))
    return cleaned(text).replace("\\u0000", "\\ufffd")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
