"""Routing in training: who takes a ticket, judged on the newest tickets with a growing history and a frozen fit."""

from itertools import pairwise

import numpy as np
import pandas as pd

from fenzhen.errors import TrainingRefused
from models.routing.spec import RoutingSpec
from training.backtest import LATEST, windows
from training.drift.comparison import Compared
from training.drift.tickets import compared_tickets
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, Scored
from training.routing.answers import answer_columns, rank_metrics
from training.routing.dataset import routing_dataset, routing_tables
from training.routing.judge import JudgedRouting, LearnedRouting, evaluate_version, learn
from training.routing.predict import predict
from training.routing.study import RoutingStudy


class RoutingFamily:
    """See ``training.family.Family``."""

    def learn(self, job: Job) -> LearnedRouting:
        """Judge on the newest tickets, then fit on everything known."""
        return learn(job)

    def predict(self, ask: Ask) -> pd.DataFrame:
        """Answer every row by the fit and by what the workspace's tables say had happened before it was filed."""
        return predict(ask)

    def score(self, ask: ScoreAsk) -> Scored:
        """Refuse: tickets are answered one by one."""
        raise TrainingRefused(f"{ask.spec.name} answers single tickets; use `fenzhen predict {ask.spec.name}`")

    def backtest(self, ask: BacktestAsk) -> pd.DataFrame:
        """Answer the tickets filed after each date by the fit of that date; their history keeps growing."""
        spec: RoutingSpec = ask.spec  # type: ignore[assignment]
        dataset = routing_dataset(routing_tables(ask.workspace, spec, None), spec, ask.workspace)
        until = ask.until if ask.until is not None else dataset.tickets["created_at"].max() + LATEST
        edges = [moment.timestamp() for moment in windows(ask.dates, until)]
        study = RoutingStudy(dataset, spec, edges[:-1], ask.seed)
        parts = []
        for start, end in pairwise(edges):
            parts.append(_answered(study, start, end, ask.top_k))
            ask.advance()
        return pd.concat(parts, ignore_index=True)

    def summary(self, found: pd.DataFrame, top_k: int) -> dict[str, float]:
        """Return how often the first, and one of the first, is right, and the mean reciprocal rank within ``top_k``."""
        known = found[found["outcome"] != ""]
        ranks = known[[f"rank_{place + 1}" for place in range(top_k)]].to_numpy(dtype=object)
        hits = ranks == known["outcome"].to_numpy(dtype=object)[:, None]
        place = np.where(hits.any(axis=1), hits.argmax(axis=1), -1)
        return {"rows": float(len(known)), **rank_metrics(place)}

    def evaluate(self, ask: Ask) -> JudgedRouting:
        """Judge on tickets filed after the version was trained."""
        return evaluate_version(ask)

    def drift(self, ask: DriftAsk) -> Compared:
        """Compare answers, labels and the fields that the version reads."""
        return compared_tickets(ask, self.predict, ask.scorer.read)


def _answered(study: RoutingStudy, start: float, end: float, top_k: int) -> pd.DataFrame:
    fit, answered = study.fit(start), study.answered(start, end)
    rows = answered.rows
    found = answer_columns(
        study.spec.entity, study.dataset.tickets["ticket_id"].to_numpy(dtype=object)[rows.tickets], rows.who,
        fit.confidence.probabilities(answered.scores), study.candidates, fit.thresholds, top_k,
    )
    return found.assign(outcome=study.dataset.labels[rows.tickets])


FAMILY = RoutingFamily()
