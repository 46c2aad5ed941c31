"""The history that priorities are judged by, for many tickets at once, each as of its own creation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.filed_fields import FiledFields
from features.priority.counts import IDENTITIES, WINDOWS, Key, kinds_of, level_kinds
from features.priority.recent_counts import RecentCounts
from fenzhen.known import known_at_column
from fenzhen.tables import Tables, schema_of

__all__ = ["NEVER", "Past", "levels_seen", "microseconds", "past_of"]

Int64 = NDArray[np.int64]
Objects = NDArray[np.object_]
NEVER = np.iinfo(np.int64).max // 4
"""The time of what has no time: later than anything."""


@dataclass(frozen=True, eq=False)
class Past:
    """Facts of many tickets: when each was filed and with which ``values``, and which was seen when at which level.

    ``ids`` are the tickets'; ``filed_at`` are microseconds; ``seen`` has columns ``row`` (position of the ticket),
    ``level`` and ``at``.
    """

    ids: Objects
    values: dict[str, Objects]
    filed_at: Int64
    seen: pd.DataFrame

    def counts(self, values: dict[str, Objects], at: Int64, keys: Sequence[Key], levels: int) -> Int64:
        """Return the counts strictly before each of ``at``, int64 of shape (keys, kinds, windows, rows)."""
        found = np.zeros((len(keys), len(kinds_of(levels)), len(WINDOWS), len(at)), dtype=np.int64)
        rows, level, seen_at = (self.seen[name].to_numpy(dtype=np.int64) for name in ("row", "level", "at"))
        for number, key in enumerate(keys):
            ours, theirs = self._codes(key, values, len(at))
            told = {0: RecentCounts.of(ours, self.filed_at)}
            for kind in range(1, found.shape[1]):
                mine = np.array([kind in level_kinds(each, levels) for each in range(levels)], dtype=bool)[level]
                told[kind] = RecentCounts.of(ours[rows[mine]], seen_at[mine])
            for kind, counts in told.items():
                for place, window in enumerate(WINDOWS.values()):
                    found[number, kind, place] = counts.before(theirs, at, window)
            found[number][:, :, _nobody(key, values, len(at))] = 0
        return found

    def filed(self, values: dict[str, Objects], at: Int64, key: Key) -> Int64:
        """Return how many tickets alike were filed strictly before each of ``at``, int64 of shape (windows, rows)."""
        ours, theirs = self._codes(key, values, len(at))
        counts = RecentCounts.of(ours, self.filed_at)
        found = np.stack([counts.before(theirs, at, window) for window in WINDOWS.values()])
        found[:, _nobody(key, values, len(at))] = 0
        return found

    def _codes(self, key: Key, values: dict[str, Objects], rows: int) -> tuple[Int64, Int64]:
        """Return a code for the facts' tickets and for those that ask, equal where all fields of the key are."""
        codes = np.zeros(len(self.filed_at) + rows, dtype=np.int64)
        for name in key:
            found, unique = pd.factorize(np.concatenate([self.values[name], values[name]]))
            codes = pd.factorize(codes * len(unique) + found)[0].astype(np.int64)
        return codes[:len(self.filed_at)], codes[len(self.filed_at):]


def past_of(tables: Tables, fields: FiledFields, label: str, order: Sequence[str]) -> Past:
    """Return the facts that ``tables`` tell: those of tickets with a time."""
    tickets = tables["tickets"]
    return Past(tickets["ticket_id"].to_numpy(dtype=object), fields.of_tables(tables),
                microseconds(tickets["created_at"]), levels_seen(tables, label, order))


def levels_seen(tables: Tables, label: str, order: Sequence[str]) -> pd.DataFrame:
    """Return when each ticket was first seen at each level: ``row``, ``level`` (its place in ``order``), ``at``.

    Events tell it where they carry the label, as those of event logs do; a label of the table itself is seen when it
    became known. None is seen before its ticket was filed, whatever the clocks of the source say: so that no ticket's
    own level is ever counted for it. Values that are not in ``order`` and times that are missing tell nothing.
    """
    tickets, events = tables["tickets"], tables.get("ticket_events")
    told = [_labels(tickets, label)]
    if events is not None and label in events.columns:
        told.append(events[["ticket_id", "at", label]].set_axis(["ticket_id", "at", "label"], axis=1))
    whole = pd.concat(told, ignore_index=True).dropna()
    rows = pd.Series(np.arange(len(tickets)), index=tickets["ticket_id"])
    rows = rows[~rows.index.duplicated()]
    whole = whole[whole["label"].isin(order) & whole["ticket_id"].isin(rows.index)]
    level = whole["label"].map({name: place for place, name in enumerate(order)})
    row = whole["ticket_id"].map(rows).to_numpy(dtype=np.int64)
    at = np.maximum(microseconds(whole["at"]), microseconds(tickets["created_at"])[row])
    found = pd.DataFrame({"row": row, "level": level.to_numpy(dtype=np.int64), "at": at})
    return pd.DataFrame(found.groupby(["row", "level"], as_index=False).min())


def _labels(tickets: pd.DataFrame, label: str) -> pd.DataFrame:
    if label not in tickets.columns:
        return pd.DataFrame({"ticket_id": [], "at": [], "label": []})
    known_at = known_at_column(schema_of("tickets"), tickets, label)
    at = tickets[known_at] if known_at in tickets else tickets["created_at"]
    return pd.DataFrame({"ticket_id": tickets["ticket_id"], "at": at, "label": tickets[label]})


def microseconds(times: pd.Series) -> Int64:
    """Return UTC times as whole microseconds, ``NEVER`` for missing ones."""
    found = times.astype("datetime64[us, UTC]")
    numbers = np.array(found.astype("int64"), dtype=np.int64)
    numbers[found.isna().to_numpy(dtype=bool)] = NEVER
    return numbers


def _nobody(key: Key, values: dict[str, Objects], rows: int) -> NDArray[np.bool_]:
    nobody = np.zeros(rows, dtype=bool)
    for name in key:
        if name in IDENTITIES:
            nobody |= values[name] == ""
    return nobody
