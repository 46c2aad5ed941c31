"""Customers as of two moments, as a churn version sees them."""

from dataclasses import replace

import pandas as pd

from fenzhen.known import as_known
from models.churn.columns import SHARE
from models.churn.outcomes import observed_until
from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec
from training.churn.question import refuse_another_question
from training.churn.tables import churn_tables
from training.drift.comparison import Compared
from training.drift.windows import compared_cohorts
from training.family import DriftAsk

__all__ = ["compared_customers"]

GROWING = frozenset({"days_since_first", "customer_days", "devices", "devices_days_median", "orders_all",
                     "value_sum_all", "products_all", "kinds_all", "returns_all", "return_amount_all"})
"""Ages, and sums over a customer's whole history: they grow with every day that the same customers stay."""


def compared_customers(ask: DriftAsk) -> Compared:
    """Return the columns that the version reads and its ``probability``, of the cohort at both moments.

    Ages, and sums over all time decide nothing, nor do probabilities as of a date that the version was fitted on.
    Raises ``TrainingRefused`` for a version of another question and for cohorts that are too small.
    """
    spec: ChurnSpec = ask.spec  # type: ignore[assignment]
    scorer: ChurnScorer = ask.scorer
    refuse_another_question(spec, scorer)
    tables, encoder = churn_tables(ask.workspace, spec), scorer.weights.encoder

    def seen(moment: pd.Timestamp) -> pd.DataFrame:
        rows = spec.cohort(as_known(tables, moment), moment)
        ask.advance(len(rows))
        columns = [rows.history[list(encoder.columns)], rows.categories[list(encoder.levels)],
                   rows.numbers[[name for name in encoder.numbers if name != SHARE]]]
        return pd.concat(columns, axis=1).assign(probability=scorer.probabilities(rows))

    found = compared_cohorts(ask, observed_until(tables), seen)
    by_itself = dict.fromkeys(sorted(GROWING & set(encoder.columns)), "grows with time")
    if found.spans[0].until <= pd.Timestamp(scorer.manifest["newest_snapshot"]):
        by_itself["probability"] = "the version was fitted on the reference"
    return replace(found, kinds={"probability": "answer"}, by_itself=by_itself)
