"""The text-label model as it is served: n-grams to calibrated probabilities, reasons and warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.text.segment import Segmenter
from features.text.ticket_text import BODY_LIMIT, SUBJECT_LIMIT, TextBatch, Texts, in_chunks, text_batch
from models.answer_frame import answer_frame
from models.artefact import write_artefact
from models.calibration import Calibrator
from models.decision import decide
from models.policy import Policy
from models.registered import Registered
from models.text.fingerprints import FINGERPRINTS
from models.text.golden import GOLDEN_TICKETS
from models.text.linear_text import Float64, LinearText
from models.text.reasons import Reason, text_reasons
from models.text.second_level import SecondLevel
from models.thresholds import Thresholds

__all__ = ["TextLabelScorer"]

_FAMILIAR = 0.5
"""A ticket of which the model knows a smaller share of the letters is in an unknown language."""
_CHUNK = 2_000


@dataclass(frozen=True, eq=False)
class TextLabelScorer(Registered):
    """Calibrated probabilities over ``classes``; ``second`` refines a class where the model has a second level."""

    classes: tuple[str, ...]
    linear: LinearText
    calibrator: Calibrator
    thresholds: Thresholds
    segmenter: Segmenter
    second: SecondLevel | None = None
    fingerprints: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    """Hashes of the texts that the model was fitted on, see ``models.text.fingerprints``."""

    @property
    def second_field(self) -> str:
        """The field of the taxonomy that the second level's values belong to, empty without one."""
        return self.second.field if self.second else ""

    def probabilities(
        self, subjects: Texts, bodies: Texts, *, segmented: bool = False,
    ) -> tuple[Float64, list[tuple[str, ...]]]:
        """Return float64 of shape (tickets, classes), rows summing to 1, and each ticket's warnings.

        ``segmented`` says that white space already marks the words. Warnings are ``empty_text``,
        ``unknown_language``, ``subject_truncated``, ``body_truncated`` and, of a model that has seen few labels,
        ``few_labels``.
        """
        batches = (
            text_batch(*chunk, self.segmenter, segmented=segmented) for chunk in in_chunks(subjects, bodies, _CHUNK)
        )
        parts = [self.score_batch(batch) for batch in batches]
        scores = np.concatenate([part for part, _ in parts]) if parts else np.zeros((0, len(self.classes)))
        familiarity = np.concatenate([part for _, part in parts]) if parts else np.zeros(0)
        warnings = [
            self._warnings(subject, body, share)
            for subject, body, share in zip(subjects, bodies, familiarity, strict=True)
        ]
        return scores, warnings

    def familiarity(self, subjects: Texts, bodies: Texts, *, segmented: bool = False) -> Float64:
        """Return the share of each ticket's letters that the model knows, 0 to 1; -1 where there is no text."""
        batches = (
            text_batch(*chunk, self.segmenter, segmented=segmented) for chunk in in_chunks(subjects, bodies, _CHUNK)
        )
        parts = [self.score_batch(batch)[1] for batch in batches]
        return np.concatenate(parts) if parts else np.zeros(0)

    def score_batch(self, batch: TextBatch) -> tuple[Float64, Float64]:
        """Return probabilities (texts, classes) and familiarity (texts,); -1 where a text has no characters."""
        scores, familiarity = self.linear.scores_and_familiarity(batch)
        empty = np.diff(batch.text_starts) == 0
        return self.calibrator.probabilities(scores), np.where(empty, -1.0, familiarity)

    def explain(self, subject: str | None, body: str | None, value: str, limit: int = 5) -> list[Reason]:
        """Return the spans of the original text that spoke most for ``value``, the weightiest first.

        A weight is in log-odds against the average of the other classes. A value that is no class has no reasons.
        The spans of one ticket are distinct; equal weights stand in reading order.
        """
        if value not in self.classes:
            return []
        return text_reasons(
            self.linear, self.calibrator.scale, self.classes.index(value), subject, body, self.segmenter, limit
        )

    def second_level(self, subject: str | None, body: str | None, value: str) -> tuple[str, float] | None:
        """Return the likeliest value below ``value`` and its probability given ``value``; None where none is known."""
        return self.second_levels([subject], [body], [value])[0]

    def second_levels(
        self, subjects: Texts, bodies: Texts, values: Sequence[str], *, segmented: bool = False,
    ) -> list[tuple[str, float] | None]:
        """Return :meth:`second_level` of each text, given its own value."""
        if self.second is None or not len(values):
            return [None] * len(values)
        return self.second.best(text_batch(subjects, bodies, self.segmenter, segmented=segmented), values)

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return prediction, confidence and decision of each row by the model alone: no taxonomy, no rules.

        ``rows`` have ``subject`` and ``body``, either of which may be missing; order and index are kept, and an empty
        prediction abstains.
        """
        answers = decide(self, Policy(), _texts(rows, "subject"), _texts(rows, "body"), top_k=1, mode="auto")
        return answer_frame(answers, rows.index)

    def _warnings(self, subject: str | None, body: str | None, familiarity: float) -> tuple[str, ...]:
        found = ["few_labels"] if self.manifest.get("few_labels") else []
        if familiarity < _FAMILIAR:
            found.append("empty_text" if familiarity < 0 else "unknown_language")
        if subject and len(subject) > SUBJECT_LIMIT:
            found.append("subject_truncated")
        if body and len(body) > BODY_LIMIT:
            found.append("body_truncated")
        return tuple(found)

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> str:
        """Write the artefact with golden outputs; return its manifest's SHA-256."""
        golden, _ = self.probabilities(*_golden_texts())
        files = {
            **self.linear.files(), "calibration.json": self.calibrator.facts(),
            "golden.json": {"tickets": GOLDEN_TICKETS, "probabilities": golden.tolist()},
            "user_words.txt": "".join(f"{word}\n" for word in self.segmenter.user_words),
            FINGERPRINTS: self.fingerprints, **(self.second.files() if self.second else {}),
        }
        facts = {
            "family": "text_label", "classes": list(self.classes), "thresholds": self.thresholds,
            "segmenter": self.segmenter.describe(), "second_level": self.second is not None,
            "lead": {"characters": self.linear.lead.characters, "weight": self.linear.lead.weight},
        }
        return write_artefact(folder, files, {**manifest, **facts})


def _texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column as texts; a missing column and a missing cell are None."""
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(cell) else str(cell) for cell in frame[name]]


def _golden_texts() -> tuple[Sequence[str | None], Sequence[str | None]]:
    return [subject for subject, _ in GOLDEN_TICKETS], [body for _, body in GOLDEN_TICKETS]
