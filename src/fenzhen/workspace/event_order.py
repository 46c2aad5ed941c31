"""The rows of an event log in the order of each ticket's life."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.workspace.event_log_config import EventLogConfig
from fenzhen.workspace.masking import masked
from fenzhen.workspace.problem import Problem
from fenzhen.workspace.times import to_utc
from fenzhen.workspace.values import convert

__all__ = ["EventRows", "event_rows", "order_keys"]

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class EventRows:
    """Rows with an id, sorted by ticket (in order of first appearance) and within it by the order column.

    ``order`` are their positions in the source, ``ticket`` counts the tickets of the sorted rows, ``at`` is when
    each was written, ``ids`` the id of each ticket. Positions that methods take and give are those of sorted rows;
    -1 stands for none.
    """

    order: Positions
    ticket: Positions
    at: pd.Series
    ids: pd.Series
    problems: list[Problem] = field(default_factory=list)

    @property
    def starts(self) -> NDArray[np.bool_]:
        """Which sorted rows are the first of their ticket."""
        return np.diff(self.ticket, prepend=-1) > 0

    @property
    def first(self) -> Positions:
        """The position in the source of each ticket's first row."""
        return self.order[self.starts]

    def previous(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return what the row before says, false for a ticket's first row."""
        return np.concatenate([[False], values[:-1]])[:len(values)] & ~self.starts

    def last(self, mask: NDArray[np.bool_]) -> Positions:
        """Return each ticket's last row where ``mask`` holds."""
        found = np.full(len(self.ids), -1, dtype=np.int64)
        rows = np.flatnonzero(mask)
        found[self.ticket[rows]] = rows  # of several the last one stays
        return found

    def start_of_last_run(self, mask: NDArray[np.bool_]) -> Positions:
        """Return where the run of ``mask`` starts that lasts to the ticket's last row."""
        starts = self.last(mask & ~self.previous(mask))
        ends = np.flatnonzero(np.append(self.starts[1:], True)[:len(self.ticket)])
        return np.where(mask[ends], starts, -1) if len(ends) else starts

    def chosen(self, values: pd.Series, matches: NDArray[np.bool_], take: str) -> Positions:
        """Return the row that each ticket's value is taken from; of a last value that is missing, -1."""
        known = matches & values.notna().to_numpy()
        if take == "first_known":
            rows = np.flatnonzero(known)[::-1]
            found = np.full(len(self.ids), -1, dtype=np.int64)
            found[self.ticket[rows]] = rows
            return found
        found = self.last(known if take == "last_known" else matches)
        return np.where(known[found], found, -1) if len(known) else found

    def start_of_value(self, values: pd.Series, chosen: Positions) -> Positions:
        """Return since which row the value of the ``chosen`` row stands there without another one between."""
        filled = values.groupby(self.ticket).ffill()
        same = (filled == filled.shift()).fillna(False).to_numpy(dtype=bool) & ~self.starts
        since = np.maximum.accumulate(np.where(~same, np.arange(len(values)), 0)) if len(values) else chosen
        return np.where(chosen >= 0, since[chosen], -1) if len(values) else chosen

    def time_of(self, rows: Positions) -> pd.Series:
        """Return when each of ``rows`` was written, NaT for -1."""
        if not len(self.at):
            return self.at.reset_index(drop=True)
        times = self.at.iloc[rows].reset_index(drop=True)
        return times.where(rows >= 0)


def event_rows(raw: pd.DataFrame, id_column: str, log: EventLogConfig, time_zone: str,
               time_format: str | None) -> EventRows:
    """Return the rows of ``raw`` in order, with what is wrong with their ids, order and times.

    Without the order column, as in new rows of one update a ticket, the source's own order holds.
    """
    ids = convert(raw[id_column], "id", time_zone).values
    keys, problems = _keys(raw, log, time_zone, time_format)
    codes, unique = pd.factorize(ids)
    kept = np.flatnonzero(codes >= 0)
    order = kept[np.lexsort((keys[kept], codes[kept]))].astype(np.int64)
    at = (to_utc(raw[log.at], time_zone, time_format) if log.at in raw.columns
          else pd.Series(pd.NaT, index=raw.index, dtype="datetime64[us, UTC]"))
    rows = EventRows(order, codes[order].astype(np.int64), at.iloc[order].reset_index(drop=True),
                     pd.Series(unique, dtype="str"))
    problems += _id_problems(codes) + _time_problems(raw, log, at) + _sequence_problems(rows, keys, log)
    return EventRows(rows.order, rows.ticket, rows.at, rows.ids, problems)


def order_keys(values: pd.Series, time_zone: str, time_format: str | None = None) -> NDArray[np.float64]:
    """Return sort keys: numbers where every value is one, else times likewise, else text; missing ones last.

    >>> order_keys(pd.Series(["10", "9", None], dtype="str"), "UTC").tolist()
    [10.0, 9.0, inf]
    >>> order_keys(pd.Series(["1/2/2026", "31/1/2026"], dtype="str"), "UTC", "%d/%m/%Y").argsort().tolist()
    [1, 0]
    """
    present = int(values.notna().sum())
    numbers = convert(values, "number", time_zone).values
    if int(numbers.notna().sum()) == present:
        return numbers.fillna(np.inf).to_numpy(dtype=np.float64)
    times = to_utc(values, time_zone, time_format)
    if int(times.notna().sum()) == present:
        return _ranks(times)
    return _ranks(values.astype("str"))


def _ranks(values: pd.Series) -> NDArray[np.float64]:
    return np.asarray(values.rank(method="dense", na_option="keep").fillna(np.inf), dtype=np.float64)


def _keys(raw: pd.DataFrame, log: EventLogConfig, time_zone: str,
          time_format: str | None) -> tuple[NDArray[np.float64], list[Problem]]:
    if log.order in raw.columns:
        keys = order_keys(raw[log.order], time_zone, time_format)
        missing = int(np.isinf(keys).sum())
        problem = f"{log.order!r} is missing: such a row counts as its ticket's last"
        return keys, [Problem("", "order", problem, missing, severity="warning")] if missing else []
    problem = f"the source column {log.order!r} is missing: rows are taken in the order they come in"
    return np.zeros(len(raw)), [Problem("", "order", problem)]


def _id_problems(codes: NDArray[np.intp]) -> list[Problem]:
    missing = int((codes < 0).sum())
    return [Problem("", "ticket_id", "the id is missing: the row is left out", missing)] if missing else []


def _time_problems(raw: pd.DataFrame, log: EventLogConfig, at: pd.Series) -> list[Problem]:
    if log.at not in raw.columns:
        return [Problem("", "at", f"the source column {log.at!r} is missing: nothing after filing has a time")]
    unreadable = raw[log.at][at.isna() & raw[log.at].notna()]
    missing = int(raw[log.at].isna().sum())
    problems = []
    if len(unreadable):
        examples = tuple(masked(value, "at") for value in unreadable.drop_duplicates().iloc[:3])
        problems.append(Problem("", "at", f"{log.at!r} cannot be read as a time; say how it is written with "
                                          "time_format", len(unreadable), examples))
    if missing:
        problems.append(Problem("", "at", f"{log.at!r} is missing: what the row says is never known", missing,
                                severity="warning"))
    return problems


def _sequence_problems(rows: EventRows, keys: NDArray[np.float64], log: EventLogConfig) -> list[Problem]:
    """Return where rows repeat a place in the order, and where their times run backwards."""
    ordered = keys[rows.order]
    inside = ~rows.starts
    equal = inside & (ordered == np.roll(ordered, 1))
    problems = []
    if log.order != log.at and equal.any():
        problems.append(_at_tickets(rows, equal, f"the same {log.order!r} stands in several rows of a ticket: the "
                                                 "order of the source decides"))
    backwards = inside & (rows.at < rows.at.shift()).fillna(False).to_numpy(dtype=bool)
    if backwards.any():
        problems.append(_at_tickets(rows, backwards, f"the time {log.at!r} lies before that of the row before it"))
    return problems


def _at_tickets(rows: EventRows, mask: NDArray[np.bool_], problem: str) -> Problem:
    tickets = rows.ids.iloc[np.unique(rows.ticket[mask])[:3]]
    examples = tuple(masked(value, "ticket_id") for value in tickets)
    return Problem("", "order", problem, int(mask.sum()), examples, "warning")
