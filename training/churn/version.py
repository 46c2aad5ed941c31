"""A registered churn version on the newest cohort whose window has ended since it was trained."""

import pandas as pd

from fenzhen.errors import TrainingRefused
from fenzhen.known import as_known
from models.churn.details import value_of
from models.churn.levels import risk_levels
from models.churn.outcomes import churn_outcomes, has_time, observed_until
from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec
from training.churn.question import refuse_another_question
from training.churn.tables import churn_tables
from training.family import Ask
from training.risk.evaluation import evaluate_risk
from training.risk.screen import RiskShown


def evaluate_version(ask: Ask) -> RiskShown:
    """Return the judgement of a version; ``TrainingRefused`` while there is no cohort that it was not fitted on
    and for a version trained for another question."""
    spec: ChurnSpec = ask.spec  # type: ignore[assignment]
    scorer: ChurnScorer = ask.scorer
    refuse_another_question(spec, scorer)
    tables = churn_tables(ask.workspace, spec)
    if not has_time(tables):
        raise TrainingRefused(f"{spec.name}: nothing has a time, so the version was fitted on every row; its report "
                              "says how it did out of fold")
    date = observed_until(tables) - pd.Timedelta(days=spec.settings.horizon_days)
    if date <= (newest := pd.Timestamp(scorer.manifest["newest_snapshot"])):
        raise TrainingRefused(f"{spec.name}: the version was fitted on windows from {newest.date()} on and the newest "
                              f"window that has ended is from {date.date()}; expected a later one")
    rows = spec.cohort(as_known(tables, date), date)
    scores, outcome = scorer.scores(rows), churn_outcomes(tables, rows.history.index, date, spec.settings)
    capacity = spec.capacity(len(rows))
    recency = rows.history["days_since_last"].fillna(rows.history["days_since_last"].max())
    baselines = {"recency": recency.to_numpy()} if recency.notna().all() else {}
    return RiskShown(spec.name, evaluate_risk(
        outcome, scorer.calibration.probabilities(scores), rows.history.index.to_numpy(), capacity=capacity,
        baselines=baselines, levels=risk_levels(scores, capacity), value=value_of(rows)))
