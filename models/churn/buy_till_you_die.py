"""Buy till you die: how likely a customer is still active, from the number of orders and their first and last day only.

The BG/NBD model of Fader, Hardie & Lee 2005 ("Counting your customers" the easy way, Marketing Science 24:275): while
active, orders come at a customer's own rate, gamma distributed over customers; after each order the customer leaves
with a probability of their own, beta distributed. It learns from orders alone, no outcome needed.

Its likelihood is maximised here with SciPy: ``lifetimes`` is archived, its successor ``btyd`` has not had a release
since 2022 and pins old pandas, ``pymc-marketing`` brings PyMC and PyTensor along. The paper's own numbers are the test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError

__all__ = ["WEEK", "BuyTillYouDie", "fit_buy_till_you_die"]

Float64 = NDArray[np.float64]
WEEK = 7.0
_PULL = 20.0
"""How many customers' log likelihood the mean squared logarithm weighs, against running off to infinity on few."""


@dataclass(frozen=True, slots=True)
class BuyTillYouDie:
    """``rate`` and ``scale`` shape the order rates a week (r, alpha), ``leave`` and ``stay`` the beta (a, b)."""

    rate: float
    scale: float
    leave: float
    stay: float

    def alive(self, repeats: Float64, last: Float64, age: Float64) -> Float64:
        """Return the probability of being active: ``repeats`` orders after the first, the last one at week ``last``.

        ``age`` is weeks from the first order to now; a customer without repeats counts as active for certain, as the
        model has it.
        """
        with np.errstate(divide="ignore", over="ignore"):
            odds = (self.leave / (self.stay + repeats - 1)) * np.exp(
                (self.rate + repeats) * np.log((self.scale + age) / (self.scale + last)))
        found: Float64 = np.where(repeats > 0, 1 / (1 + odds), 1.0)
        return found

    def silent(self, repeats: Float64, last: Float64, age: Float64, horizon: Float64 | float) -> Float64:
        """Return the probability of no order in the next ``horizon`` weeks: gone, or active and not ordering."""
        idle = ((self.scale + age) / (self.scale + age + horizon)) ** (self.rate + repeats)
        found: Float64 = 1 - self.alive(repeats, last, age) * (1 - idle)
        return found

    def expected(self, repeats: Float64, last: Float64, age: Float64, horizon: Float64 | float) -> Float64:
        """Return the expected number of orders in the next ``horizon`` weeks (equation 10 of the paper)."""
        r, alpha, a, b = self.rate, self.scale, self.leave, self.stay
        later = alpha + age + horizon
        series = scipy.special.hyp2f1(r + repeats, b + repeats, a + b + repeats - 1, horizon / later)
        shrunk = 1 - ((alpha + age) / later) ** (r + repeats) * series
        found: Float64 = (a + b + repeats - 1) / (a - 1) * shrunk * self.alive(repeats, last, age)
        return found

    def facts(self) -> dict[str, float]:
        """Return what JSON can say of it."""
        return {"rate": self.rate, "scale": self.scale, "leave": self.leave, "stay": self.stay}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return what ``facts`` said; ``ArtefactError`` for anything but positive numbers."""
        values = [float(facts[name]) for name in ("rate", "scale", "leave", "stay")]
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ArtefactError(f"got the order model {values}, expected four positive numbers")
        return cls(*values)


def fit_buy_till_you_die(repeats: Float64, last: Float64, age: Float64) -> BuyTillYouDie:
    """Return the model of greatest likelihood; arrays as in :meth:`BuyTillYouDie.alive`, one entry a customer.

    Logarithms of the four numbers are pulled slightly towards 0.
    """
    x, tx, t = (np.asarray(each, dtype=np.float64) for each in (repeats, last, age))
    found = scipy.optimize.minimize(_loss, np.zeros(4), (x, tx, t, x > 0), method="L-BFGS-B", bounds=[(-7, 7)] * 4)
    rate, scale, leave, stay = np.exp(found.x).tolist()
    return BuyTillYouDie(rate, scale, leave, stay)


def _loss(logarithms: Float64, x: Float64, tx: Float64, t: Float64, repeated: NDArray[np.bool_]) -> float:
    r, alpha, a, b = np.exp(logarithms)
    gammaln, betaln = scipy.special.gammaln, scipy.special.betaln
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    idle = betaln(a, b + x) - (r + x) * np.log(alpha + t)
    gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx)
    likelihood = shared + np.where(repeated, np.logaddexp(idle, gone), idle)
    return float(-likelihood.mean() + _PULL / x.size * np.mean(logarithms**2))
