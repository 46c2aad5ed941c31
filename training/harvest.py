"""From what people said about predictions to labels to train on.

A correction is a label, and so is an acceptance: somebody looked. A rejection unmakes a label that says what was
rejected. A value that was applied automatically and touched by nobody is no confirmed label: where the workspace's
tickets carry it, it came from the model itself and is left out. Text comes from the workspace's tickets by ticket_id;
tickets that are not there are learnt from only if the store keeps text.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from fenzhen.store import AppliedValue, LastWord, Store
from fenzhen.tables import KNOWN_AT, absent_columns, conform, has_row_numbers, mark

__all__ = ["Harvest", "Harvested", "harvest", "with_harvest"]


@dataclass(frozen=True, slots=True)
class Harvest:
    """The newest word on each ticket's field, and the values nobody has touched, as known before a moment."""

    words: tuple[LastWord, ...]
    applied: tuple[AppliedValue, ...]

    @property
    def sha256(self) -> str:
        """What identifies the harvest in a dataset's hash; empty for an empty harvest."""
        if not self.words and not self.applied:
            return ""
        facts = [(word.ticket_id, word.verdict, word.value, word.at.isoformat()) for word in self.words]
        return hashlib.sha256(repr((facts, [(each.ticket_id, each.value) for each in self.applied])).encode()) \
            .hexdigest()


@dataclass(slots=True)
class Harvested:
    """How many tickets were ``corrected`` (another label than before), ``accepted`` (the same one), labelled ``new``ly
    (they had none), ``added`` with the store's text, ``rejected`` or ``unconfirmed`` (label taken away), and of how
    many confirmed ones ``no_ticket`` was found."""

    corrected: int = 0
    accepted: int = 0
    new: int = 0
    added: int = 0
    rejected: int = 0
    unconfirmed: int = 0
    no_ticket: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)


def harvest(store: Store, name: str, before: pd.Timestamp) -> Harvest:
    """Return what the store holds on the field ``name`` from strictly before a moment."""
    moment = before.to_pydatetime(warn=False)
    return Harvest(tuple(store.last_words(name, moment)), tuple(store.applied_values(name, moment)))


def with_harvest(
    tickets: pd.DataFrame, harvested: Harvest, label: str, *, second_level: str = "", segmented: bool = False,
) -> tuple[pd.DataFrame, Harvested]:
    """Return tickets (as known at the harvest's moment) with its labels, and what it changed.

    A harvested label is known since its feedback: ``resolved_at`` says so where tickets have times. Row numbers that
    stand for missing ids join with nothing.
    """
    counts, frame = Harvested(), tickets.copy()
    if label not in frame.columns:
        frame[label] = pd.Series(None, index=frame.index, dtype="str")
    places = {} if has_row_numbers(frame) else _places(frame["ticket_id"])
    edits = _Edits(frame, places, counts, label, second_level)
    for word in harvested.words:
        edits.apply(word)
    for each in harvested.applied:
        edits.unconfirm(each)
    edited = edits.frame()
    added = _additions(edits.missing, frame, label) if not segmented else frame.iloc[:0]
    counts.added = len(added)
    counts.no_ticket = len(edits.missing) - len(added)
    return (edited if added.empty else _appended(edited, added)), counts


def _places(ids: pd.Series) -> dict[str, int]:
    return {str(ticket): place for place, ticket in enumerate(ids) if not pd.isna(ticket)}


class _Edits:
    """Cells to change, gathered in plain lists because a frame is slow to change cell by cell."""

    def __init__(self, frame: pd.DataFrame, places: dict[str, int], counts: Harvested, label: str, second: str) -> None:
        self._frame, self._places, self._counts, self._label, self._second = frame, places, counts, label, second
        self._labels = [None if pd.isna(value) else str(value) for value in frame[label]]
        self._timed = not {"created_at", "resolved_at"} & absent_columns(frame)
        self._resolved = list(frame["resolved_at"]) if self._timed else []
        self._known_at = list(frame[label + KNOWN_AT]) if label + KNOWN_AT in frame.columns else None
        self._unsettled: set[int] = set()
        self.missing: list[LastWord] = []

    def apply(self, word: LastWord) -> None:
        """Take a person's word."""
        place = self._places.get(word.ticket_id)
        if place is None:
            self.missing += [word] if word.value is not None else []
        elif word.value is None:
            self._reject(place, word)
        else:
            self._confirm(place, word, word.value)

    def unconfirm(self, applied: AppliedValue) -> None:
        """Take a label away that the model itself has given."""
        place = self._places.get(applied.ticket_id)
        if place is not None and self._labels[place] == applied.value and not self._settled(place, applied):
            self._labels[place] = None
            self._counts.unconfirmed += 1

    def frame(self) -> pd.DataFrame:
        """Return the tickets with all changes."""
        self._frame[self._label] = pd.Series(self._labels, index=self._frame.index, dtype="str")
        if self._timed:
            self._frame["resolved_at"] = pd.Series(self._resolved, index=self._frame.index,
                                                   dtype="datetime64[us, UTC]")
        if self._known_at is not None:
            self._frame[self._label + KNOWN_AT] = pd.Series(self._known_at, index=self._frame.index,
                                                            dtype="datetime64[us, UTC]")
        if self._second in self._frame.columns and self._unsettled:
            keep = ~pd.Series(range(len(self._frame)), index=self._frame.index).isin(self._unsettled)
            self._frame[self._second] = self._frame[self._second].where(keep)
        return self._frame

    def _confirm(self, place: int, word: LastWord, value: str) -> None:
        before = self._labels[place]
        kind = "new" if before is None else "accepted" if before == value else "corrected"
        setattr(self._counts, kind, getattr(self._counts, kind) + 1)
        self._counts.rows.append(_row(word, value, kind))
        if before != value:
            self._unsettled.add(place)
        self._labels[place] = value
        if self._timed:
            self._resolved[place] = pd.Timestamp(word.at)
        if self._known_at is not None:
            self._known_at[place] = pd.Timestamp(word.at)

    def _reject(self, place: int, word: LastWord) -> None:
        if self._labels[place] is not None and self._labels[place] == word.predicted:
            self._labels[place] = None
            self._counts.rejected += 1

    def _settled(self, place: int, applied: AppliedValue) -> bool:
        """Whether the ticket was resolved before the value was applied, so that its label is older."""
        return self._timed and bool(self._resolved[place] < pd.Timestamp(applied.at))


def _row(word: LastWord, value: str, kind: str) -> dict[str, Any]:
    return {"ticket_id": word.ticket_id, "value": value, "verdict": word.verdict, "actor": word.actor,
            "at": word.at.isoformat(), "label": kind}


def _additions(words: Iterable[LastWord], tickets: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return rows for tickets that only the store knows; without kept text there are none."""
    kept = [word for word in words if word.subject or word.body]
    rows = pd.DataFrame({
        "ticket_id": [word.ticket_id for word in kept], "subject": [word.subject for word in kept],
        "body": [word.body for word in kept], label: [word.value for word in kept],
        "created_at": pd.Series([word.predicted_at for word in kept], dtype="datetime64[us, UTC]"),
        "resolved_at": pd.Series([word.at for word in kept], dtype="datetime64[us, UTC]"),
    })
    gone = [name for name in ("created_at", "resolved_at") if name in absent_columns(tickets)]
    return conform("tickets", rows.drop(columns=gone))


def _appended(tickets: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    whole = pd.concat([tickets, added.reindex(columns=tickets.columns)], ignore_index=True)
    columns = {name: whole[name].astype(tickets[name].dtype) for name in tickets.columns}
    result = pd.DataFrame(columns)
    result.attrs = dict(tickets.attrs)
    return mark(result)
