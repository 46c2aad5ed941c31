"""The second level of a label: which value below an already chosen one, so that both always agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from features.text.term_matrix import Lead
from features.text.ticket_text import TextBatch
from features.text.vocabulary import Vocabulary
from fenzhen.errors import ArtefactError
from models.artefact import read_json
from models.calibration import Calibrator, softmax
from models.text.linear_text import LinearText

__all__ = ["SecondLevel"]


@dataclass(frozen=True, eq=False)
class SecondLevel:
    """``values[i]`` stands below ``parents[i]``; scores of values under another parent are never looked at."""

    values: tuple[str, ...]
    parents: tuple[str, ...]
    linear: LinearText
    calibrator: Calibrator
    field: str = ""
    """The field of the taxonomy that ``values`` belong to."""

    def best(self, batch: TextBatch, parents: Sequence[str]) -> list[tuple[str, float] | None]:
        """Return for each text the likeliest value below its parent, and its probability given that parent.

        None for a parent below which no value is known.
        """
        below = np.array([[each == parent for each in self.parents] for parent in parents], dtype=bool)
        logits = self.calibrator.scale * self.linear.scores(batch) + self.calibrator.shift
        found: list[tuple[str, float] | None] = []
        for row, places in enumerate(map(np.flatnonzero, below)):
            if not len(places):
                found.append(None)
                continue
            probabilities = softmax(logits[row, places])
            best = int(probabilities.argmax())
            found.append((self.values[places[best]], float(probabilities[best])))
        return found

    def files(self) -> dict[str, Any]:
        """Return the artefact's files of this level."""
        facts = {"field": self.field, "values": self.values, "parents": self.parents, **self.calibrator.facts()}
        return {**self.linear.files("second_"), "second_level.json": facts}

    @classmethod
    def read(cls, folder: Path, vocabulary: Vocabulary, lead: Lead) -> Self:
        """Return the level from a verified folder; a vocabulary equal to the first level's is shared with it."""
        facts: Mapping[str, Any] = read_json(folder, "second_level.json")
        values, parents = tuple(facts["values"]), tuple(facts["parents"])
        linear = LinearText.read(folder, "second_", len(values), lead)
        if np.array_equal(linear.vocabulary.keys, vocabulary.keys):
            linear = replace(linear, vocabulary=vocabulary)
        if len(parents) != len(values) or not all(isinstance(each, str) for each in (*values, *parents)):
            raise ArtefactError(f"{folder / 'second_level.json'}: expected a parent for each value, all of them text")
        return cls(values, parents, linear, Calibrator.from_facts(facts, len(values)), str(facts["field"]))
