"""Fitting the risk of device failures: forests by component on sampled rows, calibrated on rows they have not seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.devices.outcomes import ANY
from models.devices.risk import HorizonRisk, together
from models.probability_calibration import fit_probability_calibration
from models.trees import Trees, TreeSettings, fit_forests

__all__ = ["TREES", "DeviceExamples", "DeviceFitting"]

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
TREES = TreeSettings(rounds=300, learning_rate=0.02, leaves=16, minimum_rows=20, row_share=1.0, l2=1.0,
                     feature_share=0.4)
"""Chosen on April, May and June 2015 of the machines, each with a fit on what lay before it."""
GAIN_A_DAY, LEAST_GAIN = 30 / 7, 15.0
"""What a decision has to gain, for each day of the horizon (as many rows tell of one and the same failure), and at
least: the best of some thousand decisions about nothing gains nearly that much."""
FEW_FAILURES = 30
"""Rows before a failure that a component needs for trees of its own (a failure has one a day of the horizon)."""
COVERED = 0.98
"""From this share of all rows before failures on the components' forests suffice for ``any``."""
MOST_ROWS = 200_000
"""Rows without failures beyond these are sampled; each kept one stands for several, so that the base rate stays."""
FOLDS = 3


@dataclass(frozen=True, eq=False)
class DeviceExamples:
    """Float32 ``features`` (rows, columns), the outcomes of each horizon (``models.devices.outcomes``) and devices."""

    features: pd.DataFrame
    outcomes: Mapping[int, pd.DataFrame]
    devices: Ints

    def take(self, rows: Any) -> "DeviceExamples":
        """Return the examples at these positions."""
        outcomes = {horizon: frame.iloc[rows] for horizon, frame in self.outcomes.items()}
        return DeviceExamples(self.features.iloc[rows], outcomes, self.devices[rows])


@dataclass(frozen=True, eq=False)
class DeviceFitting:
    """Fits every horizon; ``advance`` ticks after each forest."""

    components: Sequence[str]
    seed: int
    advance: Callable[[], None] = lambda: None
    trees: TreeSettings = TREES

    def fit(self, examples: DeviceExamples, held_out: DeviceExamples | None = None) -> dict[int, HorizonRisk]:
        """Return the risks by horizon; calibrated on ``held_out``, without it on rows that folds of devices hold out.

        There have to be rows of both outcomes.
        """
        found = {}
        for horizon in examples.outcomes:
            scores = self.out_of_fold(examples, horizon) if held_out is None else None
            found[horizon] = self.horizon(examples, horizon, scores, held_out)
        return found

    def out_of_fold(self, examples: DeviceExamples, horizon: int) -> dict[str, Float64]:
        """Return the log odds of every row by forests fitted on other devices."""
        names = self._learnable(examples.outcomes[horizon])
        found = {name: np.full(len(examples.devices), np.nan) for name in names}
        part = np.random.default_rng(self.seed).permutation(int(examples.devices.max()) + 1)[examples.devices] % FOLDS
        for number in np.unique(part):
            others = np.flatnonzero(part == number)
            matrix = _matrix(examples.features.iloc[others])
            forests = self._forests(examples.take(np.flatnonzero(part != number)), horizon, names)
            for name in names:
                found[name][others] = forests[name].scores(matrix)
        return found

    def horizon(self, examples: DeviceExamples, horizon: int, scores: Mapping[str, Float64] | None,
                held_out: DeviceExamples | None = None) -> HorizonRisk:
        """Return the risk of a horizon, calibrated on the examples' ``scores`` out of fold or on ``held_out``."""
        names = self._learnable(examples.outcomes[horizon])
        forests = self._forests(examples, horizon, names)
        outcomes = examples.outcomes[horizon]
        if held_out is not None:
            matrix, outcomes = _matrix(held_out.features), held_out.outcomes[horizon]
            scores = {name: trees.scores(matrix) for name, trees in forests.items()}
        if scores is None:
            raise ValueError("got neither scores out of fold nor rows held out, expected one of them")
        calibration = {name: _calibration(scores[name], outcomes[name]) for name in names if name != ANY}
        calibration[ANY] = _calibration(together(scores), outcomes[ANY])
        whole = max(float(np.nansum(examples.outcomes[horizon][ANY])), 1.0)
        shares = {name: float(np.nansum(examples.outcomes[horizon][name]) / whole)
                  for name in self.components if name not in names}
        return HorizonRisk(horizon, tuple(self.components), forests, calibration, shares)

    def _learnable(self, outcomes: pd.DataFrame) -> list[str]:
        found = [name for name in self.components if np.nansum(outcomes[name]) >= FEW_FAILURES]
        failed = (outcomes[ANY] == 1).to_numpy()
        covered = (outcomes[found].fillna(0).to_numpy() > 0).any(axis=1) & failed
        return found if found and covered.sum() >= COVERED * failed.sum() else [ANY, *found]

    def _forests(self, examples: DeviceExamples, horizon: int, names: Sequence[str]) -> dict[str, Trees]:
        outcomes = examples.outcomes[horizon]
        rows, weights = _sampled(outcomes, self.seed)
        matrix, columns = _matrix(examples.features.iloc[rows]), [str(name) for name in examples.features.columns]
        fitted = {name: _fitted_outcome(outcomes, name).to_numpy()[rows] for name in names}
        settings = replace(self.trees, minimum_gain=max(LEAST_GAIN, GAIN_A_DAY * horizon))
        return fit_forests(matrix, fitted, columns, settings, self.seed, weights, self.advance)


def _fitted_outcome(outcomes: pd.DataFrame, name: str) -> pd.Series:
    """Return a component's outcome with planned replacements as survivals, for as long as they were watched they were.

    Leaving them out would make the days before a service look dangerous: only those that fail there would be left.
    """
    return outcomes[name].where(outcomes[name].notna() | outcomes[ANY].isna(), 0.0)


def _calibration(scores: Float64, outcomes: pd.Series) -> Any:
    known = outcomes.notna().to_numpy() & np.isfinite(scores)
    return fit_probability_calibration(scores[known], outcomes.to_numpy()[known], "platt")


def _sampled(outcomes: pd.DataFrame, seed: int) -> tuple[Ints, Float64]:
    """Return the positions of rows with a known outcome, and how many rows each stands for."""
    known = outcomes[ANY].notna().to_numpy()
    failed = known & (outcomes.fillna(0).to_numpy() > 0).any(axis=1)
    rest = np.flatnonzero(known & ~failed)
    if rest.size <= MOST_ROWS:
        rows = np.flatnonzero(known)
        return rows, np.ones(rows.size)
    drawn = np.random.default_rng(seed).choice(rest, MOST_ROWS, replace=False)
    rows = np.sort(np.concatenate([np.flatnonzero(failed), drawn]))
    return rows, np.where(failed[rows], 1.0, rest.size / MOST_ROWS)


def _matrix(features: pd.DataFrame) -> Float64:
    return features.to_numpy(dtype=np.float64)
