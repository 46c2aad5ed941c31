"""Failures of the past by the signals that preceded them, to be found again by whoever looks like them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError
from models.devices.outcomes import ANY

__all__ = ["PastFailures"]

Float64 = NDArray[np.float64]
MOST_FAILURES = 500
LEAST_SIMILARITY = 0.5


@dataclass(frozen=True, eq=False)
class PastFailures:
    """The newest failures: ``device_id``, ``at`` (ISO 8601) and ``component`` of each, and the weight that each signal
    had just before it (rows, signals)."""

    device_id: tuple[str, ...]
    at: tuple[str, ...]
    component: tuple[str, ...]
    weights: Float64

    @classmethod
    def of(cls, failures: pd.DataFrame, weights: Float64) -> Self:
        """Return the newest of ``failures`` (device_id, at, component), a row of weights each."""
        newest = np.argsort(failures["at"].to_numpy(), kind="stable")[::-1][:MOST_FAILURES]
        chosen = failures.iloc[newest]
        return cls(tuple(map(str, chosen["device_id"])), tuple(moment.isoformat() for moment in chosen["at"]),
                   tuple(map(str, chosen["component"])), np.round(weights[newest], 4))

    def similar(self, component: str, weights: Float64, most: int = 3) -> list[dict[str, Any]]:
        """Return past failures of a component (``any``: of all) whose signals weighed alike, the most similar first.

        Similarity is the cosine of the weights, from ``LEAST_SIMILARITY`` to 1.
        """
        length = np.linalg.norm(self.weights, axis=1) * np.linalg.norm(weights)
        cosine = (self.weights @ weights) / np.maximum(length, 1e-12)
        order = [row for row in np.argsort(-cosine, kind="stable").tolist() if cosine[row] >= LEAST_SIMILARITY
                 and component in (ANY, self.component[row])]
        return [{"device_id": self.device_id[row], "at": self.at[row], "component": self.component[row],
                 "similarity": round(float(cosine[row]), 3)} for row in order[:most]]

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of them."""
        return {"device_id": list(self.device_id), "at": list(self.at), "component": list(self.component),
                "weights": self.weights.tolist()}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], signals: Sequence[Any]) -> Self:
        """Return what ``facts`` said; ``ArtefactError`` where the parts are not of one length."""
        weights = np.asarray(facts["weights"], dtype=np.float64).reshape(-1, len(signals))
        columns = [tuple(map(str, facts[name])) for name in ("device_id", "at", "component")]
        if any(len(column) != len(weights) for column in columns) or not np.isfinite(weights).all():
            raise ArtefactError(f"got {[len(column) for column in columns]} past failures with {len(weights)} weights")
        return cls(columns[0], columns[1], columns[2], weights)
