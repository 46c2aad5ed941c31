"""What a rule that raises may ask for beside words: values of columns, and repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fenzhen.errors import WorkspaceError

__all__ = ["REPEAT_DAYS", "Repeats", "Where", "read_repeats", "read_where"]

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Columns of a ticket, each with the values that count."""
REPEAT_DAYS = (1, 7, 30, 90)
SAME = ("customer_id", "device_id")


@dataclass(frozen=True, slots=True)
class Repeats:
    """At least so many tickets of the same customer or device (``same``) within so many ``days`` before this one."""

    same: str
    days: int
    at_least: int


def read_where(rule: str, content: Any) -> Where:
    """Return columns with their values; ``WorkspaceError`` for anything but lists of texts.

    >>> read_where("vip", {"customer_tier": ["VIP", "金牌"]})
    (('customer_tier', ('VIP', '金牌')),)
    """
    if not isinstance(content, Mapping):
        raise WorkspaceError(f"rule {rule!r}: got where = {content!r}, expected columns with lists of values")
    for name, values in content.items():
        if not isinstance(values, list | tuple) or not values or not all(isinstance(each, str) for each in values):
            raise WorkspaceError(f"rule {rule!r}: got where.{name} = {values!r}, expected a list of texts")
    return tuple((str(name), tuple(values)) for name, values in content.items())


def read_repeats(rule: str, content: Any) -> Repeats | None:
    """Return how many repeats are asked for, None for none; ``WorkspaceError`` for what cannot be counted."""
    if content is None:
        return None
    if not isinstance(content, Mapping) or set(content) != {"same", "days", "at_least"}:
        raise WorkspaceError(f"rule {rule!r}: got repeats = {content!r}, expected {{ same, days, at_least }}")
    same, days, at_least = content["same"], content["days"], content["at_least"]
    if same not in SAME or days not in REPEAT_DAYS:
        raise WorkspaceError(f"rule {rule!r}: got repeats of same = {same!r} within days = {days!r}, expected "
                             f"{' or '.join(SAME)} and one of {', '.join(map(str, REPEAT_DAYS))}")
    if type(at_least) is not int or at_least < 1:
        raise WorkspaceError(f"rule {rule!r}: got at_least = {at_least!r}, expected a whole number from 1 on")
    return Repeats(same, days, at_least)
