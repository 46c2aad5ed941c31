"""How far each field and value may go: ``off``, ``suggest`` or ``auto``; every change is in the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Column, Table, delete, insert, select
from sqlalchemy.engine import Connection

from fenzhen.errors import StoreError
from fenzhen.store import ledger
from fenzhen.store.columns import METADATA, Key, Moment, Words
from fenzhen.store.revisions import advance, revisions

__all__ = ["ALL", "MODES", "Mode", "ModeChange", "ModeRow", "Modes"]

Mode = Literal["off", "suggest", "auto"]
ALL = "*"
_ORDER: tuple[Mode, ...] = get_args(Mode)
_DEFAULT: Mode = "suggest"

MODES = Table(
    "modes", METADATA,
    Column("field", Key, primary_key=True),
    Column("value", Key, primary_key=True),
    Column("mode", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ModeRow:
    """What an administrator has set for a field (``*``: all) and a value (``*``: all)."""

    field: str
    value: str
    mode: Mode
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ModeChange:
    """Set a mode, or with None go back to the default; who and why are kept."""

    field: str
    value: str
    mode: Mode | None
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Modes:
    """All that is set, as of ``revision``."""

    revision: int
    rows: tuple[ModeRow, ...]
    _set: Mapping[tuple[str, str], Mode] = field(repr=False)

    @classmethod
    def of(cls, revision: int, rows: Iterable[ModeRow]) -> "Modes":
        """Return the modes that some rows make."""
        listed = tuple(rows)
        return cls(revision, listed, {(row.field, row.value): row.mode for row in listed})

    def mode(self, name: str, value: str | None = None) -> Mode:
        """Return what holds for a field's value: ``suggest`` unless set, and never above the field's or all fields'.

        So a row for the field or for everything is a kill switch, whatever is set for single values.

        >>> now = datetime.now().astimezone()
        >>> def modes(*rows): return Modes.of(1, [ModeRow(*row, "me", "", now) for row in rows])
        >>> modes(("category", "硬件", "auto")).mode("category", "硬件")
        'auto'
        >>> modes(("category", "硬件", "auto")).mode("category", "软件")
        'suggest'
        >>> modes(("category", "硬件", "auto"), ("category", "*", "suggest")).mode("category", "硬件")
        'suggest'
        >>> modes(("category", "*", "auto"), ("*", "*", "off")).mode("category", "硬件")
        'off'
        """
        everywhere = self._set.get((ALL, ALL), "auto")
        whole = self._set.get((name, ALL))
        own = self._set.get((name, ALL if value is None else value), whole or _DEFAULT)
        return min(everywhere, whole or "auto", own, key=_ORDER.index)


def modes(connection: Connection) -> Modes:
    """Return all that is set. The revision is read first: a change in between is seen as one still to come."""
    revision = revisions(connection).modes
    rows = connection.execute(select(MODES).order_by("field", "value"))
    return Modes.of(revision, [ModeRow(row.field, row.value, row.mode, row.actor, row.reason, row.at) for row in rows])


def set_mode(connection: Connection, change: ModeChange) -> None:
    """Make a change, write it to the ledger and count it; one that changes nothing is not written."""
    _check(change)
    advance(connection, "modes")
    same = (MODES.c.field == change.field) & (MODES.c.value == change.value)
    before = connection.execute(select(MODES.c.mode).where(same)).scalar()
    if before == change.mode:
        return
    connection.execute(delete(MODES).where(same))
    if change.mode is not None:
        connection.execute(insert(MODES).values(
            field=change.field, value=change.value, mode=change.mode, actor=change.actor, reason=change.reason,
            at=change.at))
    ledger.record(connection, ledger.LedgerEntry(
        change.at, change.actor, "mode", "", None, None, change.reason, None, change.field, change.value, before,
        change.mode))


def _check(change: ModeChange) -> None:
    if change.mode is not None and change.mode not in _ORDER:
        raise StoreError(f"got the mode {change.mode!r}, expected one of {', '.join(_ORDER)}")
    if change.field == ALL and change.value != ALL:
        raise StoreError(f"got the value {change.value!r} of all fields, expected a field, or {ALL} for its value")
    if not change.field or not change.value:
        raise StoreError(f"got an empty field or value, expected a name or {ALL}")
