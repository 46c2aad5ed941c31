"""The second level of a label: which value below an already chosen one, so that both always agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from features.term_matrix import Lead
from features.ticket_text import TextBatch
from features.vocabulary import Vocabulary
from models.artefact import read_array, read_json
from models.calibration import Calibrator, softmax
from models.linear_text import LinearText

__all__ = ["SecondLevel"]


@dataclass(frozen=True, eq=False)
class SecondLevel:
    """``values[i]`` stands below ``parents[i]``; scores of values under another parent are never looked at."""

    values: tuple[str, ...]
    parents: tuple[str, ...]
    linear: LinearText
    calibrator: Calibrator

    def best(self, batch: TextBatch, parent: str) -> tuple[str, float] | None:
        """Return the likeliest value below ``parent`` for a batch of one text, and its probability given ``parent``."""
        below = [index for index, each in enumerate(self.parents) if each == parent]
        if not below:
            return None
        logits = (self.calibrator.scale * self.linear.scores(batch) + self.calibrator.shift)[0, below]
        probabilities = softmax(logits)
        best = int(probabilities.argmax())
        return self.values[below[best]], float(probabilities[best])

    def files(self) -> dict[str, Any]:
        """Return the artefact's files of this level."""
        levels = {"values": self.values, "parents": self.parents}
        calibration = {"scale": self.calibrator.scale, "shift": self.calibrator.shift.tolist()}
        return {
            "second_weights.npy": self.linear.weights, "second_intercept.npy": self.linear.intercept,
            "second_norm_weights.npy": self.linear.norm_weights, "second_keys.npy": self.linear.vocabulary.keys,
            "second_level.json": {**levels, **calibration},
        }

    @classmethod
    def read(cls, folder: Path, vocabulary: Vocabulary, lead: Lead) -> Self:
        """Return the level from a verified folder; a vocabulary equal to the first level's is shared with it."""
        facts: Mapping[str, Any] = read_json(folder, "second_level.json")
        names = ("keys", "norm_weights", "weights", "intercept")
        keys, norms, weights, intercept = (read_array(folder, f"second_{name}.npy") for name in names)
        own = vocabulary if np.array_equal(keys, vocabulary.keys) else Vocabulary(keys)
        linear = LinearText(own, norms, weights, np.asarray(intercept), lead)
        calibrator = Calibrator(facts["scale"], np.asarray(facts["shift"], dtype=np.float64))
        return cls(tuple(facts["values"]), tuple(facts["parents"]), linear, calibrator)
