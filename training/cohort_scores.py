"""A whole cohort scored as of a moment, written into the store for the service, the pages and BI tools."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from fenzhen.store import RiskRun, StoredRun
from fenzhen.workspace import Workspace
from models.specs import spec_of
from training.champions.doors import CHAMPION, Doors
from training.customer_timeline import Details, customer_timeline, with_timeline
from training.devices.first_horizon import of_first_horizon
from training.family import ScoreAsk, Scored, family_of
from training.freshness import newest_fact
from training.moment import refuse_moment_to_come
from training.scoring import load_version, version_behind
from training.screen import rows_progress

__all__ = ["Cohort", "cohort_models", "score_cohort", "store_cohort"]

CUSTOMERS = "customer_id"
LEVELS = ("high", "medium", "low")


@dataclass(frozen=True)
class Cohort:
    """What was scored and by which version; the frame is as the command line promises it, details are made late."""

    run: RiskRun
    frame: pd.DataFrame
    details: Details
    zone: str
    left_out: str = ""

    @property
    def as_of(self) -> str:
        """The moment of scoring in the workspace's time zone."""
        return self.run.as_of.astimezone(ZoneInfo(self.zone)).isoformat()

    def summary(self) -> str:
        """Return one line for the screen: each entity counts once, at the highest level of its components."""
        entity = str(self.frame.columns[0])
        levels = self.frame["risk_level"].map(LEVELS.index).groupby(self.frame[entity]).min()
        counts = ", ".join(f"{level} {int((levels == rank).sum()):,}" for rank, level in enumerate(LEVELS))
        return (f"{self.run.model} version {self.run.version}: {len(levels):,} {entity.removesuffix('_id')}s scored as "
                f"of {self.as_of}: {counts}" + (f"; {self.left_out}" if self.left_out else ""))


def cohort_models(workspace: Workspace, doors: Doors) -> Iterator[str]:
    """Yield the models with a champion that score a whole cohort: those that answer another table than tickets."""
    for model in sorted(doors.exports.champions()):
        if spec_of(model, workspace.model_settings(model)).table != "tickets":
            yield model


def score_cohort(workspace: Workspace, doors: Doors, model: str, as_of: pd.Timestamp, scratch: Path, *,
                 alias: str = CHAMPION) -> Cohort:
    """Score every entity of a model's cohort with what was known before ``as_of``.

    A version that is no champion is unpacked into ``scratch``, which must be there until the details have been read.
    """
    refuse_moment_to_come(as_of, "its scores would stay the newest until then")
    spec = spec_of(model, workspace.model_settings(model))
    scorer = load_version(doors, model, alias, scratch)
    scored = family_of(spec).score(ScoreAsk(workspace, spec, scorer, as_of, doors.store))
    horizon = int(scored.frame["horizon_days"].iloc[0]) if len(scored.frame) else 0
    run = RiskRun(model, version_behind(doors, model, alias), as_of.to_pydatetime(warn=False), horizon,
                  newest_fact(workspace, spec.tables, as_of))
    return Cohort(run, scored.frame, _with_happenings(workspace, as_of, scored), workspace.time_zone, scored.left_out)


def store_cohort(doors: Doors, cohort: Cohort) -> StoredRun:
    """Write a scored cohort into the store, with a progress bar; readers see it when all is there.

    The same version and date again replaces what was there; a run that was stopped goes on where it was. Of several
    horizons the first one is kept in full, see :func:`training.devices.first_horizon.of_first_horizon`.
    """
    kept = of_first_horizon(cohort.frame, cohort.details)
    with rows_progress(f"{cohort.run.model}: scores and reasons", len(kept.frame)) as advance:
        return doors.store.write_scores(cohort.run, kept.frame, kept.details, advance=advance)


def _with_happenings(workspace: Workspace, as_of: pd.Timestamp, scored: Scored) -> Details:
    """Return the details, those of customers with what happened to them beside their tickets."""
    if scored.frame.columns[0] != CUSTOMERS:
        return scored.details
    ids = [str(each) for each in scored.frame[CUSTOMERS]]
    return with_timeline(scored.details, ids, customer_timeline(workspace, as_of))
