"""Answers for raw rows of customers, as the columns that ``predict`` promises."""

import numpy as np
import pandas as pd

from fenzhen.known import as_known
from fenzhen.tables import conform
from models.churn.outcomes import has_time, observed_until
from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec
from training.churn.question import refuse_another_question
from training.churn.tables import churn_tables
from training.family import Ask

VALUES = ("0", "1")


def churn_answers(ask: Ask) -> pd.DataFrame:
    """Return one row a customer, in order: id, prediction ("1": leaves), confidence, decision, ranks, then the risk.

    What the workspace's other tables know of these customers counts, up to their newest fact. ``decision`` is always
    ``suggest``: a person decides. ``probability`` and ``risk_level`` (by the limits found in training) follow the
    promised columns. A column of ``customer_context`` or ``customer_numbers`` that the rows lack is missing in each.
    Raises ``TrainingRefused`` for a version trained for another question, and for such a column that the workspace's
    own customers lack as well.
    """
    spec: ChurnSpec = ask.spec  # type: ignore[assignment]
    scorer: ChurnScorer = ask.scorer
    refuse_another_question(spec, scorer)
    tables = {**churn_tables(ask.workspace, spec), spec.table: conform(spec.table, ask.rows)}
    as_of = observed_until(tables) if has_time(tables) else pd.Timestamp.now(tz="UTC")
    known = as_known(tables, as_of)
    customers = pd.Index(ask.rows[spec.entity].astype(object))
    unique = customers.drop_duplicates()
    found = pd.Series(scorer.probabilities(spec.rows(known, as_of, unique)), index=unique)
    probability = found.reindex(customers).to_numpy(dtype=np.float64)
    ask.advance(len(customers))
    return _columns(spec.entity, customers, probability, scorer, ask.top_k)


def _columns(entity: str, customers: pd.Index, probability: np.ndarray, scorer: ChurnScorer,
             top_k: int) -> pd.DataFrame:
    leaves = probability >= 0.5
    best, other = np.where(leaves, *VALUES[::-1]), np.where(leaves, *VALUES)
    confidence = np.maximum(probability, 1 - probability)
    ranks, shares = [best, other], [confidence, 1 - confidence]
    empty, nothing = np.full(len(customers), "", dtype=object), np.full(len(customers), np.nan)
    columns = {entity: customers.to_numpy(dtype=object), "prediction": best, "confidence": np.round(confidence, 6),
               "decision": "suggest"}
    columns |= {f"rank_{place + 1}": ranks[place] if place < 2 else empty for place in range(top_k)}
    columns |= {f"confidence_{place + 1}": np.round(shares[place], 6) if place < 2 else nothing
                for place in range(top_k)}
    return pd.DataFrame({**columns, "probability": np.round(probability, 6), "risk_level": scorer.levels(probability)})
