"""Values that calls accept: texts are strict, but whole numbers are ids too (helpdesks count tickets)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200


def as_id(value: Any) -> Any:
    """Return a whole number as text, anything else as it is.

    >>> as_id(17), as_id("T-1"), as_id(True)
    ('17', 'T-1', True)
    """
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def aware_time(value: Any) -> datetime:
    """Return an ISO 8601 text as a time with its offset; ``ValueError`` for a naive one.

    >>> aware_time("2026-11-21T09:00:00+08:00").isoformat()
    '2026-11-21T09:00:00+08:00'
    >>> aware_time("2026-11-21T09:00:00")
    Traceback (most recent call last):
        ...
    ValueError: expected a time with an offset from UTC such as 2026-11-21T09:00:00+08:00
    """
    wanted = ValueError("expected a time with an offset from UTC such as 2026-11-21T09:00:00+08:00")
    if not isinstance(value, str):
        raise wanted
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise wanted from None
    if time.tzinfo is None:
        raise wanted
    if not EARLIEST_YEAR <= time.year <= LATEST_YEAR:
        raise ValueError(f"expected a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return time


def without_nul(value: str) -> str:
    """Return a text that databases can hold; ``ValueError`` for one with the character U+0000."""
    if "\0" in value:
        raise ValueError("expected a text without the character U+0000")
    return value


def not_blank(value: str) -> str:
    """Return a text that says something; ``ValueError`` for blanks alone, which nobody could tell apart.

    >>> not_blank(" 王工 ")
    ' 王工 '
    """
    if not value.strip():
        raise ValueError("expected more than blanks")
    return value


def plain_value(value: Any) -> Any:
    """Return a text of at most 200 characters, number, truth value or null; ``ValueError`` for anything else."""
    if isinstance(value, str) and len(value) > 200:
        raise ValueError("expected at most 200 characters")
    if isinstance(value, str):
        return without_nul(value)
    if isinstance(value, int) and not -(2**53) <= value <= 2**53:
        raise ValueError("expected a whole number of at most 2^53")
    if isinstance(value, (list, dict)):
        raise ValueError("expected a text, a number, true, false or null")
    return value


LONGEST_ID = 200
Id = Annotated[
    str,
    BeforeValidator(as_id),
    StringConstraints(min_length=1, max_length=LONGEST_ID),
    AfterValidator(without_nul),
    AfterValidator(not_blank),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_ID}, {"type": "integer"}]}),
]
Word = Annotated[str, StringConstraints(max_length=200), AfterValidator(without_nul)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(without_nul), AfterValidator(not_blank),
]
Time = Annotated[
    datetime, BeforeValidator(aware_time), WithJsonSchema({"type": "string", "format": "date-time"}),
]
Plain = Annotated[
    Any,
    AfterValidator(plain_value),
    WithJsonSchema({"anyOf": [{"type": kind} for kind in ("string", "number", "boolean", "null")]}),
]


class StrictRequest(BaseModel):
    """What a call accepts: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
