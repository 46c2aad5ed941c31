"""A history as files of an artefact, and back: counts as arrays, names and going tickets as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from features.routing.assignee_history import ToldTicket
from features.routing.candidate_history import PROFILE
from features.routing.history_snapshot import CELL, CountedKey, HistorySnapshot
from features.routing.ticket_story import TicketEvent, story
from fenzhen.errors import ArtefactError
from models.artefact import read_array, read_json

__all__ = ["HISTORY_FILES", "history_files", "read_history", "read_told", "told_files"]

_NAMES, _VALUES, _TOLD = "history_names.json", "history_values.json", "going_tickets.json"
_WHO, _CELLS, _TOTALS, _STARTS, _PROFILE = (
    "history_who.npy", "history_cells.npy", "history_totals.npy", "history_starts.npy", "history_profile.npy")
HISTORY_FILES = (_NAMES, _VALUES, _TOLD, _WHO, _CELLS, _TOTALS, _STARTS, _PROFILE)


def history_files(snapshot: HistorySnapshot) -> dict[str, Any]:
    """Return the files of a snapshot: its keys' counts one after another, those by group last."""
    counted = [*snapshot.keys, snapshot.groups]
    return {
        _NAMES: {"at": snapshot.at, "candidates": list(snapshot.candidates), "last_group": list(snapshot.last_group)},
        _VALUES: [list(each.values) for each in counted],
        _WHO: np.concatenate([each.who for each in counted]).astype(np.int64),
        _CELLS: np.concatenate([each.cells for each in counted]),
        _TOTALS: np.concatenate([each.totals for each in counted]),
        _STARTS: np.concatenate([each.starts for each in counted]).astype(np.int64),
        _PROFILE: np.nan_to_num(snapshot.profile, nan=-1.0),
    }


def read_history(folder: Path, keys: int) -> HistorySnapshot:
    """Read what ``history_files`` gave; ``ArtefactError`` for contents that do not fit together."""
    names, values = read_json(folder, _NAMES), read_json(folder, _VALUES)
    if len(values) != keys + 1 or len(names["last_group"]) != len(names["candidates"]):
        raise ArtefactError(f"{folder / _VALUES}: got the values of {len(values)} keys, expected {keys + 1}")
    cells = read_array(folder, _CELLS, np.float64, (None, len(CELL)))
    totals = read_array(folder, _TOTALS, np.float64, (sum(map(len, values)), len(CELL)))
    who = read_array(folder, _WHO, np.int64, (len(cells),))
    starts = read_array(folder, _STARTS, np.int64, (len(totals) + keys + 1,))
    if len(who) and not 0 <= int(who.min()) <= int(who.max()) < len(names["candidates"]):
        raise ArtefactError(f"{folder / _WHO}: got candidates that have no name")
    profile = np.array(read_array(folder, _PROFILE, np.float64, (len(PROFILE), len(names["candidates"]))))
    times = [PROFILE.index(name) for name in ("first_touch", "last_touch", "last_solve")]
    profile[times] = np.where(profile[times] < 0, np.nan, profile[times])
    counted = _counted(values, starts, who, cells, totals)
    return HistorySnapshot(float(names["at"]), tuple(names["candidates"]), profile, tuple(names["last_group"]),
                           tuple(counted[:-1]), counted[-1])


def _counted(values: Sequence[Sequence[str]], starts: Any, who: Any, cells: Any, totals: Any) -> list[CountedKey]:
    found: list[CountedKey] = []
    cell = total = start = 0
    for names in values:
        own = starts[start:start + len(names) + 1]
        end = cell + int(own[-1])
        if int(own[0]) or (np.diff(own) < 0).any() or end > len(cells):
            raise ArtefactError(f"got spans of cells {own.tolist()[:5]}, expected them ascending from 0")
        found.append(CountedKey(tuple(names), own, who[cell:end], cells[cell:end], totals[total:total + len(names)]))
        cell, total, start = end, total + len(names), start + len(names) + 1
    return found


def told_files(tickets: Mapping[str, ToldTicket]) -> dict[str, Any]:
    """Return the file of the tickets that were still going on: fields, filing time and events."""
    return {_TOLD: {
        name: {"values": told.values, "filed_at": told.filed_at,
               "events": [[event.at, event.rank, event.event, event.assignee_id, event.group,
                           event.csat if np.isfinite(event.csat) else None] for event in sorted(told.events)]}
        for name, told in tickets.items()
    }}


def read_told(folder: Path, field: str) -> dict[str, ToldTicket]:
    """Read what ``told_files`` gave, with the facts that the snapshot counts already."""
    found = {}
    for name, told in read_json(folder, _TOLD).items():
        events = {TicketEvent(float(at), int(rank), event, who, group, float("-inf") if csat is None else float(csat))
                  for at, rank, event, who, group, csat in told["events"]}
        found[name] = ToldTicket(told["values"], told["filed_at"], events, story(events, field, told["filed_at"]))
    return found
