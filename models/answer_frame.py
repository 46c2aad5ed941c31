"""Answers as the table that MLflow serves."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

__all__ = ["answer_frame"]


class Told(Protocol):
    """What is told of one ticket."""

    @property
    def value(self) -> str | None:
        """The prediction; None when abstaining."""

    @property
    def confidence(self) -> float | None:
        """Of the best value; None without any."""

    @property
    def decision(self) -> str:
        """``auto``, ``suggest`` or ``abstain``."""


def answer_frame(answers: Sequence[Told], index: pd.Index) -> pd.DataFrame:
    """Return prediction (empty when abstaining), confidence (float64, NaN without any) and decision of each answer."""
    return pd.DataFrame({
        "prediction": [answer.value or "" for answer in answers],
        "confidence": np.array([answer.confidence for answer in answers], dtype=np.float64),
        "decision": [answer.decision for answer in answers],
    }, index=index)
