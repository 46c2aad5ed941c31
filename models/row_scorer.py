"""LightGBM's scores of a handful of rows, as one ticket's candidates are.

``Booster.predict`` reads its parameters anew at each call and checks what kind of table it was given; on ten rows that
takes longer than the trees do. LightGBM's C interface has a call for single rows whose parameters are read once
(``LGBM_BoosterPredictForMatSingleRowFast``), with the same numbers; its Python package has no door to that but the
library itself.
"""

import ctypes
import threading
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_ROWS", "RowScorer"]

Float64 = NDArray[np.float64]
MOST_ROWS = 24
"""More rows than that are better given to ``Booster.predict``."""
_DOUBLE, _RAW_SCORE, _ALL_TREES = 1, 1, -1  # as LightGBM's c_api.h has them


class RowScorer:
    """Scores at most ``MOST_ROWS`` rows of ``features`` numbers; one thread at a time works, others wait."""

    def __init__(self, booster: Any, features: int) -> None:
        from lightgbm.basic import _LIB

        self._booster = booster  # the handles below are good for as long as it lives
        self._predict = _LIB.LGBM_BoosterPredictForMatSingleRowFast
        self._last_error = _LIB.LGBM_GetLastError
        self._last_error.restype = ctypes.c_char_p
        self._handle = ctypes.c_void_p()
        self._check(_LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
            booster._handle, _RAW_SCORE, 0, _ALL_TREES, _DOUBLE, ctypes.c_int32(features), b"num_threads=1",
            ctypes.byref(self._handle)))
        weakref.finalize(self, _LIB.LGBM_FastConfigFree, self._handle)
        self._rows, self._scores = np.zeros((MOST_ROWS, features)), np.zeros(MOST_ROWS)
        self._length = ctypes.byref(ctypes.c_int64())
        self._places = [(ctypes.c_void_p(self._rows[row:].ctypes.data), ctypes.c_void_p(self._scores[row:].ctypes.data))
                        for row in range(MOST_ROWS)]
        self._working = threading.Lock()

    def scores(self, matrix: Float64) -> Float64:
        """Return raw scores, float64 of shape (rows,)."""
        size = len(matrix)
        with self._working:
            self._rows[:size] = matrix
            for row, score in self._places[:size]:
                self._check(self._predict(self._handle, row, self._length, score))
            return self._scores[:size].copy()

    def _check(self, code: int) -> None:
        if code:
            raise RuntimeError(f"LightGBM: {self._last_error().decode(errors='replace')}")
