"""The parameters of an address, read strictly: every one that is unknown or wrong is named."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from serving.problems import FieldError

__all__ = ["LONGEST_ID", "Parameters", "member", "text_of", "whole"]

MOST_VALUES = 100
LONGEST_TEXT = 200
_MOST_DIGITS = 10
LONGEST_ID = 400
"""Characters of an id in an address; a table's ids may be longer than those told in a body."""

Value = TypeVar("Value")


class Parameters:
    """Reads the parameters of an address one by one and remembers what is wrong with them."""

    def __init__(self, asked: QueryParams, zone: ZoneInfo) -> None:
        self._asked = asked
        self._zone = zone
        self.errors: list[FieldError] = []

    def one(self, name: str, read: Callable[[str], Value], default: Value) -> Value:
        """Return a parameter that comes at most once; an empty one counts as left out."""
        texts = [text for text in self._asked.getlist(name) if text]
        if len(texts) > 1:
            self.wrong(name, "given_twice", "expected it once")
        try:
            return read(texts[0]) if len(texts) == 1 else default
        except (ValueError, OverflowError) as error:
            self.wrong(name, "invalid", str(error))
            return default

    def many(self, name: str, allowed: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the values of a parameter, any of which may hold."""
        texts = tuple(dict.fromkeys(text for text in self._asked.getlist(name) if text))
        if len(texts) > MOST_VALUES or any(len(text) > LONGEST_TEXT for text in texts):
            self.wrong(name, "too_long", f"expected at most {MOST_VALUES} values of at most {LONGEST_TEXT} characters")
        elif allowed is not None and not set(texts) <= set(allowed):
            self.wrong(name, "unknown_value", f"expected some of {', '.join(allowed)}")
        return texts

    def moment(self, text: str) -> float:
        """Return a date or a moment with its offset as seconds since 1970."""
        try:
            moment = datetime.fromisoformat(text)
            if len(text) <= len("2026-11-21"):
                moment = moment.replace(tzinfo=self._zone)
        except ValueError:
            moment = datetime.min
        if moment.tzinfo is None:
            raise ValueError("expected a date such as 2026-11-21, or a time with its offset from UTC")
        return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()

    def refuse_others(self, known: Sequence[str]) -> None:
        """Note every parameter that is not among the ``known`` ones."""
        for name in self._asked.keys() - set(known):
            self.wrong(str(name)[:LONGEST_TEXT], "unknown_parameter", "no such parameter")

    def wrong(self, name: str, code: str, message: str) -> None:
        """Note that a parameter is wrong."""
        self.errors.append(FieldError(name, code, message))


def member(text: str, allowed: Sequence[str]) -> str:
    """Return a text that is one of ``allowed``; ``ValueError`` otherwise."""
    if text not in allowed:
        raise ValueError(f"expected one of {', '.join(allowed)}")
    return text


def whole(text: str, most: int) -> int:
    """Return a whole number from 1 to ``most``; ``ValueError`` otherwise."""
    if not (text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS and 1 <= int(text) <= most):
        raise ValueError(f"expected a whole number from 1 to {most:,}")
    return int(text)


def text_of(text: str) -> str:
    """Return a text of bearable length; ``ValueError`` otherwise."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"expected at most {LONGEST_TEXT} characters")
    return text.strip()
