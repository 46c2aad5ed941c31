"""The risk of one horizon: trees by component, what they make together, and calibrations.

A device fails when one of its parts does: ``any`` is 1 - Π(1 - p) of the components' forests. Where failures are left
over that no such forest stands for (components that failed too seldom, or none on record), a forest that asks whether
anything fails is averaged in, and the rare components have their share of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from fenzhen.errors import ArtefactError
from models.devices.outcomes import ANY
from models.probability_calibration import ProbabilityCalibration
from models.trees import Trees

__all__ = ["HorizonRisk", "together"]

Float64 = NDArray[np.float64]
_EDGE = 1e-9


@dataclass(frozen=True, eq=False)
class HorizonRisk:
    """``trees`` and ``calibration`` by component, ``any`` calibrated in any case; ``shares`` of those without trees."""

    horizon_days: int
    components: tuple[str, ...]
    trees: Mapping[str, Trees]
    calibration: Mapping[str, ProbabilityCalibration]
    shares: Mapping[str, float]

    def probabilities(self, matrix: Float64) -> dict[str, Float64]:
        """Return calibrated probabilities of ``any`` and every component, float64 of shape (rows,) each.

        No component is likelier to fail than anything at all.
        """
        scores = {name: trees.scores(matrix) for name, trees in self.trees.items()}
        return self.calibrated(scores)

    def calibrated(self, scores: Mapping[str, Float64]) -> dict[str, Float64]:
        """Return what :meth:`probabilities` makes of the forests' log odds."""
        own = {name: self.calibration[name].probabilities(scores[name]) for name in self.trees if name != ANY}
        whole = self.calibration[ANY].probabilities(together(scores))
        shared = {name: whole * share for name, share in self.shares.items()}
        parts = {name: own.get(name, shared.get(name, np.zeros_like(whole))) for name in self.components}
        return {ANY: np.max([whole, *parts.values()], axis=0), **parts}

    def files(self) -> dict[str, str]:
        """Return the forests' texts by file name."""
        return {self._file(number): trees.text for number, trees in enumerate(self.trees.values())}

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of the rest."""
        return {"horizon_days": self.horizon_days, "components": list(self.components), "trees": list(self.trees),
                "calibration": {name: each.facts() for name, each in self.calibration.items()},
                "shares": dict(self.shares)}

    @classmethod
    def read(cls, folder: Path, facts: Mapping[str, Any], columns: Sequence[str]) -> Self:
        """Return the risk that ``facts`` and the folder's texts describe; ``ArtefactError`` where they do not fit."""
        names = [str(name) for name in facts["trees"]]
        calibration = {str(name): ProbabilityCalibration.from_facts(each)
                       for name, each in facts["calibration"].items()}
        if {*names, ANY} != set(calibration) or not names:
            raise ArtefactError(f"{folder}: got trees of {names} and calibrations of {sorted(calibration)}")
        found = cls(int(facts["horizon_days"]), tuple(facts["components"]), {}, calibration,
                    {str(name): float(share) for name, share in facts["shares"].items()})
        texts = [(folder / found._file(number)).read_text(encoding="utf-8") for number in range(len(names))]
        trees = {name: Trees(text, tuple(columns)) for name, text in zip(names, texts, strict=True)}
        return cls(found.horizon_days, found.components, trees, calibration, found.shares)

    def _file(self, number: int) -> str:
        return f"trees_{self.horizon_days}d_{number}.txt"


def together(scores: Mapping[str, Float64]) -> Float64:
    """Return the log odds that anything fails, from those of the forests; the mean of both views where there are two.

    >>> round(float(expit(together({"pump": np.array([0.0]), "fan": np.array([0.0])}))[0]), 3)
    0.75
    >>> round(float(expit(together({"any": np.array([0.0]), "pump": np.array([0.0]), "fan": np.array([0.0])}))[0]), 3)
    0.625
    """
    views = [expit(scores[ANY])] if ANY in scores else []
    parts = [1 - expit(score) for name, score in scores.items() if name != ANY]
    if parts:
        views.append(1 - np.prod(parts, axis=0))
    found: Float64 = logit(np.clip(np.mean(views, axis=0), _EDGE, 1 - _EDGE))
    return found
