"""Tickets as a priority model reads them: fields, words, the past, and the level that was known at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.filed_fields import FiledFields, fields_at_filing
from features.priority.as_of import Past, levels_seen, microseconds
from fenzhen.tables import Tables
from models.policy import Policy
from models.priority.urgency import urgency_order

__all__ = ["PriorityRows", "priority_order", "priority_rows", "readable_fields", "renamed", "text_of"]

Objects = NDArray[np.object_]
Int64 = NDArray[np.int64]
_SLICES = ("channel", "product", "region", "created_at")


@dataclass(frozen=True, eq=False)
class PriorityRows:
    """Tickets in the order of their table.

    ``values``: field -> texts; ``watched``: those that rules look at. ``at``: creation in microseconds. ``levels``: the
    place in the order of what was known last, -1 for nothing. ``past``: what had been known of all tickets.
    ``subjects`` and ``bodies`` hold None where there is no text.
    """

    ids: Objects
    fields: FiledFields
    values: dict[str, Objects]
    watched: dict[str, Objects]
    at: Int64
    levels: Int64
    subjects: Objects
    bodies: Objects
    past: Past
    slices: pd.DataFrame
    segmented: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Int64) -> "PriorityRows":
        """Return the tickets at these positions; the past stays whole."""
        return replace(
            self, ids=self.ids[rows], values={name: column[rows] for name, column in self.values.items()},
            watched={name: column[rows] for name, column in self.watched.items()},
            at=self.at[rows], levels=self.levels[rows], subjects=self.subjects[rows], bodies=self.bodies[rows],
            slices=self.slices.iloc[rows])

    @property
    def has_text(self) -> bool:
        """Whether any ticket has words."""
        return any(text for column in (self.subjects, self.bodies) for text in column)

    @property
    def texts(self) -> list[str]:
        """What people read of each ticket: its words, or its fields where it has none."""
        return [text_of(subject, body) or "; ".join(f"{name}={column[row]}" for name, column in self.values.items())
                for row, (subject, body) in enumerate(zip(self.subjects, self.bodies, strict=True))]


def text_of(subject: str | None, body: str | None) -> str:
    """Return subject and body as one text."""
    return f"{subject or ''} {body or ''}".strip()


def priority_order(given: Sequence[str], tables: Tables, label: str) -> tuple[str, ...]:
    """Return the order that was ``given``, or that of the values in tickets and events as their names say."""
    if given:
        return tuple(given)
    columns = [frame[label] for name in ("tickets", "ticket_events") if label in (frame := tables[name]).columns]
    return tuple(urgency_order(str(value) for column in columns for value in column.dropna().unique()))


def renamed(tables: Tables, label: str, field: str, policy: Policy) -> dict[str, pd.DataFrame]:
    """Return the tables with the label's values under today's names; values that are inactive are missing."""
    return {name: _renamed(frame, label, field, policy) if name in ("tickets", "ticket_events") else frame
            for name, frame in tables.items()}


def _renamed(frame: pd.DataFrame, label: str, field: str, policy: Policy) -> pd.DataFrame:
    if label not in frame.columns:
        return frame
    values = [str(value) for value in frame[label].dropna().unique()]
    names = {value: policy.current(field, value) for value in values}
    kept = {value: name if policy.find(field, name).active else None for value, name in names.items()}
    if all(value == name for value, name in kept.items()):
        return frame
    found = frame.assign(**{label: frame[label].map(kept).astype("str")})
    found.attrs = dict(frame.attrs)
    return found


def priority_rows(tables: Tables, fields: FiledFields, label: str, order: Sequence[str], *, past: Past | None = None,
                  watched: Sequence[str] = (), segmented: bool = False) -> PriorityRows:
    """Return the tickets of ``tables``; ``past`` (default: what these tables themselves tell) is what their history is
    read from, each as of its own creation. ``watched`` are columns that rules look at."""
    tickets = tables["tickets"]
    values, at = fields.of_tables(tables), microseconds(tickets["created_at"])
    seen = levels_seen(tables, label, order)
    return PriorityRows(
        ids=tickets["ticket_id"].to_numpy(dtype=object), fields=fields, values=values,
        watched=FiledFields(tuple(watched), fields.time_zone).of_tables(tables), at=at,
        levels=_last_levels(seen, len(tickets)),
        subjects=_words(tickets, "subject"), bodies=_words(tickets, "body"),
        past=Past(tickets["ticket_id"].to_numpy(dtype=object), values, at, seen) if past is None else past,
        slices=tickets[[name for name in _SLICES if name in tickets.columns]], segmented=segmented)


def readable_fields(tables: Tables, context: Sequence[str], label: str, time_zone: str) -> FiledFields:
    """Return the fields that are known when a ticket is filed."""
    return FiledFields(fields_at_filing(tables, context, label), time_zone)


def _last_levels(seen: pd.DataFrame, size: int) -> Int64:
    levels = np.full(size, -1, dtype=np.int64)
    ordered = seen.sort_values("at", kind="stable")
    levels[ordered["row"].to_numpy(dtype=np.int64)] = ordered["level"].to_numpy(dtype=np.int64)
    return levels


def _words(tickets: pd.DataFrame, column: str) -> Objects:
    values: Any = tickets[column].astype(object) if column in tickets.columns else None
    if values is None:
        return np.full(len(tickets), None, dtype=object)
    found: Objects = values.where(values.notna(), None).to_numpy(dtype=object)
    return found
