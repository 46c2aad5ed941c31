"""Gradient-boosted trees as data: fitted, kept as LightGBM's text, scored, with contributions by group.

A contribution is what the decisions on a row's path add to the log odds (``models.leaf_paths``), credited to the group
of the feature decided on. The credit of every leaf is computed once; a million rows then cost a look-up each, where
exact Shapley values take milliseconds a row. Contributions and base add up to the score exactly.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse
import scipy.special
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError
from models.leaf_paths import LeafPaths
from models.row_scorer import MOST_ROWS, RowScorer

__all__ = ["TreeSettings", "Trees", "fit_forests", "fit_trees"]

Float64 = NDArray[np.float64]
_CHUNK = 50_000
_MANY_ROWS = 50_000
"""Rows from which on two threads are quicker than one."""


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """What LightGBM is told; ``minimum_rows`` and ``minimum_weight`` (of the log loss' curvature) hold for a leaf,
    ``minimum_gain`` (of the log loss) for a decision.

    ``row_share`` and ``feature_share`` are drawn anew for each tree; ``extra`` draws thresholds by lot.
    """

    rounds: int = 200
    learning_rate: float = 0.03
    leaves: int = 15
    depth: int = -1
    minimum_rows: int = 40
    minimum_weight: float = 1e-3
    row_share: float = 0.8
    feature_share: float = 0.5
    l2: float = 10.0
    smoothing: float = 0.0
    extra: bool = False
    minimum_gain: float = 0.0

    def parameters(self, seed: int) -> dict[str, Any]:
        """Return LightGBM's parameters: one answer per seed, whatever the number of threads."""
        return {
            "objective": "binary", "verbosity": -1, "seed": seed, "deterministic": True, "force_row_wise": True,
            "num_threads": 1, "learning_rate": self.learning_rate, "num_leaves": self.leaves,
            "max_depth": self.depth, "min_data_in_leaf": self.minimum_rows,
            "min_sum_hessian_in_leaf": self.minimum_weight,
            "bagging_fraction": self.row_share, "bagging_freq": 1, "feature_fraction": self.feature_share,
            "lambda_l2": self.l2, "path_smooth": self.smoothing, "extra_trees": self.extra,
            "min_gain_to_split": self.minimum_gain,
        }

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of them."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Trees:
    """A fitted forest: ``text`` is LightGBM's model file, ``names`` are its features in the matrix's order.

    Raises ``ArtefactError`` when first used if the text is no such model or of other features.
    """

    text: str
    names: tuple[str, ...]

    @cached_property
    def booster(self) -> Any:
        """LightGBM's own reading of the text."""
        import lightgbm

        try:
            booster = lightgbm.Booster(model_str=self.text)
        except lightgbm.basic.LightGBMError as error:
            raise ArtefactError(f"got trees that LightGBM cannot read: {error}") from error
        if booster.num_feature() != len(self.names):
            raise ArtefactError(f"got trees of {booster.num_feature()} features, expected {len(self.names)}")
        return booster

    @cached_property
    def _rows(self) -> RowScorer:
        """The quicker way for a ticket's candidates."""
        return RowScorer(self.booster, len(self.names))

    @cached_property
    def paths(self) -> LeafPaths:
        """What each decision adds, leaf by leaf."""
        return LeafPaths.read(self.text, len(self.names))

    def scores(self, matrix: Float64) -> Float64:
        """Return log odds, float64 of shape (rows,); NaN cells are missing values."""
        if 0 < len(matrix) <= MOST_ROWS and matrix.shape[1] == len(self.names):
            return self._rows.scores(matrix)
        found = self.booster.predict(matrix, raw_score=True, num_threads=_threads_for(len(matrix)))
        scores: Float64 = np.asarray(found, dtype=np.float64)
        return scores

    def probabilities(self, matrix: Float64) -> Float64:
        """Return uncalibrated probabilities, float64 of shape (rows,)."""
        probabilities: Float64 = scipy.special.expit(self.scores(matrix))
        return probabilities

    def contributions(self, matrix: Float64, group: Sequence[int] | None = None) -> Float64:
        """Return log odds by group of features, float64 of shape (rows, groups); see the module.

        ``group`` is the group's number of each feature in order (default: each its own), from 0.
        """
        member = np.arange(len(self.names)) if group is None else np.asarray(group, dtype=np.int64)
        table = self.paths.by_group(member)
        parts = [self._looked_up(matrix[start:start + _CHUNK], table) for start in range(0, len(matrix), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros((0, table.shape[1]))

    @property
    def base(self) -> float:
        """The log odds that contributions start from: the mean over the rows that the trees were fitted on."""
        return self.paths.base

    def _looked_up(self, matrix: Float64, table: Float64) -> Float64:
        found = self.booster.predict(matrix, pred_leaf=True, num_threads=_threads_for(len(matrix)))
        leaves = np.asarray(found, dtype=np.int64).reshape(len(matrix), -1) + self.paths.first_leaf[:-1]
        starts = np.arange(len(matrix) + 1) * leaves.shape[1]
        chosen = scipy.sparse.csr_array((np.ones(leaves.size), leaves.ravel(), starts), (len(matrix), len(table)))
        added: Float64 = np.asarray(chosen @ table)
        return added


def _threads_for(rows: int) -> int:
    """Return how many threads pay: on few rows they wait for each other longer than they work."""
    return 2 if rows >= _MANY_ROWS else 1


def fit_trees(matrix: Float64, outcome: Float64, names: Sequence[str], settings: TreeSettings, seed: int,
              weights: Float64 | None = None) -> Trees:
    """Return trees fitted on float64 (rows, features) and outcomes 0 or 1; deterministic by ``seed``.

    Names may be of any language: LightGBM is shown numbers in their place.
    """
    return fit_forests(matrix, {"": outcome}, names, settings, seed, weights)[""]


def fit_forests(matrix: Float64, outcomes: Mapping[str, Float64], names: Sequence[str], settings: TreeSettings,
                seed: int, weights: Float64 | None = None,
                advance: Callable[[], None] = lambda: None) -> dict[str, Trees]:
    """Return :func:`fit_trees` of several outcomes of the same rows, whose features are read once."""
    import lightgbm

    for outcome in outcomes.values():
        if matrix.shape != (len(outcome), len(names)):
            raise ValueError(f"got a matrix of shape {matrix.shape}, expected {(len(outcome), len(names))}")
    parameters = {**settings.parameters(seed), "num_threads": _threads_for(len(matrix))}
    data, forests = None, {}
    for name, outcome in outcomes.items():
        if data is None:
            data = lightgbm.Dataset(matrix, outcome, weight=weights, params={"verbosity": -1}, free_raw_data=False)
        else:
            data.set_label(outcome)
        forests[name] = Trees(lightgbm.train(parameters, data, settings.rounds).model_to_string(), tuple(names))
        advance()
    return forests
