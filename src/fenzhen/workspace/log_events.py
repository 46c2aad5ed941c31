"""Ticket events that an event log tells: created, assigned, updated, resolved, reopened, closed and what is mapped."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.tables import conform
from fenzhen.workspace.event_order import EventRows

__all__ = ["PEOPLE", "done_rows", "ticket_events"]

PEOPLE = ("group", "assignee_id")
"""Labels that say who holds a ticket."""

Mask = NDArray[np.bool_]


def done_rows(rows: EventRows, kinds: Mapping[str, Mask]) -> Mask:
    """Return after which rows a ticket is done: from resolved or closed on, until reopened.

    Where the workspace does not say what reopens a ticket, every row does that neither resolves nor closes it.
    """
    nothing = np.zeros(len(rows.ticket), dtype=bool)
    ends = kinds.get("resolved", nothing) | kinds.get("closed", nothing)
    if "reopened" not in kinds:
        return ends
    turns = pd.Series(np.where(ends, 1.0, np.where(kinds["reopened"], 0.0, np.nan)))
    return turns.groupby(rows.ticket).ffill().fillna(0.0).to_numpy() > 0


def ticket_events(rows: EventRows, kinds: Mapping[str, Mask], done: Mask, said: Mapping[str, pd.Series],
                  created_at: pd.Series | None) -> pd.DataFrame:
    """Return the canonical table ticket_events, in order of time, with what the labels said at each event.

    ``kinds`` says which rows the workspace's queries keep, ``said`` what each row says of each label, missing where it
    does not. A ticket is created at ``created_at`` (its first row's time, where that is missing), assigned whenever
    group or person is another than before (in the rows that ``assigned`` keeps, if it is mapped), updated when another
    label is (this event is not of the contract: only logs tell it) and reopened by the first row after it was done. Of
    consecutive rows of one kind the first counts; nothing that later rows say changes an event. Rows without a time
    give none.
    """
    holders = {name: values.groupby(rows.ticket).ffill() for name, values in _assigning(kinds, said).items()}
    people = {name: values for name, values in holders.items() if name in PEOPLE}
    found = {
        "assigned": _changed(rows, people),
        "updated": _changed(rows, {name: values for name, values in holders.items() if name not in PEOPLE}),
        **{kind: mask & ~rows.previous(mask) for kind, mask in kinds.items() if kind not in ("assigned", "reopened")},
        "reopened": ~done & rows.previous(done),
    }
    parts = [_created(rows, created_at), *(_events(rows, kind, mask, holders) for kind, mask in found.items())]
    whole = pd.concat(parts).dropna(subset=["at"]).sort_values(["at", "position"], kind="stable")
    return conform("ticket_events", whole.drop(columns="position").reset_index(drop=True))


def _assigning(kinds: Mapping[str, Mask], said: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    if "assigned" not in kinds:
        return dict(said)
    return {name: values.where(kinds["assigned"]) if name in PEOPLE else values for name, values in said.items()}


def _changed(rows: EventRows, holders: Mapping[str, pd.Series]) -> Mask:
    changed = np.zeros(len(rows.ticket), dtype=bool)
    for values in holders.values():
        texts = values.astype(object).where(values.notna(), None)
        before = texts.shift().where(~rows.starts, None)
        changed |= (texts.notna() & (texts != before)).to_numpy(dtype=bool)
    return changed


def _created(rows: EventRows, created_at: pd.Series | None) -> pd.DataFrame:
    firsts = np.flatnonzero(rows.starts)
    written = rows.at.iloc[firsts].reset_index(drop=True)
    at = written if created_at is None else created_at.reset_index(drop=True).fillna(written)
    return pd.DataFrame({"ticket_id": rows.ids, "at": at, "event": "created", "position": -1})


def _events(rows: EventRows, kind: str, mask: Mask, holders: Mapping[str, pd.Series]) -> pd.DataFrame:
    positions = np.flatnonzero(mask)
    who = {name: values.iloc[positions].to_numpy(dtype=object) for name, values in holders.items()}
    return pd.DataFrame({
        "ticket_id": rows.ids.iloc[rows.ticket[positions]].to_numpy(dtype=object),
        "at": rows.at.iloc[positions].array, "event": kind, **who, "position": positions,
    })
