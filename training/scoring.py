"""Answers for whole files of tickets, as the columns that the command line promises."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fenzhen.errors import ExportError, TableError
from models.artefact import load_scorer
from models.decision_batch import decide_batch
from models.policy import DECISIONS, Policy
from training.champions.doors import CHAMPION, Doors, stage

CHUNK = 2_000
DIGITS = 6
WRITERS = {".csv": "to_csv", ".parquet": "to_parquet"}


def load_version(doors: Doors, model: str, alias: str, scratch: Path) -> Any:
    """Return the scorer behind an alias; the champion comes from the exports, with MLflow down too.

    Raises ``ExportError`` where there is none and ``ArtefactError`` for one that does not verify.
    """
    if alias == CHAMPION:
        champion = doors.exports.champion(model)
        if champion is None:
            raise ExportError(f"{model} has no champion; train one with `fenzhen train {model} --promote auto`, or "
                              "bring the registry's back with `fenzhen export` if the exports were lost")
        return load_scorer(champion.folder, champion.manifest_sha256)
    version = doors.registry.alias(model, alias)
    if version is None:
        raise ExportError(f"{model} has no version with the alias {alias!r}; known versions: "
                          f"{doors.registry.versions(model)}")
    folder, sha256 = stage(doors, model, version, scratch)
    return load_scorer(folder, sha256)


def version_behind(doors: Doors, model: str, alias: str) -> int:
    """Return the number of the version behind an alias; ``ExportError`` where there is none."""
    if alias == CHAMPION and (champion := doors.exports.champion(model)) is not None:
        return champion.version
    version = doors.registry.alias(model, alias)
    if version is None:
        raise ExportError(f"{model} has no version with the alias {alias!r}")
    return version


def answers(
    scorer: Any, policy: Policy, rows: pd.DataFrame, entity: str, top_k: int, advance: Callable[[int], None],
) -> pd.DataFrame:
    """Return one row a ticket, in order: id, prediction, confidence, decision and the ``top_k`` best values.

    ``prediction`` is empty when abstaining; ranks and confidences are always filled as far as there are values.
    ``advance`` is told how many rows are done.
    """
    parts = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows.iloc[start:start + CHUNK]
        parts.append(_chunk_answers(scorer, policy, chunk, entity, top_k))
        advance(len(chunk))
    return pd.concat(parts, ignore_index=True) if parts else _chunk_answers(scorer, policy, rows, entity, top_k)


def _chunk_answers(scorer: Any, policy: Policy, rows: pd.DataFrame, entity: str, top_k: int) -> pd.DataFrame:
    subjects, bodies = (_texts(rows[column]) for column in ("subject", "body"))
    batch = decide_batch(scorer, policy, subjects, bodies, mode="auto")
    rankings = batch.rankings(top_k)
    decisions = np.array(DECISIONS, dtype=object)[batch.decisions]
    first = [ranking[0] if ranking else ("", np.nan) for ranking in rankings]
    columns: dict[str, Any] = {
        entity: rows[entity].to_numpy(dtype=object),
        "prediction": ["" if decision == "abstain" else value
                       for decision, (value, _) in zip(decisions, first, strict=True)],
        "confidence": np.round([score for _, score in first], 6),
        "decision": decisions,
    }
    for place in range(top_k):
        columns[f"rank_{place + 1}"] = [_at(ranking, place, 0, "") for ranking in rankings]
    for place in range(top_k):
        columns[f"confidence_{place + 1}"] = [_at(ranking, place, 1, np.nan) for ranking in rankings]
    return pd.DataFrame(columns)


def write_rows(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV (UTF-8) or Parquet, whole or not at all; ``TableError`` for another suffix or folder.

    Every file has numbers to six digits and times as ISO 8601 text in UTC: ``2026-11-26T16:00:00+00:00``.
    """
    if path.suffix not in WRITERS:
        raise TableError(f"got the output {path}, expected a name that ends in {' or '.join(WRITERS)}")
    partial = path.with_name(f".{path.name}.partial{path.suffix}")
    try:
        getattr(_in_one_format(frame), WRITERS[path.suffix])(partial, index=False)
        partial.replace(path)
    except OSError as error:
        raise TableError(f"cannot write {path}: {error.strerror or error}") from error


def _in_one_format(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with rounded numbers and times as text.

    >>> moments = pd.to_datetime(["2026-11-27"]).tz_localize("Asia/Shanghai")
    >>> _in_one_format(pd.DataFrame({"as_of": moments, "probability": [2 / 3]})).to_csv(index=False).split()
    ['as_of,probability', '2026-11-26T16:00:00+00:00,0.666667']
    """
    times = {str(name): frame[name].map(_iso, na_action="ignore")
             for name in frame.select_dtypes(["datetime", "datetimetz"]).columns}
    return frame.assign(**times).round(DIGITS)


def _iso(moment: pd.Timestamp) -> str:
    return (moment.tz_convert("UTC") if moment.tzinfo else moment).isoformat()


def _at(ranking: tuple[tuple[str, float], ...], place: int, part: int, missing: Any) -> Any:
    if place >= len(ranking):
        return missing
    found = ranking[place][part]
    return round(found, 6) if isinstance(found, float) else found


def _texts(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(cell) else str(cell) for cell in column]
