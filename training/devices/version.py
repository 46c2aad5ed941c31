"""Judging a registered device version on the days after what it was trained on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from features.devices.device_points import DevicePoints
from fenzhen.errors import TrainingRefused
from fenzhen.workspace import Workspace
from models.devices.outcomes import ANY
from models.devices.scorer import DeviceScorer
from models.devices.spec import DeviceFailureSpec, last_fact
from training.devices.dataset import load_devices, load_tables
from training.devices.events_evaluation import EventEvaluation, evaluate_events
from training.devices.fleet_alerts import FleetAlerts
from training.risk.evaluation import RiskEvaluation, evaluate_risk

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["JudgedDevices", "evaluate_version"]


@dataclass(frozen=True, eq=False)
class JudgedDevices:
    """A version's measures on device-days that it was not fitted on."""

    model: str
    evaluation: RiskEvaluation
    events: EventEvaluation

    def show(self, console: "Console") -> None:
        """Print them."""
        found, events = self.evaluation, self.events
        console.print(
            f"{self.model}: AUC {found.roc_auc.estimate:.3f} ({found.roc_auc.low:.3f}–{found.roc_auc.high:.3f}), AP "
            f"{found.average_precision.estimate:.3f} ({found.average_precision.low:.3f}–"
            f"{found.average_precision.high:.3f}) on {found.outcome.size} device-days; {events.recall.estimate:.0%} of "
            f"{events.failures} failures caught, {events.false_alarms.estimate:.2f} false alarms in 100 device-months",
            highlight=False, soft_wrap=True)


def evaluate_version(workspace: Workspace, spec: DeviceFailureSpec, scorer: DeviceScorer) -> JudgedDevices:
    """Return how a version does from the moment it was trained at; ``TrainingRefused`` if nothing is known since."""
    tables = load_tables(workspace, spec)
    dataset = load_devices(workspace, spec, tables, last_fact(tables, spec.settings.telemetry_known_after))
    trained = pd.Timestamp(scorer.manifest["as_of"]).tz_convert("UTC")
    horizon = next(iter(scorer.risks))
    rows = ((dataset.points.frame["as_of"] >= trained).to_numpy() & dataset.whole.notna().to_numpy()).nonzero()[0]
    outcome = dataset.whole.to_numpy()[rows]
    if not ((outcome == 1).any() and (outcome == 0).any()):
        raise TrainingRefused(f"{spec.name}: got {len(rows)} device-days with a known outcome since "
                              f"{trained.isoformat()}, expected some before a failure and some not")
    points: DevicePoints = dataset.points.take(rows)
    chance = scorer.assess(dataset.tables, points).probabilities[horizon][ANY]
    fleet = FleetAlerts.of(points, dataset.tables["device_events"], None, horizon,
                           spec.settings.minimum_lead / pd.Timedelta(days=1))
    capacity = spec.settings.capacity * len(points.frame["as_of"].unique())
    return JudgedDevices(spec.name, evaluate_risk(outcome, chance, points.device, capacity=capacity),
                         evaluate_events(fleet, chance, scorer.thresholds[horizon][ANY], spec.settings.cost))
