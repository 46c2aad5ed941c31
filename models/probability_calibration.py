"""From a risk's score to a probability that can be believed, written out as numbers.

``platt`` is a sigmoid with slope and shift (Platt 1999) and needs few rows; ``isotonic`` a rising step function with
straight lines between its steps (Zadrozny & Elkan 2002), for many. Both are fitted on rows that the score was not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import ArrayLike, NDArray

from fenzhen.errors import ArtefactError

__all__ = ["ProbabilityCalibration", "fit_probability_calibration", "fit_smooth_calibration"]

Float64 = NDArray[np.float64]
Kind = Literal["platt", "isotonic"]
ENOUGH_FOR_ISOTONIC = 1_000
"""Rows that happened, and that did not, from which on the step function is trusted."""
SMOOTH_KNOTS = 200
_KINDS = ("platt", "isotonic")


@dataclass(frozen=True, eq=False)
class ProbabilityCalibration:
    """``platt``: ``x`` holds slope and shift; ``isotonic``: probabilities ``y`` at rising scores ``x``."""

    kind: Kind
    x: Float64
    y: Float64

    def probabilities(self, scores: ArrayLike) -> Float64:
        """Return float64 of the scores' shape, within (0, 1); a higher score never has a lower probability."""
        values = np.asarray(scores, dtype=np.float64)
        if self.kind == "platt":
            found: Float64 = scipy.special.expit(self.x[0] * values + self.x[1])
            return found
        return np.interp(values, self.x, self.y)

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"kind": self.kind, "x": self.x.tolist(), "y": self.y.tolist()}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return what ``facts`` said; ``ArtefactError`` for anything that is no rising calibration.

        >>> ProbabilityCalibration.from_facts({"kind": "platt", "x": [-1.0, 0.0], "y": []})
        Traceback (most recent call last):
        ...
        fenzhen.errors.ArtefactError: got the calibration 'platt' with x [-1.0, 0.0] and y [], ... rising ...
        """
        kind = facts["kind"]
        x, y = np.asarray(facts["x"], dtype=np.float64), np.asarray(facts["y"], dtype=np.float64)
        if not (kind in _KINDS and np.isfinite(x).all() and np.isfinite(y).all() and _rising(kind, x, y)):
            raise ArtefactError(f"got the calibration {kind!r} with x {x.tolist()[:5]} and y {y.tolist()[:5]}, "
                                "expected finite numbers of a rising curve")
        return cls(kind, x, y)


def fit_probability_calibration(scores: ArrayLike, outcome: ArrayLike, kind: Kind | None = None,
                                weights: ArrayLike | None = None) -> ProbabilityCalibration:
    """Return the calibration of held-out scores (log odds) with outcomes 0 or 1.

    ``kind`` None takes the step function where ``ENOUGH_FOR_ISOTONIC`` rows of both outcomes are there. With one
    outcome only, the sigmoid says almost it, never certainty.

    >>> fitted = fit_probability_calibration([-1.0, -1.0, 1.0, 1.0], [0, 0, 1, 1])
    >>> fitted.kind, [round(float(p), 2) for p in fitted.probabilities([-1.0, 1.0])]
    ('platt', [0.25, 0.75])
    """
    values, happened = np.asarray(scores, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if values.shape != happened.shape or values.ndim != 1 or not values.size:
        raise ValueError(f"got {values.shape} scores and {happened.shape} outcomes, expected one a row and a row")
    drawn = np.ones(values.size) if weights is None else np.asarray(weights, dtype=np.float64)
    rarer = min(happened.sum(), values.size - happened.sum())
    chosen = kind or ("isotonic" if rarer >= ENOUGH_FOR_ISOTONIC else "platt")
    return _isotonic(values, happened, drawn) if chosen == "isotonic" else _platt(values, happened, drawn)


def fit_smooth_calibration(scores: ArrayLike, outcome: ArrayLike,
                           weights: ArrayLike | None = None) -> ProbabilityCalibration:
    """Return a strictly rising calibration: the mean of sigmoid and step function, if there is enough for the latter.

    A step function gives neighbours the same probability, which costs rank order; the sigmoid alone cannot bend.

    >>> fit_smooth_calibration([-1.0, -1.0, 1.0, 1.0], [0, 0, 1, 1]).kind
    'platt'
    """
    sigmoid = fit_probability_calibration(scores, outcome, "platt", weights)
    steps = fit_probability_calibration(scores, outcome, None, weights)
    if steps.kind == "platt":
        return sigmoid
    values = np.asarray(scores, dtype=np.float64)
    inner = np.unique(np.quantile(values, np.linspace(0, 1, SMOOTH_KNOTS)))
    width = inner[-1] - inner[0] + 1
    x = np.concatenate([inner[0] - width * np.arange(4, 0, -1) / 4, inner, inner[-1] + width * np.arange(1, 5) / 4])
    return ProbabilityCalibration("isotonic", x, (sigmoid.probabilities(x) + steps.probabilities(x)) / 2)


def _platt(scores: Float64, happened: Float64, weights: Float64) -> ProbabilityCalibration:
    """Targets are pulled inwards as if one more row of each outcome had been seen (Platt 1999)."""
    positive, negative = weights @ happened, weights @ (1 - happened)
    targets = np.where(happened == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(parameters: Float64) -> tuple[float, Float64]:
        logits = parameters[0] * scores + parameters[1]
        error = weights * (scipy.special.expit(logits) - targets)
        value = weights @ (np.logaddexp(0, logits) - targets * logits)
        return float(value), np.array([error @ scores, error.sum()])

    found = scipy.optimize.minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B",
                                    bounds=[(1e-3, None), (None, None)])
    return ProbabilityCalibration("platt", np.asarray(found.x, dtype=np.float64), np.zeros(0))


def _isotonic(scores: Float64, happened: Float64, weights: Float64) -> ProbabilityCalibration:
    """Each step is a knot at its rows' mean score; ends are pulled inwards as if half a row more had been seen."""
    order = np.argsort(scores, kind="stable")
    fitted = scipy.optimize.isotonic_regression(happened[order], weights=weights[order])
    step = np.cumsum(np.diff(fitted.x, prepend=fitted.x[0]) > 0)
    size = np.bincount(step, weights[order])
    x = np.bincount(step, (scores * weights)[order]) / size
    y = (np.bincount(step, (happened * weights)[order]) + 0.5) / (size + 1)
    kept = np.flatnonzero(np.diff(x, prepend=-np.inf) > 0)
    return ProbabilityCalibration("isotonic", x[kept], np.maximum.accumulate(y[kept]))


def _rising(kind: str, x: Float64, y: Float64) -> bool:
    if kind == "platt":
        return bool(x.shape == (2,) and not y.size and x[0] > 0)
    rises = x.size > 0 and x.shape == y.shape and (np.diff(x) > 0).all() and (np.diff(y) >= 0).all()
    return bool(rises and y.min() > 0 and y.max() < 1)
