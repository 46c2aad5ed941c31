"""What a list of accounts is asked for: filters, order, page and format, from the query of an address."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeVar, cast
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from fenzhen.store import CHANGES, LEVELS
from serving.accounts.index import SORTS, Condition
from serving.body import invalid
from serving.problems import FieldError

__all__ = ["HANDLED", "AccountQuery", "Cursor", "read_query"]

Format = Literal["json", "csv", "xlsx"]
HANDLED = ("none", "contacted", "snoozed", "saved", "lost")
"""What was last said of an account; ``none``: nothing, or it was snoozed until a moment that is past."""
MOST: Mapping[str, int] = {"json": 200, "csv": 100_000, "xlsx": 20_000}
USUAL: Mapping[str, int] = {"json": 50, "csv": 100_000, "xlsx": 20_000}
MOST_VALUES = 100
LONGEST_TEXT = 200
DEFAULT_SORT = "-probability"
PARAMETERS = ("customer_tier", "risk_level", "owner", "region", "change", "handled", "renewal_from", "renewal_until",
              "changed_since", "q", "sort", "limit", "cursor", "format")
_ORDERS = (*(f"-{sort}" for sort in SORTS), *SORTS)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an order of a run; it stands for the run as it was, whatever has been scored since."""

    run_id: int
    sort: str
    place: int

    def text(self) -> str:
        """Return the cursor as it travels.

        >>> read_cursor(Cursor(7, "-probability", 49).text())
        Cursor(run_id=7, sort='-probability', place=49)
        """
        raw = json.dumps((self.run_id, self.sort, self.place), separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Return what :meth:`Cursor.text` wrote; ``ValueError`` for anything else."""
    try:
        run_id, sort, place = json.loads(base64.b64decode(text[:200] + "==", altchars=b"-_"))
    except (ValueError, TypeError):
        raise ValueError("expected the next_cursor of an answer") from None
    if not (type(run_id) is int and type(place) is int and sort in _ORDERS and 0 <= run_id < 2**53 and place >= 0):
        raise ValueError("expected the next_cursor of an answer")
    return Cursor(run_id, sort, place)


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """One list of accounts. ``handled`` says what people did about them; the rest is a :class:`Condition`."""

    condition: Condition = field(default_factory=Condition)
    handled: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT
    limit: int = USUAL["json"]
    cursor: Cursor | None = None
    format: Format = "json"


def read_query(asked: QueryParams, zone: ZoneInfo) -> AccountQuery:
    """Return the query of an address; a 422 that names every parameter that is unknown or wrong.

    A bare date is midnight in ``zone``.
    """
    read = _Reading(asked, zone)
    form = cast(Format, read.one("format", lambda text: _member(text, tuple(MOST)), "json"))
    cursor = read.one("cursor", read_cursor, None)
    found = AccountQuery(
        condition=Condition(
            owner=read.many("owner"), customer_tier=read.many("customer_tier"), region=read.many("region"),
            risk_level=read.many("risk_level", LEVELS), change=read.many("change", CHANGES),
            renewal_from=read.one("renewal_from", read.moment, None),
            renewal_until=read.one("renewal_until", read.moment, None),
            changed_since=read.one("changed_since", read.moment, None), text=read.one("q", _text, ""),
        ),
        handled=read.many("handled", HANDLED),
        sort=read.one("sort", lambda text: _member(text, _ORDERS), DEFAULT_SORT if cursor is None else cursor.sort),
        limit=read.one("limit", lambda text: _whole(text, MOST[form]), USUAL[form]), cursor=cursor, format=form,
    )
    read.refuse_others()
    if cursor is not None and cursor.sort != found.sort:
        read.wrong("cursor", "other_sort", "expected the sort that the cursor was made with")
    if read.errors:
        raise invalid(read.errors)
    return found


class _Reading:
    """Reads parameters one by one and remembers what is wrong with them."""

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

    def refuse_others(self) -> None:
        """Note every parameter that is none."""
        for name in self._asked.keys() - set(PARAMETERS):
            self.wrong(str(name)[:LONGEST_TEXT], "unknown_parameter", "no such parameter")

    def wrong(self, name: str, code: str, message: str) -> None:
        """Note that a parameter is wrong."""
        self.errors.append(FieldError(name, code, message))


def _member(text: str, allowed: Sequence[str]) -> str:
    if text not in allowed:
        raise ValueError(f"expected one of {', '.join(allowed)}")
    return text


def _whole(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise ValueError(f"expected a whole number from 1 to {most:,}")
    return int(text)


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"expected at most {LONGEST_TEXT} characters")
    return text.strip()
