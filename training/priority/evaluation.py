"""How good priorities are: what any label is judged by, and what their order adds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.metrics import mean_cost, quadratic_weighted_kappa, recall_at_load
from models.priority.batch import fired_rows
from models.priority.ordinal import default_costs
from models.priority.raising import priority_rules
from models.priority.rows import PriorityRows
from models.thresholds import Thresholds
from training.evaluation.evaluate import Evaluation, evaluate
from training.priority.data import PriorityData

__all__ = ["Ordered", "PriorityEvaluation", "evaluate_priorities", "urgent_levels"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
OWN = "model"
WITH_RULES = "model_and_rules"


@dataclass(frozen=True, slots=True)
class Ordered:
    """One contestant: quadratic weighted kappa, mean cost, and the recall of urgent tickets at the review load."""

    name: str
    kappa: float
    cost: float
    urgent_recall: float


@dataclass(frozen=True, eq=False)
class PriorityEvaluation:
    """``whole`` is judged on the scores that decide, with calibrated confidence; ``ordered`` begins with the model.

    ``urgent`` are the values that count as urgent, ``urgent_rows`` how many tickets had them.
    """

    whole: Evaluation
    groups: NDArray[np.object_]
    ordered: tuple[Ordered, ...]
    urgent: tuple[str, ...]
    urgent_rows: int
    review_load: float

    def metrics(self) -> dict[str, float]:
        """Flat numbers for MLflow, without NaN."""
        numbers = dict(self.whole.metrics())
        numbers |= {"urgent_rows": float(self.urgent_rows), "review_load": self.review_load}
        for each in self.ordered:
            prefix = "" if each.name == OWN else f"{each.name}_"
            numbers |= {f"{prefix}kappa": each.kappa, f"{prefix}cost": each.cost,
                        f"{prefix}urgent_recall": each.urgent_recall}
        return {name: float(number) for name, number in numbers.items() if np.isfinite(number)}

    def table(self) -> pd.DataFrame:
        """Return a row a contestant."""
        return pd.DataFrame([(each.name, each.kappa, each.cost, each.urgent_recall) for each in self.ordered],
                            columns=["name", "kappa", "cost", "urgent_recall"])


def evaluate_priorities(
    data: PriorityData, rows: PriorityRows, probabilities: Float64, scores: Float64, thresholds: Thresholds,
    baselines: Mapping[str, Float64], seed: int = 0,
) -> PriorityEvaluation:
    """Judge calibrated ``probabilities`` and the ``scores`` that decide on ``rows``, beside the baselines' scores.

    Urgent is what is more urgent than the commonest value. Intervals resample customers, where tickets have any.
    """
    order, targets = data.order, rows.levels
    truth = np.array(order, dtype=object)[targets]
    groups = rows.values.get("customer_id", rows.ids)
    groups = np.where(groups == "", rows.ids, groups)
    answers = scores.argmax(axis=1)
    confidence = probabilities[np.arange(len(answers)), answers]
    whole = evaluate(truth, scores, order, groups, thresholds=thresholds, baselines=baselines, seed=seed,
                     confidence=confidence)
    urgent = urgent_levels(targets, len(order))
    costs = np.array(data.spec.settings.costs) if data.spec.settings.costs else default_costs(order)
    load = data.spec.settings.review_load
    judged = {OWN: (answers, probabilities[:, :urgent].sum(axis=1)),
              **_with_rules(data, rows, answers, probabilities, urgent),
              **{name: (theirs.argmax(axis=1), theirs[:, :urgent].sum(axis=1)) for name, theirs in baselines.items()}}
    ordered = tuple(
        Ordered(name, quadratic_weighted_kappa(targets, said, len(order)), mean_cost(targets, said, costs),
                recall_at_load(targets < urgent, urgency, load)) for name, (said, urgency) in judged.items())
    return PriorityEvaluation(whole, groups, ordered, order[:urgent], int((targets < urgent).sum()), load)


def urgent_levels(levels: Int64, classes: int) -> int:
    """Return how many of the first levels are urgent: those above the commonest one, at least one.

    >>> urgent_levels(np.array([2, 2, 2, 0, 3]), 4), urgent_levels(np.array([0, 0, 1]), 2)
    (2, 1)
    """
    return max(int(np.bincount(levels, minlength=classes).argmax()), 1)


def _with_rules(
    data: PriorityData, rows: PriorityRows, answers: Int64, probabilities: Float64, urgent: int,
) -> dict[str, tuple[Int64, Float64]]:
    """Return answers and urgency after the workspace's rules; nothing where it has none."""
    rules = priority_rules(data.policy, data.spec.field, data.order)
    if not rules:
        return {}
    place = {name: level for level, name in enumerate(data.order)}
    lowest = len(data.order)
    raised = np.array([min((place[rule.value] for rule in fired if rule.mode != "add"), default=lowest)
                       for fired in fired_rows(rows, rules)])
    urgency = probabilities[:, :urgent].sum(axis=1) + (raised < urgent)
    return {WITH_RULES: (np.minimum(answers, raised), urgency)}
