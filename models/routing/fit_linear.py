"""Fitting the linear stage: multinomial logistic regression, stopped early."""

import warnings
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.routing.linear import LinearHead

__all__ = ["fit_linear_head"]

_STRENGTH = 1.0  # scikit-learn's C
_STEPS = 25  # of L-BFGS; more of them change no ranking


def fit_linear_head(matrix: sp.csr_matrix, labels: Sequence[str] | NDArray[np.object_]) -> LinearHead:
    """Return the head fitted on term rows (tickets, terms) and their labels; one class alone is always certain."""
    classes, codes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    names = tuple(str(name) for name in classes)
    if len(names) < 2:
        return LinearHead(names, np.zeros((matrix.shape[1], len(names)), dtype=np.float32),
                          np.zeros(len(names), dtype=np.float32))
    coefficients, intercept = _fitted(matrix, codes)
    if len(names) == 2:  # scikit-learn tells the second class from the first by one column
        coefficients, intercept = np.vstack([-coefficients, coefficients]) / 2, np.append(-intercept, intercept) / 2
    return LinearHead(names, np.ascontiguousarray(coefficients.T, dtype=np.float32), intercept.astype(np.float32))


def _fitted(matrix: sp.csr_matrix, codes: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    # several threads that wait for each other's small steps take many times as long on a busy machine
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS).fit(matrix, codes)
    return model.coef_, model.intercept_
