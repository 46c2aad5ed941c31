"""Simulated tickets and scorers fitted on them."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import numpy as np
import pandas as pd

from features.text.segment import Segmenter
from fenzhen.simulate import fresh_tickets
from models.text.examples import Examples
from models.text.fit import Folds, TextLabelFitting
from models.text.fit_linear import LinearSettings
from models.text.scorer import TextLabelScorer
from models.thresholds import TargetPrecision

SEGMENTER = Segmenter()
IDENTITY = {"model": "ticket_category", "field": "category"}


def objects(values: Sequence[object]) -> np.ndarray:
    """Return an object array with one entry a value, whatever the values are."""
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def examples_of(
    bodies: Sequence[str | None], labels: Sequence[str], second: Sequence[str | None] | None = None,
) -> Examples:
    """Return tickets without subjects and times."""
    count = len(labels)
    return Examples(
        ids=objects([f"T{row}" for row in range(count)]), subjects=objects([None] * count), bodies=objects(bodies),
        labels=objects(labels), second=objects(second if second is not None else [None] * count), created_at=None,
        resolved_at=None, slices=pd.DataFrame(index=range(count)),
    )


@cache
def simulated(count: int, seed: int) -> Examples:
    """Return tickets of the made-up company with category and subcategory as they truly are."""
    rows = fresh_tickets(seed, count, datetime(2026, 1, 1))
    found = examples_of(
        [row["ticket"]["body"] for row in rows], [row["truth"]["category"] for row in rows],
        [row["truth"]["subcategory"] for row in rows],
    )
    found.subjects[:] = [row["ticket"]["subject"] for row in rows]
    return found


def folds_of(count: int, parts: int = 3, seed: int = 0) -> Folds:
    """Deal rows to folds."""
    fold = np.random.default_rng(seed).integers(0, parts, count)
    return [(np.flatnonzero(fold != part), np.flatnonzero(fold == part)) for part in range(parts)]


def fitting(seed: int = 0, second_field: str = "subcategory") -> TextLabelFitting:
    """Return how the scorers of the tests are learnt."""
    return TextLabelFitting(
        IDENTITY, SEGMENTER, LinearSettings(), TargetPrecision(), seed, lambda: None, second_field=second_field
    )


@cache
def simulated_scorer() -> TextLabelScorer:
    """Return a scorer of categories and subcategories, learnt from 1,500 simulated tickets."""
    return fitting().scorer(simulated(1_500, seed=1), folds_of(1_500))
