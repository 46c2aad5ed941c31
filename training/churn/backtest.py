"""Churn at past dates: trained on what was known then, scored then, beside what happened."""

import numpy as np
import pandas as pd

from fenzhen.errors import WorkspaceError
from fenzhen.known import as_known
from fenzhen.metrics import average_precision, expected_calibration_error, lift_at, roc_auc
from models.churn.levels import risk_levels
from models.churn.outcomes import churn_outcomes, observed_until
from models.churn.spec import ChurnSpec
from training.churn.learning import refitted
from training.churn.snapshots import snapshots
from training.churn.tables import labelled_tables
from training.family import BacktestAsk


def churn_backtest(ask: BacktestAsk) -> pd.DataFrame:
    """Return the columns of ``score`` and ``outcome`` (0, 1; None where the window ends after ``until``).

    Default ``until``: just after the last fact. Raises ``WorkspaceError`` for dates after it.
    """
    spec: ChurnSpec = ask.spec  # type: ignore[assignment]
    tables = labelled_tables(ask.workspace, spec)
    until = min(ask.until, observed_until(tables)) if ask.until is not None else observed_until(tables)
    parts = []
    for date in sorted(set(ask.dates)):
        if date >= until:
            raise WorkspaceError(f"got --as-of {date.isoformat()}, expected a date before {until.isoformat()}, where "
                                 "the facts (or --until) end")
        parts.append(_scored(spec, tables, date, until, ask.seed))
        ask.advance()
    return pd.concat(parts, ignore_index=True)


def cohort_frame(spec: ChurnSpec, entities: pd.Index, as_of: pd.Timestamp, probability: np.ndarray,
                 levels: np.ndarray) -> pd.DataFrame:
    """Return the columns of ``score``."""
    return pd.DataFrame({spec.entity: entities.to_numpy(dtype=object), "as_of": as_of.isoformat(),
                         "horizon_days": spec.settings.horizon_days, "probability": np.round(probability, 6),
                         "risk_level": levels})


def risk_summary(found: pd.DataFrame) -> dict[str, float]:
    """Return rows, AUC, average precision, lift at 10 % and ECE of the rows with an outcome.

    >>> risk_summary(pd.DataFrame({"probability": [0.9, 0.2, 0.5], "outcome": [1, 0, None]}))["roc_auc"]
    1.0
    """
    known = found[found["outcome"].notna()]
    if not len(known):
        return {"rows": 0.0}
    outcome, probability = known["outcome"].to_numpy(dtype=float), known["probability"].to_numpy(dtype=float)
    return {"rows": float(len(known)), "base_rate": float(outcome.mean()), "roc_auc": roc_auc(outcome, probability),
            "average_precision": average_precision(outcome, probability),
            "lift_at_10": lift_at(outcome, probability, 0.1), "ece": expected_calibration_error(probability, outcome)}


def _scored(spec: ChurnSpec, tables: dict[str, pd.DataFrame], date: pd.Timestamp, until: pd.Timestamp,
            seed: int) -> pd.DataFrame:
    scorer = refitted(spec, snapshots(spec, tables, date), None, seed, lambda: None)
    rows = spec.cohort(as_known(tables, date), date)
    scores = scorer.scores(rows)
    levels = risk_levels(scores, spec.capacity(len(rows)))
    found = cohort_frame(spec, rows.history.index, date, scorer.calibration.probabilities(scores), levels)
    ended = date + pd.Timedelta(days=spec.settings.horizon_days) <= until
    outcome = churn_outcomes(tables, rows.history.index, date, spec.settings)
    return found.assign(outcome=pd.Series(outcome if ended else np.nan, index=found.index).astype("Int64"))
