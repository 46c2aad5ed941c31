"""Fitting the second stage: LightGBM's LambdaRank over what the candidates of past tickets had done before."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fenzhen.errors import TrainingRefused
from models.routing.rows import RoutingRows
from models.trees import Trees

__all__ = ["RankSettings", "fit_rank_trees", "places"]

Int64 = NDArray[np.int64]
_FEW_TICKETS = 3_000


@dataclass(frozen=True, slots=True)
class RankSettings:
    """What LightGBM is told; chosen on incidents and helpdesk before the judged windows.

    Many more rounds at a lower rate rank no better there, and every answer would have to walk them.
    """

    rounds: int = 80
    learning_rate: float = 0.12
    leaves: int = 15
    minimum_rows: int = 30
    feature_share: float = 0.4
    row_share: float = 0.8
    l2: float = 5.0

    @classmethod
    def for_tickets(cls, tickets: int) -> Self:
        """Return what suits so many past tickets: few of them allow only coarse trees."""
        return cls(rounds=60, learning_rate=0.05, leaves=7, minimum_rows=100) if tickets < _FEW_TICKETS else cls()

    def parameters(self, seed: int) -> dict[str, Any]:
        """Return LightGBM's parameters: one answer per seed, on one thread."""
        return {
            "objective": "lambdarank", "lambdarank_truncation_level": 10, "verbosity": -1, "seed": seed,
            "deterministic": True, "force_row_wise": True, "num_threads": 1, "max_bin": 63,
            "learning_rate": self.learning_rate, "num_leaves": self.leaves, "min_data_in_leaf": self.minimum_rows,
            "feature_fraction": self.feature_share, "bagging_fraction": self.row_share, "bagging_freq": 1,
            "lambda_l2": self.l2,
        }


def places(rows: RoutingRows, label: Int64) -> Int64:
    """Return the place of each ticket's ``label`` (a candidate's code) among its candidates, -1 where it is not there.

    A label below 0 is unknown and found nowhere.
    """
    hits = (rows.who == label[:, None]) & (label >= 0)[:, None]
    return np.where(hits.any(axis=1), hits.argmax(axis=1), -1)


def fit_rank_trees(
    rows: RoutingRows, place: Int64, names: tuple[str, ...], seed: int = 0, settings: RankSettings | None = None,
) -> Trees:
    """Return trees that rank the candidate at ``place`` above the others of its ticket.

    Tickets without one teach nothing. Raises ``TrainingRefused`` where nobody's candidate is among those looked at.
    """
    import lightgbm

    told = np.flatnonzero(place >= 0)
    if not len(told):
        raise TrainingRefused("got no past ticket whose group or person had done anything before, expected some: "
                              "give ticket_events, or tickets over a longer time")
    wanted = settings or RankSettings.for_tickets(len(told))
    learnt = rows.take(told)
    somebody = learnt.who >= 0
    right = (np.arange(somebody.shape[1]) == place[told][:, None])[somebody].astype(np.int64)
    data = lightgbm.Dataset(learnt.matrix[somebody.ravel()], right, group=somebody.sum(axis=1))
    return Trees(lightgbm.train(wanted.parameters(seed), data, wanted.rounds).model_to_string(), names)
