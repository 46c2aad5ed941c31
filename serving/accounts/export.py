"""Lists of accounts as files for people: CSV that Excel opens as Chinese, and XLSX."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from fenzhen.store import CHANGES, LEVELS, Outcome
from fenzhen.store.risk_columns import NO_MOMENT, Labels
from serving.accounts.index import RiskIndex
from serving.spreadsheet import Cell, guarded

__all__ = ["COLUMNS", "Explain", "as_csv", "as_xlsx"]

REASONS = 3
"""Reasons that a file tells, of as many as a score has."""
_OF_A_REASON = ("zh", "en", "value", "own", "peers", "action")
_OUTCOME = ("outcome", "outcome_at", "outcome_by", "outcome_note", "snoozed_until")
COLUMNS = ("id", "name", "customer_tier", "owner", "region", "renewal_at", "risk_level", "probability", "value_at_risk",
           "currency", "reason", "change", "changed_at", "previous_level", "as_of", "horizon_days", "model",
           *(f"reason_{place}_{name}" for place in range(1, REASONS + 1) for name in _OF_A_REASON), *_OUTCOME)
CHUNK = 5_000
"""Accounts whose details are read at once."""

Explain = Callable[[Sequence[str]], Iterable[tuple[Mapping[str, Any], Outcome | None]]]
"""Details and last outcome of accounts, in the order of their ids."""


def as_csv(index: RiskIndex, rows: npt.NDArray[np.int32], zone: ZoneInfo, explain: Explain) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in row] for row in cells(index, rows, zone, explain))
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def as_xlsx(index: RiskIndex, rows: npt.NDArray[np.int32], zone: ZoneInfo, explain: Explain) -> bytes:
    """Return rows as a workbook of one sheet."""
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("accounts")
    sheet.freeze_panes = "A2"
    sheet.append(list(COLUMNS))
    for row in cells(index, rows, zone, explain):
        safe = (ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) and not cell.isprintable() else cell
                for cell in row)
        sheet.append([guarded(cell) for cell in safe])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def cells(index: RiskIndex, rows: npt.NDArray[np.int32], zone: ZoneInfo, explain: Explain) -> Iterator[Sequence[Cell]]:
    """Yield the cells of rows in the order of :data:`COLUMNS`; days are those of ``zone``, what is missing is None."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start:start + CHUNK]
        told = explain(index.entities(chunk))
        yield from ((*front, *_reasons(details), *_outcome(outcome, zone))
                    for front, (details, outcome) in zip(_scores(index, chunk, zone), told, strict=True))


def _reasons(details: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield what the reasons say, what is usual for the customer and the peers, and what may be done."""
    reasons: Sequence[Mapping[str, Any]] = details.get("reasons") or ()
    for place in range(REASONS):
        said = reasons[place] if place < len(reasons) else {}
        yield from (said.get(name) for name in ("text_zh", "text_en", "value", "own", "peers", "action"))


def _outcome(said: Outcome | None, zone: ZoneInfo) -> Sequence[Cell]:
    if said is None:
        return (None,) * len(_OUTCOME)
    until = None if said.until is None else _day(said.until.timestamp(), zone)
    return said.outcome, _day(said.at.timestamp(), zone), said.actor, said.note, until


def _scores(index: RiskIndex, rows: npt.NDArray[np.int32], zone: ZoneInfo) -> Iterator[Sequence[Cell]]:
    """Yield what the index has of rows: the columns up to ``model``."""
    columns, run = index.columns, index.run.run
    if columns is None or not len(rows):
        return
    labels = {name: _named(columns.labels[name], rows) for name in (
        "customer_tier", "owner", "region", "currency", "reason")}
    values = [None if value != value else value for value in columns.value_at_risk[rows].tolist()]
    levels = [LEVELS[code] for code in columns.level[rows]]
    before = [None if code < 0 else LEVELS[code] for code in columns.previous_level[rows]]
    same = [(_day(run.as_of.timestamp(), zone), run.horizon_days, f"{run.model}/{run.version}")] * len(rows)
    yield from ((*front, *end) for *front, end in zip(
        index.entities(rows), index.names(rows), labels["customer_tier"], labels["owner"], labels["region"],
        _days(columns.renewal_at[rows], zone), levels, np.round(columns.probability[rows].astype(float), 4).tolist(),
        values, labels["currency"], labels["reason"], [CHANGES[code] for code in columns.change[rows]],
        _days(columns.changed_at[rows], zone), before, same, strict=True))


def _named(column: Labels, rows: npt.NDArray[np.int32]) -> list[str | None]:
    values = [*column.values, None]  # code -1, the last place, is nothing
    return [values[code] for code in column.codes[rows]]


def _days(moments: npt.NDArray[np.int64], zone: ZoneInfo) -> list[str | None]:
    """Return moments as days; there are few different ones."""
    different, places = np.unique(moments, return_inverse=True)
    days = [None if moment == NO_MOMENT else _day(int(moment), zone) for moment in different]
    return [days[place] for place in places]


def _day(moment: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).date().isoformat()

