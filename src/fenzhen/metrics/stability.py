"""Do two samples look alike: the population stability index, and how large chance alone makes it."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

HALF_A_ROW = 0.5


def population_stability_index(reference: ArrayLike, recent: ArrayLike) -> float:
    """Return the sum over bins of (p - q) ln(p / q), where p and q are the two samples' shares of each bin.

    Both are counts over the same bins. Half a row is added to each bin, so that an empty one counts as rare and not as
    impossible. 0 for equal counts and for fewer than two bins; the order of the samples does not matter. It says how
    far shares moved, not whether answers became worse, and grows with the number of bins: see :func:`psi_by_chance`.
    Raises ``ValueError`` for other shapes or negative counts.

    >>> round(population_stability_index([5000, 5000], [8000, 2000]), 2)
    0.42
    >>> population_stability_index([7, 3], [7, 3]), population_stability_index([10], [99])
    (0.0, 0.0)
    """
    return float(psi_by_bin(reference, recent).sum())


def psi_by_bin(reference: ArrayLike, recent: ArrayLike) -> NDArray[np.float64]:
    """Return what each bin adds to :func:`population_stability_index`, never below 0.

    >>> psi_by_bin([50, 40, 10], [50, 10, 40]).argmin()
    np.int64(0)
    """
    first, second = np.asarray(reference, dtype=np.float64), np.asarray(recent, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1 or (first < 0).any() or (second < 0).any():
        raise ValueError(f"got counts of shapes {first.shape} and {second.shape}, expected two equal lists, none below "
                         "0")
    p, q = ((counts + HALF_A_ROW) / (counts + HALF_A_ROW).sum() for counts in (first, second))
    found: NDArray[np.float64] = (p - q) * np.log(p / q)
    return found


def psi_by_chance(bins: int, reference_rows: int, recent_rows: int) -> float:
    """Return the index to be expected of two random samples of one distribution: (bins - 1) (1/n + 1/m).

    The index of such samples is about 1/n + 1/m times a chi-squared number with bins - 1 degrees of freedom (Yurdakul
    2018, Statistical properties of the population stability index, Western Michigan University). Rows are taken to be
    independent: where one customer sends many, chance does more than this.

    >>> psi_by_chance(10, 100, 100)
    0.18
    """
    return (bins - 1) * (1 / reference_rows + 1 / recent_rows)


def psi_chance_limit(bins: int, reference_rows: int, recent_rows: int, exceeded: float = 0.01) -> float:
    """Return the index that a share ``exceeded`` of pairs of random samples of one distribution goes beyond.

    The quantile of chi-squared is Wilson and Hilferty's (1931), right to five percent. 0 for fewer than two bins.

    >>> round(psi_chance_limit(10, 100, 100), 2), psi_chance_limit(1, 100, 100)
    (0.43, 0.0)
    """
    freedom = bins - 1
    if freedom < 1:
        return 0.0
    step = 2 / (9 * freedom)
    quantile = freedom * (1 - step + NormalDist().inv_cdf(1 - exceeded) * step**0.5) ** 3
    return float(quantile * (1 / reference_rows + 1 / recent_rows))
