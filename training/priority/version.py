"""A registered version on labelled tickets that were filed after everything it was fitted on."""

import numpy as np
import pandas as pd

from fenzhen.errors import TrainingRefused
from models.priority.ordinal import tempered
from models.priority.scorer import PriorityScorer
from training.priority.data import PriorityData, labelled
from training.priority.evaluation import evaluate_priorities
from training.priority.screen import JudgedPriorities

__all__ = ["evaluate_version"]


def evaluate_version(data: PriorityData, scorer: PriorityScorer, tickets: pd.DataFrame) -> JudgedPriorities:
    """Return the evaluation of a scorer on canonical tickets; ``TrainingRefused`` if none is left to judge on."""
    if data.order != scorer.classes:
        raise TrainingRefused(f"{data.spec.name}: the version answers {', '.join(scorer.classes)}, the tables hold "
                              f"{', '.join(data.order)}; train again")
    rows = labelled(data.asked(tickets, scorer.priority.space.fields))
    fresh = rows.take(np.flatnonzero(rows.at > int(scorer.kept.filed_at.max(initial=0))))
    if not len(fresh):
        raise TrainingRefused(f"{data.spec.name}: got {len(rows)} labelled tickets, all filed before the version was "
                              "trained; expected at least one filed later")
    found = scorer.probabilities(fresh)
    scores = tempered(found, scorer.shares, scorer.temper)
    judged = evaluate_priorities(data, fresh, found, scores, scorer.thresholds, {})
    return JudgedPriorities(data.spec.name, judged, len(rows) - len(fresh))
