"""What a list of accounts is asked for: filters, order, page and format, from the query of an address."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from fenzhen.store import CHANGES, LEVELS
from serving.accounts.index import SORTS, Condition
from serving.body import invalid
from serving.parameters import Parameters, member, text_of, whole

__all__ = ["HANDLED", "AccountQuery", "Cursor", "read_query"]

Format = Literal["json", "csv", "xlsx"]
HANDLED = ("none", "contacted", "snoozed", "saved", "lost")
"""What was last said of an account; ``none``: nothing, or it was snoozed until a moment that is past."""
MOST: Mapping[str, int] = {"json": 200, "csv": 100_000, "xlsx": 20_000}
USUAL: Mapping[str, int] = {"json": 50, "csv": 100_000, "xlsx": 20_000}
DEFAULT_SORT = "-probability"
PARAMETERS = ("customer_tier", "risk_level", "owner", "region", "change", "handled", "renewal_from", "renewal_until",
              "changed_since", "q", "sort", "limit", "cursor", "format")
_ORDERS = (*(f"-{sort}" for sort in SORTS), *SORTS)


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
    read = Parameters(asked, zone)
    form = cast(Format, read.one("format", lambda text: member(text, tuple(MOST)), "json"))
    cursor = read.one("cursor", read_cursor, None)
    found = AccountQuery(
        condition=Condition(
            owner=read.many("owner"), customer_tier=read.many("customer_tier"), region=read.many("region"),
            risk_level=read.many("risk_level", LEVELS), change=read.many("change", CHANGES),
            renewal_from=read.one("renewal_from", read.moment, None),
            renewal_until=read.one("renewal_until", read.moment, None),
            changed_since=read.one("changed_since", read.moment, None), text=read.one("q", text_of, ""),
        ),
        handled=read.many("handled", HANDLED),
        sort=read.one("sort", lambda text: member(text, _ORDERS), DEFAULT_SORT if cursor is None else cursor.sort),
        limit=read.one("limit", lambda text: whole(text, MOST[form]), USUAL[form]), cursor=cursor, format=form,
    )
    read.refuse_others(PARAMETERS)
    if cursor is not None and cursor.sort != found.sort:
        read.wrong("cursor", "other_sort", "expected the sort that the cursor was made with")
    if read.errors:
        raise invalid(read.errors)
    return found
