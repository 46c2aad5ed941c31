"""The history that priorities are judged by, kept while tickets come in: plain Python, a tenth of a millisecond each.

Combinations of fields are known by a hash only. The vectorised twin over tables is ``features.priority.as_of``; a
property test ties the two together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.priority.as_of import NEVER, Past
from features.priority.counts import IDENTITIES, LONGEST, SECOND, WINDOWS, key_name, kinds_of, level_kinds
from features.priority.space import PrioritySpace
from features.priority.timeline import KIND_BYTES, Timeline, packed
from features.priority.tokens import hashed

__all__ = ["KeptFacts", "PriorityState", "moment_of"]

Int64 = NDArray[np.int64]
_NOBODY = 0
_WINDOWS = tuple(WINDOWS.values())
MOST_TICKETS = 200_000
"""Tickets that are kept before those are forgotten that no window reaches any more."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(time: datetime) -> int:
    """Return a time with its zone as whole microseconds UTC.

    >>> moment_of(datetime.fromisoformat("1970-01-01T08:00:01+08:00"))
    1000000
    """
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


@dataclass(frozen=True, eq=False)
class KeptFacts:
    """A state as arrays: ``tickets`` uint64 (tickets, 1 + keys), a ticket's hash and its places; ``filed_at`` int64;
    ``seen`` int64 (facts, 3): position of the ticket, level, time."""

    tickets: NDArray[np.uint64]
    filed_at: Int64
    seen: Int64


class PriorityState:
    """Facts by key; times are whole microseconds UTC.

    Facts may come in any order and more than once: a ticket counts as filed once, and as seen at a level from the
    first time on.
    """

    def __init__(self, space: PrioritySpace, kept: KeptFacts | None = None) -> None:
        self.space = space
        self._keys = [(key_name(key), key, IDENTITIES.intersection(key)) for key in space.keys]
        self._kinds = len(kinds_of(len(space.order)))
        self._filed = packed([0])
        self._seen_at = [packed(level_kinds(level, len(space.order))) for level in range(len(space.order))]
        self._levels = {name: level for level, name in enumerate(space.order)}
        self._lines: dict[int, Timeline] = {}
        self._tickets: dict[int, tuple[tuple[int, ...], int]] = {}
        self._seen: dict[tuple[int, int], int] = {}
        self.newest = 0
        self._most = MOST_TICKETS
        if kept is not None:
            self._restore(kept)

    def __len__(self) -> int:
        return len(self._tickets)

    def file(self, tickets: Iterable[Mapping[str, Any]]) -> None:
        """Take note of new tickets, dicts with ``ticket_id`` (or ``id``), ``created_at`` and their fields.

        One that is known already, and one without id or time, changes nothing.
        """
        for ticket in tickets:
            name, filed_at = ticket.get("ticket_id") or ticket.get("id"), ticket.get("created_at")
            if name is not None and isinstance(filed_at, datetime):
                places = self.places(self.space.values(ticket, filed_at))
                self._file(hashed(str(name)), places, moment_of(filed_at))

    def update(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Take note of what happened: dicts with ``ticket_id``, ``at`` and perhaps the label; others tell nothing.

        Nor does an event of a ticket that was never filed here.
        """
        for event in events:
            level, at = self._levels.get(str(event.get(self.space.label))), event.get("at")
            if level is not None and isinstance(at, datetime):
                self._see(hashed(str(event.get("ticket_id"))), level, moment_of(at))
        if len(self._tickets) > self._most:
            self.prune(self.newest)
            self._most = max(MOST_TICKETS, 2 * len(self._tickets))

    def take(self, past: Past, since: int) -> None:
        """Take note of everything in ``past`` that was filed from ``since`` on; its fields are those of the space."""
        rows = np.flatnonzero((past.filed_at >= since) & (past.filed_at < NEVER))
        names = [hashed(str(past.ids[row])) for row in rows]
        for name, row in zip(names, rows.tolist(), strict=True):
            values = {field: column[row] for field, column in past.values.items()}
            self._file(name, self.places(values), int(past.filed_at[row]))
        named = dict(zip(rows.tolist(), names, strict=True))
        for row, level, at in past.seen[["row", "level", "at"]].to_numpy(dtype=np.int64).tolist():
            if row in named:
                self._see(named[row], level, at)

    def places(self, values: Mapping[str, str]) -> tuple[int, ...]:
        """Return where the facts of a ticket with these fields are kept, a number for each key."""
        return tuple(
            hashed("\x1f".join([name, *[values[field] for field in fields]]))
            if all(values[field] for field in identities) else _NOBODY
            for name, fields, identities in self._keys)

    def counts(self, places: tuple[int, ...], at: int) -> Int64:
        """Return the counts strictly before ``at``, int64 of shape (keys, kinds, windows, 1)."""
        since, size = [at - window for window in _WINDOWS], KIND_BYTES * self._kinds
        nothing, lines = bytes(size * len(since)), self._lines
        found = [(line.counts(since, at, size) if (line := lines.get(place)) else None) or nothing for place in places]
        counts = np.frombuffer(b"".join(found), dtype="<u4").reshape(len(places), len(since), self._kinds, 1)
        return counts.swapaxes(1, 2).astype(np.int64, order="C")

    def prune(self, before: int) -> None:
        """Forget what no window reaches from ``before`` on."""
        edge = before - LONGEST
        for line in self._lines.values():
            line.forget(edge)
        self._lines = {place: line for place, line in self._lines.items() if len(line)}
        self._tickets = {name: fact for name, fact in self._tickets.items() if fact[1] >= edge}
        self._seen = {fact: at for fact, at in self._seen.items() if fact[0] in self._tickets}

    def kept(self) -> KeptFacts:
        """Return the state as arrays, tickets in the order of their filing."""
        names = sorted(self._tickets, key=lambda name: (self._tickets[name][1], name))
        row = {name: place for place, name in enumerate(names)}
        seen = sorted((row[name], level, at) for (name, level), at in self._seen.items())
        tickets = [(name, *self._tickets[name][0]) for name in names]
        return KeptFacts(
            np.array(tickets, dtype=np.uint64).reshape(len(names), 1 + len(self.space.keys)),
            np.array([self._tickets[name][1] for name in names], dtype=np.int64),
            np.array(seen, dtype=np.int64).reshape(len(seen), 3))

    def _restore(self, kept: KeptFacts) -> None:
        rows = kept.tickets.tolist()
        for (name, *places), at in zip(rows, kept.filed_at.tolist(), strict=True):
            self._file(name, tuple(places), at)
        for row, level, at in kept.seen.tolist():
            self._see(rows[row][0], level, at)

    def _file(self, name: int, places: tuple[int, ...], at: int) -> None:
        if name not in self._tickets:
            self.newest = max(self.newest, at)
            self._tickets[name] = (places, at)
            self._count(places, self._filed, at)

    def _see(self, name: int, level: int, at: int) -> None:
        if name not in self._tickets:
            return
        places, filed_at = self._tickets[name]
        at = max(at, filed_at)  # whatever the clocks say: a ticket's own level never counts for it
        before, kinds = self._seen.get((name, level)), self._seen_at[level]
        if before is not None and before <= at:
            return
        if before is not None:
            self._forget(places, kinds, before)
        self._seen[name, level] = at
        self._count(places, kinds, at)

    def _count(self, places: tuple[int, ...], kinds: int, at: int) -> None:
        for place in places:
            if place != _NOBODY:
                line = self._lines.get(place)
                if line is None:
                    line = self._lines[place] = Timeline()
                line.add(at, kinds)

    def _forget(self, places: tuple[int, ...], kinds: int, at: int) -> None:
        for place in places:
            if place != _NOBODY:
                self._lines[place].remove(at, kinds)
