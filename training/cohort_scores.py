"""A whole cohort scored as of a moment, written into the store for the service, the pages and BI tools."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from fenzhen.errors import ExportError
from fenzhen.store import RiskRun, StoredRun
from fenzhen.tables import SCHEMAS
from fenzhen.workspace import Workspace
from models.specs import Spec, spec_of
from training.customer_timeline import Details, customer_timeline, with_timeline
from training.doors import CHAMPION, Doors
from training.family import ScoreAsk, Scored, family_of
from training.first_horizon import of_first_horizon
from training.scoring import load_version
from training.screen import rows_progress

__all__ = ["Cohort", "cohort_models", "score_cohort"]


@dataclass(frozen=True)
class Cohort:
    """What was scored: the run in the store, and the frame as the command line promises it."""

    run: StoredRun
    frame: pd.DataFrame

    def summary(self) -> str:
        """Return one line for the screen."""
        levels = self.frame["risk_level"].value_counts()
        told = ", ".join(f"{level} {levels.get(level, 0):,}" for level in ("high", "medium", "low"))
        entity, run = str(self.frame.columns[0]), self.run.run
        return (f"{run.model} version {run.version}: {self.frame[entity].nunique():,} {entity}s scored as of "
                f"{run.as_of.isoformat()}: {told}")


def cohort_models(workspace: Workspace, doors: Doors) -> Iterator[str]:
    """Yield the models with a champion that score a whole cohort: those that answer another table than tickets."""
    for model in sorted(doors.exports.champions()):
        if spec_of(model, workspace.model_settings(model)).table != "tickets":
            yield model


def score_cohort(workspace: Workspace, doors: Doors, model: str, as_of: pd.Timestamp, *,
                 alias: str = CHAMPION) -> Cohort:
    """Score every entity of a model's cohort with what was known before ``as_of`` and write it into the store.

    The same version and date again replaces what was there; a run that was stopped goes on where it was. Readers see
    the scores when all are there. A progress bar shows how many are written.
    """
    spec = spec_of(model, workspace.model_settings(model))
    with tempfile.TemporaryDirectory() as scratch:
        scorer = load_version(doors, model, alias, Path(scratch))
        scored = family_of(spec).score(ScoreAsk(workspace, spec, scorer, as_of, doors.store))
        run = RiskRun(model, _version(doors, model, alias), as_of.to_pydatetime(warn=False),
                      int(scored.frame["horizon_days"].iloc[0]) if len(scored.frame) else 0,
                      _data_until(workspace, spec, as_of))
        kept = of_first_horizon(scored)
        details = _with_happenings(workspace, as_of, kept)
        with rows_progress(f"{model}: scores", len(kept.frame)) as advance:
            return Cohort(doors.store.write_scores(run, kept.frame, details, advance=advance), scored.frame)


def _with_happenings(workspace: Workspace, as_of: pd.Timestamp, scored: Scored) -> Details:
    """Return the details, those of customers with what happened to them beside their tickets."""
    if scored.frame.columns[0] != "customer_id":
        return scored.details
    ids = [str(each) for each in scored.frame["customer_id"]]
    return with_timeline(scored.details, ids, customer_timeline(workspace, as_of))


def _version(doors: Doors, model: str, alias: str) -> int:
    champion = doors.exports.champion(model) if alias == CHAMPION else None
    version = champion.version if champion is not None else doors.registry.alias(model, alias)
    if version is None:
        raise ExportError(f"{model} has no version with the alias {alias!r}")
    return version


def _data_until(workspace: Workspace, spec: Spec, as_of: pd.Timestamp) -> datetime | None:
    """Return the newest fact before ``as_of`` in the tables that a model reads; None where none has a time."""
    newest: list[pd.Timestamp] = []
    for name in spec.tables:
        column = SCHEMAS[name].time
        if name in workspace.table_names and column is not None:
            known = workspace.table(name)[column]
            newest.append(known[known < as_of].max())
    found = [each for each in newest if not pd.isna(each)]
    return max(found).to_pydatetime(warn=False) if found else None
