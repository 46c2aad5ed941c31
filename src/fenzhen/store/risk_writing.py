"""A whole run into the store, chunk by chunk; stopped at any moment it goes on where it was."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from fenzhen.errors import StoreError
from fenzhen.store import risk_runs, risk_scores
from fenzhen.store.risk import RiskScore
from fenzhen.store.risk_columns import block
from fenzhen.store.risk_documents import history_document, packed
from fenzhen.store.risk_rows import score_row
from fenzhen.store.risk_runs import RiskRun, StoredRun
from fenzhen.store.risk_scores import RISK_BLOCKS, RISK_DETAILS, RISK_SCORES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHUNK", "KEEP", "Details", "write_scores"]

CHUNK = 5000
"""Rows a transaction."""
KEEP = 4
"""Complete runs of a model that are kept; rows remember their course, so older runs say nothing new."""

Details = Iterable[Mapping[str, Any]] | Callable[[int, int], Sequence[Mapping[str, Any]]]
"""Details in the order of the rows, or a function that returns those of rows ``start`` to ``stop`` (exclusive)."""
Writing = Callable[[], AbstractContextManager[Connection]]


def write_scores(writing: Writing, run: RiskRun, frame: "pd.DataFrame", details: Details,
                 advance: Callable[[int], None]) -> StoredRun:
    """Write a run and have readers see it; see :meth:`fenzhen.store.Store.write_scores`."""
    keys, risks = _keys(frame), list(zip(frame["probability"], frame["risk_level"], strict=True))
    with writing() as connection:
        stored = risk_runs.begin(connection, run, len(frame), _fingerprint(run, keys, frame), datetime.now(UTC))
        before = risk_runs.newest(connection, run.model, run.as_of)
        dropped = risk_runs.drop(connection, run.model, KEEP, datetime.now(UTC))
    for run_id in dropped:
        _drop(writing, run_id)
    advance(stored.written)
    for start, found in _chunks(details, stored.written, len(frame)):
        stop = start + len(found)
        with writing() as connection:
            rows = _rows(connection, run, keys[start:stop], risks[start:stop], found, before)
            _write(connection, stored, start, rows, found)
        advance(len(found))
    with writing() as connection:
        return risk_runs.complete(connection, stored, datetime.now(UTC))


def _keys(frame: "pd.DataFrame") -> list[tuple[str, str]]:
    """Return entity and component of each row; the first column names the entity."""
    entities = [str(each) for each in frame.iloc[:, 0]]
    components = [str(each) for each in frame["component"]] if "component" in frame else [""] * len(entities)
    keys = list(zip(entities, components, strict=True))
    if len(set(keys)) != len(keys):
        raise StoreError(f"got {len(keys) - len(set(keys))} scores of entities scored before in the same run, expected "
                         f"one of each {frame.columns[0]}{' and component' if 'component' in frame else ''}")
    return keys


def _fingerprint(run: RiskRun, keys: Sequence[tuple[str, str]], frame: "pd.DataFrame") -> str:
    """Return what tells whether a stopped run held the very same scores."""
    digest = hashlib.sha256(f"{run.horizon_days} {CHUNK} {keys!r} {list(frame['risk_level'])!r}".encode())
    digest.update(frame["probability"].to_numpy("float64").tobytes())
    return digest.hexdigest()


def _chunks(details: Details, start: int, stop: int) -> Iterator[tuple[int, Sequence[Mapping[str, Any]]]]:
    """Yield the details of rows from ``start`` on, a chunk at a time, with the number of the chunk's first row."""
    source = None if callable(details) else islice(details, start, None)
    for first in range(start, stop, CHUNK):
        last = min(first + CHUNK, stop)
        found = list(islice(source, last - first)) if source is not None else details(first, last)  # type: ignore[operator]
        if len(found) != last - first:
            raise StoreError(f"got details of {first + len(found)} rows, expected one for each of {stop} scores")
        yield first, found


def _rows(connection: Connection, run: RiskRun, keys: Sequence[tuple[str, str]], risks: Sequence[tuple[float, str]],
          details: Sequence[Mapping[str, Any]], before: StoredRun | None) -> list[RiskScore]:
    """Return a chunk's rows, each beside what was said of it in the run before."""
    entities = sorted({entity for entity, _ in keys})
    known = {} if before is None else risk_scores.scores_of(connection, before.id, entities)
    return [score_row(run, *key, *risk, found, known.get(key))
            for key, risk, found in zip(keys, risks, details, strict=True)]


def _write(connection: Connection, stored: StoredRun, start: int, rows: Sequence[RiskScore],
           details: Sequence[Mapping[str, Any]]) -> None:
    risk_runs.written(connection, stored, start + len(rows))
    connection.execute(insert(RISK_SCORES), [_values(stored.id, row) for row in rows])
    connection.execute(insert(RISK_DETAILS), [
        {"run_id": stored.id, "entity": row.entity, "component": row.component, "content": packed(found)}
        for row, found in zip(rows, details, strict=True)])
    connection.execute(insert(RISK_BLOCKS), [{"run_id": stored.id, "start": start, "content": block(rows)}])


def _values(run_id: int, row: RiskScore) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in RiskScore.__slots__}
    return {**facts, "run_id": run_id, "history": history_document(row.history)}


def _drop(writing: Writing, run_id: int) -> None:
    """Delete a run in small transactions, its own row last: killed midway, what is left goes next time."""
    gone = CHUNK
    while gone:
        with writing() as connection:
            gone = risk_scores.drop_some(connection, run_id, CHUNK)
    with writing() as connection:
        risk_runs.forget(connection, run_id)
