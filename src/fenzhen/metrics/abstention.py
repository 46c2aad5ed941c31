"""What answering less buys: coverage at a precision, the risk-coverage curve, and how sure a precision is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics.calibration import checked


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The curve from the most confident row on; three float64 arrays of one length, a point per distinct confidence."""

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Mean risk over coverage from 0 to 1 (AURC, lower is better); NaN without rows."""
        return float(np.sum(np.diff(self.coverage, prepend=0.0) * self.risk)) if self.risk.size else float("nan")


def risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Return share answered (coverage) and share wrong among the answered (risk) as the threshold falls.

    Rows of equal confidence are answered together. Risk is not the error rate of the rows left out
    (El-Yaniv & Wiener 2010, JMLR 11:1605).

    >>> curve = risk_coverage([0.9, 0.8, 0.8], [1, 1, 0])
    >>> curve.coverage.round(2).tolist(), curve.risk.round(2).tolist(), curve.threshold.tolist()
    ([0.33, 1.0], [0.0, 0.33], [0.9, 0.8])
    """
    confidences, hits = checked(confidence, correct)
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), ranked.size - 1) if ranked.size else np.empty(0, int)
    answered = last + 1.0
    right = np.cumsum(hits[order])[last]
    return RiskCoverage(answered / max(ranked.size, 1), 1.0 - right / answered, ranked[last])


def coverage_at_precision(confidence: ArrayLike, correct: ArrayLike, precision: float) -> float:
    """Return the largest share of rows that can be answered, most confident first, at a precision ≥ ``precision``.

    0 if no threshold reaches it, NaN for no rows. The threshold is chosen on these very rows, so it is what a perfect
    choice would give: not what a threshold fixed beforehand will keep on others.

    >>> coverage_at_precision([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 0.75)
    1.0
    >>> coverage_at_precision([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 0.9)
    0.5
    >>> coverage_at_precision([0.9, 0.8], [0, 1], 0.9)
    0.0
    """
    if not 0 < precision <= 1:
        raise ValueError(f"got precision={precision}, expected more than 0 and at most 1")
    curve = risk_coverage(confidence, correct)
    if not curve.risk.size:
        return float("nan")
    reached = curve.coverage[curve.risk <= 1 - precision + 1e-12]
    return float(reached.max()) if reached.size else 0.0


def wilson_lower(successes: float, n: float, z: float = 1.96) -> float:
    """Return the lower end of Wilson's score interval of a proportion; 0 for no trials.

    With z = 1.96 the true proportion lies below it in about 2.5 % of samples. Unlike successes / n it does not trust
    three of three; unlike the normal interval it never falls below 0 (Wilson 1927, JASA 22:209).

    >>> round(wilson_lower(3, 3), 3), round(wilson_lower(300, 300), 3), wilson_lower(0, 0)
    (0.438, 0.987, 0.0)
    """
    if not 0 <= successes <= n:
        raise ValueError(f"got {successes} successes of {n}, expected between 0 and n")
    if n == 0:
        return 0.0
    share, square = successes / n, z * z
    centre = share + square / (2 * n)
    spread = z * float(np.sqrt(share * (1 - share) / n + square / (4 * n * n)))
    return max(0.0, (centre - spread) / (1 + square / n))
