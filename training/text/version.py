"""A registered version on labelled rows, without those it was fitted on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.text.near_duplicates import near_duplicate_groups
from fenzhen.errors import TrainingRefused
from fenzhen.workspace import Workspace
from models.policy import Policy
from models.text.fingerprints import seen_by
from models.text.spec import TextLabelSpec
from training.evaluation.evaluate import Evaluation, evaluate
from training.policy import policy_of
from training.screen import metrics_table

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class JudgedTexts:
    """The evaluation, and how many rows were left out because the version was fitted on them."""

    model: str
    evaluation: Evaluation
    seen: int

    def show(self, console: "Console") -> None:
        """Print the metrics, how many rows were left out and what the thresholds would decide."""
        console.print(metrics_table(self.model, self.evaluation))
        if self.seen:
            console.print(f"  {self.seen} rows left out: the version was fitted on them")
        for decision in self.evaluation.decisions:
            console.print(f"  {decision.decision}: {decision.share:.1%} of rows, {decision.precision:.1%} right")


def evaluate_version(
    workspace: Workspace, spec: TextLabelSpec, scorer: Any, rows: pd.DataFrame, segmented: bool,
) -> JudgedTexts:
    """Return the evaluation of a scorer on canonical rows; ``TrainingRefused`` if none is left to judge on."""
    policy = Policy.from_dict(policy_of(workspace))
    known = spec.examples({spec.table: rows}, policy, segmented=segmented, merge=False)
    seen = seen_by(scorer.fingerprints, known.texts)
    fresh = known.take(np.flatnonzero(~seen))
    if not len(fresh):
        raise TrainingRefused(
            f"{spec.name}: got {len(known)} labelled rows, {int(seen.sum())} of which the version was fitted on; "
            "expected at least one that it was not"
        )
    found, _ = scorer.probabilities(fresh.subjects, fresh.bodies, segmented=segmented)
    groups = near_duplicate_groups(fresh.texts)
    judged = evaluate(fresh.labels, found, scorer.classes, groups, thresholds=scorer.thresholds)
    return JudgedTexts(spec.name, judged, int(seen.sum()))
