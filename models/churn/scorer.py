"""The churn model as it is used: customers' rows to calibrated probabilities and what moved them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.customer_history import COLUMNS
from models.artefact import write_artefact
from models.churn.columns import SHARE
from models.churn.encoder import ChurnEncoder, CustomerRows
from models.churn.linear_odds import LinearOdds
from models.probability_calibration import ProbabilityCalibration
from models.registered import Registered
from models.trees import Trees

__all__ = ["ChurnScorer", "ChurnWeights", "Forest", "rows_of"]

Float64 = NDArray[np.float64]
TREES_SHARE = 1 / 2
"""The trees' log odds weigh as much as the linear model's: no share was clearly better before the tests."""


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees that were grown on outcomes of one part of the horizon, and are asked about that part."""

    share: float
    trees: Trees


@dataclass(frozen=True, eq=False)
class ChurnWeights:
    """What is fitted: the mean of several forests' log odds, blended with a linear model's by ``TREES_SHARE``."""

    encoder: ChurnEncoder
    forests: tuple[Forest, ...]
    linear: LinearOdds

    def scores(self, rows: CustomerRows) -> Float64:
        """Return uncalibrated log odds, float64 of shape (rows,)."""
        matrices = self._matrices(rows)
        trees = np.mean([forest.trees.scores(matrices[forest.share]) for forest in self.forests], axis=0)
        found: Float64 = TREES_SHARE * trees + (1 - TREES_SHARE) * self.linear.scores(matrices[1.0])
        return found

    def contributions(self, rows: CustomerRows) -> Float64:
        """Return what each group of ``encoder.meanings`` adds to the score, float64 of shape (rows, groups)."""
        matrices, group = self._matrices(rows), self.encoder.group
        trees = np.mean([forest.trees.contributions(matrices[forest.share], group) for forest in self.forests], axis=0)
        linear = self.linear.contributions(matrices[1.0], group, len(self.encoder.meanings))
        found: Float64 = TREES_SHARE * trees + (1 - TREES_SHARE) * linear
        return found

    def _matrices(self, rows: CustomerRows) -> dict[float, Float64]:
        shares = {1.0, *(forest.share for forest in self.forests)}
        return {share: self.encoder.matrix(rows.asked(share)) for share in shares}


@dataclass(frozen=True, eq=False)
class ChurnScorer(Registered):
    """Probabilities of leaving within the horizon; ``limits`` are the levels' lowest probabilities in training."""

    weights: ChurnWeights
    calibration: ProbabilityCalibration
    limits: Mapping[str, float]

    @property
    def horizon_days(self) -> int:
        """How far ahead a probability looks."""
        return self.weights.encoder.horizon_days

    def scores(self, rows: CustomerRows) -> Float64:
        """Return uncalibrated log odds, float64 of shape (rows,): they rank more finely than probabilities."""
        return self.weights.scores(rows)

    def probabilities(self, rows: CustomerRows) -> Float64:
        """Return calibrated probabilities, float64 of shape (rows,)."""
        return self.calibration.probabilities(self.scores(rows))

    def contributions(self, rows: CustomerRows) -> Float64:
        """Return log odds by group of meaning, float64 of shape (rows, groups)."""
        return self.weights.contributions(rows)

    def levels(self, probabilities: Float64) -> NDArray[np.object_]:
        """Return high, medium or low by the limits found in training, for rows that are no whole cohort."""
        found = np.where(probabilities >= self.limits["medium"], "medium", "low").astype(object)
        found[probabilities >= self.limits["high"]] = "high"
        return found

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return ``probability`` and ``risk_level`` for a frame of the history's columns, categories and numbers."""
        probability = self.probabilities(rows_of(rows, self.weights.encoder))
        return pd.DataFrame({"probability": probability, "risk_level": self.levels(probability)}, index=rows.index)

    def save(self, folder: Path, manifest: Mapping[str, Any], golden: CustomerRows) -> None:
        """Write the artefact; ``golden`` are rows whose probabilities a reader must reproduce."""
        weights = self.weights
        trees = {f"trees_{place}.txt": forest.trees.text for place, forest in enumerate(weights.forests)}
        cases = {"history": _records(golden.history), "categories": _records(golden.categories),
                 "numbers": _records(golden.numbers), "probabilities": self.probabilities(golden).tolist()}
        write_artefact(folder, {
            **trees, "encoder.json": weights.encoder.facts(), "linear.json": weights.linear.facts(),
            "calibration.json": self.calibration.facts(), "golden.json": cases,
        }, {**manifest, "family": "churn", "forests": [forest.share for forest in weights.forests],
            "limits": dict(self.limits)})


def rows_of(frame: pd.DataFrame, encoder: ChurnEncoder) -> CustomerRows:
    """Return a frame's columns as customers' rows; what it lacks is missing."""
    def numeric(names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame({name: pd.to_numeric(frame[name], errors="coerce") if name in frame.columns else np.nan
                             for name in names}, index=frame.index, dtype="float64")

    texts = pd.DataFrame({name: frame[name] if name in frame.columns else None for name in encoder.levels},
                         index=frame.index, dtype=object)
    own = [name for name in encoder.numbers if name != SHARE]
    return CustomerRows(numeric(COLUMNS), texts.where(texts.notna(), None), numeric(own)).asked(1.0)


def _records(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame by column, NaN as None."""
    return {str(name): [None if pd.isna(value) else value for value in frame[name].tolist()] for name in frame.columns}
