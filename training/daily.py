"""What must happen every day, in order: ingest, score, follow up, export.

One broken step stops no other, except a model's alerts, which wait for its scores.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fenzhen.errors import ExportError, FenzhenError, NothingTrained
from fenzhen.workspace import Workspace
from models.specs import spec_of
from training.champions.doors import Doors
from training.champions.exporting import export_all
from training.cohort_scores import cohort_models, score_cohort, store_cohort
from training.event_batch import EVENTS_A_TRANSACTION
from training.event_loading import load_events
from training.family import FollowsUp, FollowUp, family_of

__all__ = ["Daily", "run_daily"]

logger = logging.getLogger("training.daily")

Tell = Callable[[str], None]


@dataclass
class Daily:
    """What a day's work told, and what failed: step and reason."""

    tell: Tell
    failures: list[tuple[str, str]] = field(default_factory=list)

    def step(self, name: str, work: Callable[[], Iterator[str]]) -> bool:
        """Do one step and tell each of its lines; return whether it went well.

        What it raises is noted, and the day goes on; the log holds the traceback of what nobody foresaw.
        """
        try:
            for line in work():
                self.tell(f"{name}: {line}")
        except FenzhenError as error:
            self.fail(name, str(error))
        except Exception as error:  # whatever is wrong with a step, the next one is still to be done
            logger.exception("%s failed", name)
            self.fail(name, str(error) or type(error).__name__)
        else:
            return True
        return False

    def fail(self, name: str, reason: str) -> None:
        """Note that a step failed."""
        self.failures.append((name, reason))


def run_daily(workspace: Workspace, doors: Doors, as_of: pd.Timestamp, tell: Tell) -> Daily:
    """Do the day's work as of a moment; done again, it does no harm and changes what has changed."""
    daily = Daily(tell)
    daily.step("ingest", lambda: load_events(workspace, doors.store, EVENTS_A_TRANSACTION))
    models: list[str] = []
    daily.step("score", lambda: _listed(workspace, doors, models))
    for model in models:
        if daily.step("score", lambda model=model: _scored(workspace, doors, model, as_of)):  # type: ignore[misc]
            daily.step("alerts", lambda model=model: _followed_up(workspace, doors, model))  # type: ignore[misc]
    daily.step("export", lambda: _exported(workspace, doors, daily))
    return daily


def _listed(workspace: Workspace, doors: Doors, models: list[str]) -> Iterator[str]:
    if not _untrained(doors):
        models += cohort_models(workspace, doors)
    if not models:
        yield "no model of customers or devices has a champion yet: `fenzhen train MODEL --promote auto` makes one"


def _scored(workspace: Workspace, doors: Doors, model: str, as_of: pd.Timestamp) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as scratch:
        cohort = score_cohort(workspace, doors, model, as_of, Path(scratch))
        store_cohort(doors, cohort)
    yield cohort.summary()


def _followed_up(workspace: Workspace, doors: Doors, model: str) -> Iterator[str]:
    spec = spec_of(model, workspace.model_settings(model))
    family = family_of(spec)
    if isinstance(family, FollowsUp):
        champion = doors.exports.champion(model)
        if champion is None:
            raise ExportError(f"{model} has no champion any more")
        from models.artefact import load_scorer

        scorer = load_scorer(champion.folder, champion.manifest_sha256)
        yield f"{model}: {family.follow_up(FollowUp(workspace, spec, scorer, doors.store, doors.exports))}"


def _exported(workspace: Workspace, doors: Doors, daily: Daily) -> Iterator[str]:
    untrained = _untrained(doors)
    lines, failures = export_all(doors, workspace.folder, thorough=True)
    yield from lines
    for failure in failures:
        if untrained and isinstance(failure, NothingTrained):
            yield "nothing was trained in this workspace yet, so there is nothing to export"
        else:
            daily.fail("export", str(failure))


def _untrained(doors: Doors) -> bool:
    """Whether there is neither an exported champion nor a registry; exports that were lost have a registry."""
    with suppress(ExportError):
        if doors.exports.champions():
            return False
    try:
        doors.registry.models()
    except NothingTrained:
        return True
    except FenzhenError:  # told by the step that needs it
        return False
    return False
